"""Say which files a submission may touch: Python's own to read, one scratch folder to write, nothing else."""

from __future__ import annotations

import os
import struct

from sandbox import kernel, places

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI: how many kinds of access to files it knows
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR


def abi() -> int:
    """Tell the kernel's version of Landlock.

    Raises:
        OSError: It has none, or it is refused here.
    """
    return kernel.call(kernel.LANDLOCK_CREATE, None, 0, 1)


def make_rules(scratch: str, more: tuple[str, ...] = ()) -> int:
    """Make the set of rules, with `more` to read; returns its descriptor, for all that are to `obey` it."""
    version = abi()
    handled = (1 << KNOWN.get(version, 16)) - 1
    wanted = struct.pack("=QQQ", handled, 0b11, 0b11)[: 8 if version < 4 else 16 if version < 6 else 24]  # noqa: PLR2004 - ABIs
    rules = kernel.call(kernel.LANDLOCK_CREATE, wanted, len(wanted), 0)
    for path in (*places.readable(), *more):
        _allow(rules, path, READ & handled)
    for path in places.DEVICES:
        _allow(rules, path, (READ_FILE | WRITE_FILE) & handled)
    _allow(rules, scratch, handled & ~(EXECUTE | IOCTL_DEV))
    return rules


def _allow(rules: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine
    try:
        folder = os.path.isdir(path)  # noqa: PTH112 - no pathlib in the zygote
        rule = struct.pack("=Qi", access if folder else access & OF_A_FILE, descriptor)
        kernel.call(kernel.LANDLOCK_ADD, rules, 1, rule, 0)
    finally:
        os.close(descriptor)
