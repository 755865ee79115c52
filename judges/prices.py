"""What tokens cost, by a dated table. What is not in it is unknown, which is never 0."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from judges.judgement import ConfigurationError, Usage

DATED = "2026-11"  # on-demand list prices in us-east-1; JUDGE_PRICES overrides them

# Source: Amazon Bedrock's pricing page, as quoted in convo-lang's bedrock-pricing.md (2025-07: Nova, Claude 3.5) and by
# public price guides of 2026 (Claude 4 and 4.5). Claude's regional profiles are quoted a tenth above the global ones
# given here. Models for which no such quotation was found are left out.


@dataclass(frozen=True, slots=True)
class Price:
    """Hold US dollars per million tokens."""

    read: float
    write: float
    cached: float
    cache_write: float


# Read and write; a cached token is read for a tenth, and written into the cache for a quarter more (Amazon's own
# models: a quarter of the price, and nothing more).
_CLAUDE = {
    "anthropic.claude-haiku-4-5": (1.00, 5.00),
    "anthropic.claude-sonnet-4": (3.00, 15.00),
    "anthropic.claude-3-5-haiku": (0.80, 4.00),
}
_NOVA = {
    "amazon.nova-micro": (0.035, 0.14),
    "amazon.nova-lite": (0.06, 0.24),
    "amazon.nova-pro": (0.80, 3.20),
}
_TABLE = {name: Price(read, write, read / 10, read * 1.25) for name, (read, write) in _CLAUDE.items()} | {
    name: Price(read, write, read / 4, read) for name, (read, write) in _NOVA.items()
}
_REGION = re.compile(r"^(?:us|us-gov|eu|apac|ap|jp|au|ca|sa|me|global)\.")


def price(model: str) -> Price | None:
    """Find the price of a model.

    Args:
        model: A model id, the id of an inference profile, or an ARN that ends in one of them.

    Returns:
        None where it is not known, as for an application's own inference profile.

    Raises:
        ConfigurationError: JUDGE_PRICES is not `read,write` or `read,write,cached,cache_write`.

    Example:
        >>> price("us.amazon.nova-lite-v1:0").write
        0.24
    """
    told = os.environ.get("JUDGE_PRICES", "").strip()
    if told:
        return _told(told)
    name = _REGION.sub("", model.rsplit("/", 1)[-1])
    return next((price for prefix, price in _TABLE.items() if name.startswith(prefix)), None)


def _told(text: str) -> Price:
    try:
        read, write, *cache = (float(part) for part in text.split(","))
        cached, cache_write = cache or (read, read)
    except ValueError:
        raise ConfigurationError(f"JUDGE_PRICES must be 2 or 4 numbers, not {text[:60]!r}") from None
    return Price(read, write, cached, cache_write)


def cost(model: str, usage: Usage) -> float | None:
    """Give what a usage cost in US dollars; None where the price is not known."""
    known = price(model)
    if known is None:
        return None
    return (
        usage.input_tokens * known.read
        + usage.output_tokens * known.write
        + usage.cached_tokens * known.cached
        + usage.written_tokens * known.cache_write
    ) / 1e6
