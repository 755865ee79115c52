"""Tell what this environment allows: a one-off Lambda handler, to be run before anything is promised."""

from __future__ import annotations

import os
import platform
import resource
import sys
from typing import Any


def lambda_handler(_event: object, _context: object) -> dict[str, Any]:
    """Report what a process may do here, as JSON."""
    return {
        "python": sys.version,
        "machine": platform.machine(),
        "kernel": platform.release(),
        "uid": os.getuid(),
        "limits": {
            name: resource.getrlimit(getattr(resource, name)) for name in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_STACK")
        },
    }
