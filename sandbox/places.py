"""Name the files that a submission may touch: Python's own to read, a few devices; its scratch folder comes on top."""

from __future__ import annotations

import os
import sys
import sysconfig

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
    places = [*SYSTEM, *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))]
    places += [entry for entry in sys.path if entry]
    for prefix in (sys.prefix, sys.base_prefix):
        places += [f"{prefix}/lib", f"{prefix}/lib64"]
    return [place for place in dict.fromkeys(places) if os.path.exists(place)]  # noqa: PTH110 - no pathlib in the zygote
