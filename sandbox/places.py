"""Name the files that a submission may touch: Python's own to read, a few devices; its scratch folder comes on top."""

from __future__ import annotations

import os
import sys

SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/mime.types",
    "/opt",
    "/var/lang",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")


def readable() -> list[str]:
    """List the folders and files that Python and its libraries are read from."""
    places = [*SYSTEM, os.path.dirname(os.__file__), *filter(None, sys.path)]  # noqa: PTH120 - no pathlib in the zygote
    for prefix in (sys.prefix, sys.base_prefix):
        places += [f"{prefix}/lib", f"{prefix}/lib64"]
    return [place for place in dict.fromkeys(places) if os.path.exists(place)]  # noqa: PTH110 - no pathlib in the zygote
