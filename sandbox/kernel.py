"""Call the Linux kernel where Python has no word for it. Every call raises OSError where the kernel refuses."""

from __future__ import annotations

import ctypes
import os
import platform

SECCOMP_FILTER = 2
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 28, 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
CAPSET = {"x86_64": 126, "aarch64": 91}
NOROOT_LOCKED = 0b11
NEW_NETWORK, NEW_IPC = 0x40000000, 0x08000000
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def machine() -> str:
    """Name the processor as system-call tables do."""
    return {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())


def control(option: int, value: int = 0) -> None:
    """Call prctl with one argument."""
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) < 0:
        _refused("prctl")


def filter_calls(program: bytes) -> None:
    """Install a seccomp filter on this process for good."""
    code = ctypes.create_string_buffer(program, len(program))
    filled = _Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    if _libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_FILTER), ctypes.byref(filled), 0, 0) < 0:
        _refused("seccomp")


def call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by its number."""
    result = int(_libc.syscall(ctypes.c_long(number), *(_argument(value) for value in arguments)))
    if result < 0:
        _refused(f"system call {number}")
    return result


def leave_namespaces() -> None:
    """Leave this machine's network, loopback included, and its shared memory and queues; needs root."""
    if _libc.unshare(NEW_NETWORK | NEW_IPC) < 0:
        _refused("unshare")


def drop_capabilities() -> None:
    """Give up every capability for good; what root owns is still root's, but no rule yields to it any more."""
    for capability in range(64):
        try:
            control(PR_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one that this kernel knows
    control(PR_SET_SECUREBITS, NOROOT_LOCKED)
    header = (0x20080522).to_bytes(4, "little") + bytes(4)
    call(CAPSET[machine()], header, bytes(24))


def _argument(value: int | bytes | None) -> object:
    if isinstance(value, bytes):
        return ctypes.create_string_buffer(value, len(value))
    return None if value is None else ctypes.c_ulong(value)


def _refused(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")
