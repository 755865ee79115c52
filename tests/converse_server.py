"""A stand-in for Bedrock's Converse over a real socket, as moody as it is told to be.

In a test: `with ConverseServer(Plan(latency_s=0.1)) as server: ... server.url, server.requests`.
By hand: `python -m tests.converse_server --port 8765 --requests-per-s 12`, then GET /stats tells what it served.

Its judge is simple and open: an answer that says `(worth N)` is worth N; else one with a question is worth 9, one that
sends the user off to a ticket 2, any other 5.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self
from urllib.parse import unquote

from tests.moods import CUT, MALFORMED, NO_OUTPUT, RESET, STALL, TORN, Mood, Plan

ERRORS = {
    "ThrottlingException": (429, "Too many requests, please wait before trying again."),
    "ModelNotReadyException": (429, "The model is not ready."),
    "ModelTimeoutException": (408, "The model took too long."),
    "ModelErrorException": (424, "The model failed."),
    "InternalServerException": (500, "Something broke."),
    "ServiceUnavailableException": (503, "Come back later."),
    "ValidationException": (400, "The request is malformed."),
    "AccessDeniedException": (403, "You may not."),
    "ResourceNotFoundException": (404, "No such model."),
}


@dataclass
class Answer:
    """Hold one HTTP answer: what a test's script or the server's judge sends."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float | None = None
    fault: str = ""


def error(name: str, message: str = "", **more: object) -> Answer:
    """Make one of Bedrock's errors."""
    status, words = ERRORS[name]
    return Answer({"message": message or words, **more}, status, {"x-amzn-errortype": name})


def tool_reply(given: object, stop: str = "tool_use", name: str = "submit_score", usage: object = None) -> Answer:
    """Make a reply that calls the tool."""
    return content_reply([{"toolUse": {"toolUseId": "t1", "name": name, "input": given}}], stop, usage)


def text_reply(text: str, stop: str = "end_turn") -> Answer:
    """Make a reply of text."""
    return content_reply([{"text": text}], stop)


def content_reply(content: object, stop: str, usage: object = None) -> Answer:
    """Make a reply of any content blocks."""
    counted = usage or {"inputTokens": 700, "outputTokens": 60, "totalTokens": 760}
    return Answer(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": stop,
            "usage": counted,
            "metrics": {"latencyMs": 1},
        }
    )


def as_converse(body: Mapping[str, Any]) -> dict[str, Any]:
    """Write an OpenAI-compatible request as the Converse request that asks the same."""
    system, user = (message["content"] for message in body["messages"])
    inference = {name: body[key] for key, name in (("max_tokens", "maxTokens"), ("temperature",) * 2) if key in body}
    written: dict[str, Any] = {
        "system": [{"text": system}],
        "messages": [{"role": "user", "content": [{"text": user}]}],
        "inferenceConfig": inference,
    }
    if "response_format" in body:
        written["outputConfig"] = body["response_format"]
    if "tools" in body:
        function = dict(body["tools"][0]["function"])
        choice = {"any": {}} if body["tool_choice"] == "required" else {"tool": body["tool_choice"]["function"]}
        written["toolConfig"] = {"tools": [{"toolSpec": function}], "toolChoice": choice}
    return written


_FINISH = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length", "content_filtered": "content_filter"}


def as_openai(answer: Answer) -> Answer:
    """Write a Converse answer as an OpenAI-compatible server would give it."""
    if answer.status != 200 or not isinstance(answer.body, dict) or not answer.body.get("output"):
        return answer
    blocks = answer.body["output"]["message"]["content"]
    uses = [block["toolUse"] for block in blocks if "toolUse" in block]
    calls = [
        {"id": "c1", "type": "function", "function": {"name": use["name"], "arguments": json.dumps(use["input"])}}
        for use in uses
    ]
    text = "\n".join(block["text"] for block in blocks if "text" in block)
    message = {"role": "assistant", "content": text or None, **({"tool_calls": calls} if calls else {})}
    stop = answer.body["stopReason"]
    usage = {"prompt_tokens": 700, "completion_tokens": 60, "prompt_tokens_details": {"cached_tokens": 500}}
    choice = {"index": 0, "finish_reason": _FINISH.get(stop, stop), "message": message}
    return replace(answer, body={"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})


def sample_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read the sample out of a Converse request: the JSON object after the first line of the last text."""
    text = body["messages"][-1]["content"][0]["text"]
    read: dict[str, Any] = json.loads(text.split("\n", 1)[1])
    return read


def simple_judge(body: Mapping[str, Any]) -> Answer:
    """Judge a request as the module's docstring says, in the form that it asks for."""
    answer = sample_in(body)["answer"]
    worth = re.search(r"\(worth ([0-9.]+)\)", answer)
    score = float(worth[1]) if worth else 9 if "?" in answer else 2 if "ticket" in answer else 5
    given: dict[str, Any] = {
        "rationale": "as the stand-in judges",
        "score": int(score) if score == int(score) else score,
    }
    tools = body.get("toolConfig", {}).get("tools", [])
    name = tools[0]["toolSpec"]["name"] if tools else ""
    if name == "submit_scores" or (not tools and "# Criteria" in body["system"][0]["text"]):
        names = re.findall(r"^- ([a-z0-9_]+) \(", body["system"][0]["text"].split("# Criteria")[1], re.MULTILINE)
        given = {"criteria": [{"name": criterion, **given} for criterion in names]}
    return tool_reply(given, name=name) if tools else text_reply(json.dumps(given))


def refusal(body: Mapping[str, Any], refuses: tuple[str, ...]) -> Answer | None:
    """Answer what a model answers that does not take a part of the request."""
    config = body.get("toolConfig", {})
    spec = config.get("tools", [{}])[0].get("toolSpec", {})
    present = {
        "strict": "strict" in spec,
        "tool": "tool" in config.get("toolChoice", {}),
        "any": bool(config),
        "schema": "outputConfig" in body,
        "temperature": "temperature" in body.get("inferenceConfig", {}),
        "cache": any("cachePoint" in block for block in body.get("system", [])),
        "metadata": "requestMetadata" in body,
    }
    words = {
        "strict": "toolConfig.tools.0.toolSpec.strict: Extra inputs are not permitted",
        "tool": "This model doesn't support the toolConfig.toolChoice.tool field.",
        "any": "This model doesn't support tool use.",
        "schema": "This model doesn't support the outputConfig field.",
        "temperature": "`temperature` is deprecated for this model.",
        "cache": "This model does not support prompt caching.",
        "metadata": "requestMetadata is not supported.",
    }
    for part in refuses:
        if present[part]:
            return error("ValidationException", words[part])
    return None


async def _ended(exchanges: set[asyncio.Task[None]]) -> None:
    await asyncio.gather(*exchanges, return_exceptions=True)


@dataclass
class Seen:
    """Hold one request as it came."""

    model: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float


class ConverseServer:
    """Serve Converse on a free port of the loopback, in a thread of its own.

    Args:
        plan: How it behaves.
        judge: Request body -> Answer; the simple judge without it.
        script: Answers for the first requests, whatever they ask.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        plan: Plan | None = None,
        judge: Callable[[Mapping[str, Any]], Answer] = simple_judge,
        script: list[Answer] | None = None,
        port: int = 0,
    ) -> None:
        self.judge, self.script, self._port = judge, deque(script or []), port
        self.requests: list[Seen] = []
        self.served: Counter[str]
        self.busy: list[float]
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self.set_plan(plan or Plan())

    def set_plan(self, plan: Plan) -> None:
        """Change how it behaves, and start its random numbers and quotas anew."""
        self.plan, self._mood = plan, Mood(plan, time.monotonic())
        self.served, self.busy, self.connections = Counter(), [], 0
        self.requests.clear()

    @property
    def url(self) -> str:
        """What a client is pointed at."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self.serve, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def serve(self, ready: threading.Event) -> None:
        """Serve until the loop is stopped."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self._port))
        self._port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            self._loop.run_forever()
        finally:
            for listening in server.sockets:
                self._loop.remove_reader(listening.fileno())
            # What was accepted last begins before the server is closed: else nobody closes its socket.
            self._loop.run_until_complete(asyncio.sleep(0.02))
            server.close()
            exchanges = asyncio.all_tasks(self._loop)
            for task in exchanges:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait_for(_ended(exchanges), 5))
            self._loop.run_until_complete(asyncio.sleep(0.01))  # for sockets to be closed
            self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ", 2)
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest) if name}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if method == "GET" and path == "/stats":
            return await self._send(writer, Answer(self.stats()))
        if method == "POST" and path == "/plan":
            told: dict[str, Any] = json.loads(raw)
            self.set_plan(Plan(**{**told, "refuses": tuple(told.get("refuses", ()))}))
            return await self._send(writer, Answer(asdict(self.plan)))
        match = re.fullmatch(r"/model/([^/]+)/converse", path)
        openai = path == "/v1/chat/completions"
        if method != "POST" or not (match or openai):
            return await self._send(writer, Answer({"message": "unknown operation"}, 404))
        body = json.loads(raw)
        self.requests.append(Seen(unquote(match[1]) if match else body["model"], body, headers, time.monotonic()))
        answer = self._answer(as_converse(body) if openai else body, len(raw))
        if openai:
            answer = as_openai(answer)
        self.served[answer.fault or f"{answer.headers.get('x-amzn-errortype', answer.status)}"] += 1
        return await self._misbehave(writer, answer)

    def stats(self) -> dict[str, Any]:
        """Tell what was served since the plan was set."""
        return {
            "served": dict(self.served),
            "busy": self.busy,
            "tokens": self._mood.reserved,
            "connections": self.connections,
        }

    def _answer(self, body: dict[str, Any], size: int) -> Answer:
        if self.script:
            return self.script.popleft()
        return refusal(body, self.plan.refuses) or self._throttled(body, size) or self._judged(body)

    def _throttled(self, body: dict[str, Any], size: int) -> Answer | None:
        reserved = size / 4 + body.get("inferenceConfig", {}).get("maxTokens", 0)
        refused = self._mood.throttled(reserved, time.monotonic())
        words = "Too many tokens, please wait before trying again." if refused == "tokens" else ""
        return error("ThrottlingException", words) if refused else None

    def _judged(self, body: dict[str, Any]) -> Answer:
        answer = replace(self.judge(body))
        fault = self._mood.fault()
        if fault in ERRORS:
            return error(fault)
        if fault == MALFORMED:
            answer = text_reply("I would say it is somewhere between 3 and 8, or 10.")
        if answer.delay_s is None and self.plan.latency_s:
            answer.delay_s = self._mood.latency()
        answer.fault = fault or answer.fault
        if answer.status == 200 and not answer.fault:
            self.busy.append(answer.delay_s or 0.0)
        return answer

    async def _misbehave(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        if answer.fault == STALL:
            await asyncio.sleep(self.plan.stall_s)
        if answer.fault in (STALL, RESET):
            writer.transport.abort()
            return False
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        if answer.fault == NO_OUTPUT:
            return await self._send(writer, Answer({}))
        if answer.fault == CUT:
            whole = json.dumps(answer.body).encode()
            return await self._send(writer, Answer(whole[: len(whole) // 2]))
        if answer.fault == TORN:  # the connection goes down in the middle of the body
            await self._send(writer, answer, share=0.5)
            writer.transport.abort()
            return False
        return await self._send(writer, answer)

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer, share: float = 1.0) -> bool:
        raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        lines = [f"HTTP/1.1 {answer.status} X", "content-type: application/json", f"content-length: {len(raw)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + raw[: int(len(raw) * share)])
        await writer.drain()
        return True


def main() -> None:
    """Serve by hand until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8765)
    for option in fields(Plan):
        if option.name in ("faults", "refuses"):
            parser.add_argument(f"--{option.name}", action="append", default=[], metavar="NAME[=SHARE]")
        else:
            kind = int if option.name == "seed" else float
            parser.add_argument(f"--{option.name.replace('_', '-')}", type=kind, default=option.default)
    told = vars(parser.parse_args())
    port = told.pop("port")
    told["faults"] = {name: float(share or 0) for name, _, share in (each.partition("=") for each in told["faults"])}
    server = ConverseServer(Plan(**{**told, "refuses": tuple(told["refuses"])}), port=port)
    with contextlib.suppress(KeyboardInterrupt), server:
        sys.stderr.write(f"serving Converse on {server.url}\n")
        sys.stderr.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
