"""Call the Linux kernel where Python has no word for it. Every call raises OSError where the kernel refuses."""

from __future__ import annotations

import ctypes
import os

from sandbox.steps import Step

SECCOMP_FILTER = 2
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 28, 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
CAPSET = {"x86_64": 126, "aarch64": 91}
NOROOT_LOCKED = 0b11
NEW_NETWORK, NEW_IPC = 0x40000000, 0x08000000
_libc = ctypes.CDLL(None, use_errno=True)
_prctl = _libc.prctl
_prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_guard = _libc["syscall"]  # for what each process of a submission calls: what is loaded once is copied once
_guard.argtypes = (ctypes.c_long, *[ctypes.c_ulong] * 3)
_guard.restype = ctypes.c_long


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def machine() -> str:
    """Name the processor as system-call tables do."""
    found = os.uname().machine
    return "aarch64" if found == "arm64" else found


_PRCTL = {"x86_64": 157, "aarch64": 167}.get(machine(), -1)


def control(option: int, value: int = 0) -> None:
    """Call prctl with one argument."""
    if _prctl(option, value, 0, 0, 0) < 0:
        _refused("prctl")


class Filter:
    """Hold a seccomp filter ready to be installed: in a forked child there is nothing left to build.

    Args:
        program: Its instructions.
        own: Where among their bytes the number of the process goes that installs it; -1 for nowhere.
    """

    def __init__(self, program: bytes, own: int = -1) -> None:
        self._code = ctypes.create_string_buffer(program, len(program))
        self._own = ctypes.c_uint32.from_buffer(self._code, own) if own >= 0 else ctypes.c_uint32()
        self._filled = _Program(len(program) // 8, ctypes.addressof(self._code))
        self._address = ctypes.addressof(self._filled)

    def step(self) -> Step:
        """Give the step by which a process holds itself to it for good."""
        return _hold, (self._own, self._address, self)


def _hold(own: ctypes.c_uint32, program: int, _filter: Filter) -> int:  # which lives as long as its step
    own.value = os.getpid()
    return int(_guard(_PRCTL, PR_SET_SECCOMP, SECCOMP_FILTER, program))


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


def step_to_obey(rules: int) -> Step:
    """Give the step by which a process holds itself to Landlock's rules for good."""
    return _guard, (LANDLOCK_RESTRICT, rules, 0, 0)


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
