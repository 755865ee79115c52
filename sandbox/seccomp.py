"""Build the filter of system calls for a submission: no other process, no network, no program, no mount."""

from __future__ import annotations

import errno
import struct

from sandbox.audit import OWNING

LOAD, JUMP, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in struct seccomp_data
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE_THREAD = 0x10000
X32 = 0x40000000
UNKNOWN_FROM = 463  # calls newer than these tables do not exist for a submission

# name: (x86_64, aarch64); None where the architecture lacks it. Denied to everything in the sandbox:
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # the network; socketpair stays, asyncio needs it
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    # memory that no limit counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # what Landlock leaves open about files
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the kernel itself
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "seccomp": (317, 277),
    "fanotify_init": (300, 262),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "lookup_dcookie": (212, 18),
    "uselib": (134, None),
}
# denied to what runs a submission, while its supervisor needs them:
_DENIED_INSIDE: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "memfd_create": (319, 279),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
}
# allowed on this very process alone: the first argument is 0 or its own number
_OWN = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
}
_FCNTL, _IOCTL = (72, 25), (16, 29)
_CLONE, _CLONE3 = (56, 220), 435
_COLUMNS = {"x86_64": 0, "aarch64": 1}
_OP, VALUE = struct.Struct("=HBBI"), 4  # an instruction, and where in it the value lies


def outer_filter(machine: str) -> bytes:
    """Build the filter that the zygote and all that comes of it run under.

    Args:
        machine: "x86_64" or "aarch64".

    Raises:
        KeyError: Another machine.
    """
    column = _COLUMNS[machine]
    program = [_op(LOAD, ARCHITECTURE), _op(EQUAL, ARCHITECTURES[machine], 1, 0), _op(RETURN, KILL), _op(LOAD, NUMBER)]
    if machine == "x86_64":
        program += [_op(AT_LEAST, X32, 0, 1), _op(RETURN, KILL)]
    program += [_op(AT_LEAST, UNKNOWN_FROM, 0, 1), _op(RETURN, ERRNO | errno.ENOSYS)]
    owning = [_op(LOAD, SECOND_ARGUMENT), *_deny(sorted(OWNING))]  # the command is an int: the lower half
    program += [_op(EQUAL, _FCNTL[column], 1, 0), _op(EQUAL, _IOCTL[column], 0, len(owning)), *owning]
    return b"".join(program + _deny_all(_DENIED, column))


def inner_filter(machine: str, *, native: bool = False) -> tuple[bytes, int]:
    """Build the filter that a process of the submission runs under besides.

    Args:
        machine: As for the outer one.
        native: Whether it may become another program, which every later one is held to as well.

    Returns:
        The filter, and where in it the number of that process belongs.
    """
    column = _COLUMNS[machine]
    refuse, allow = _op(RETURN, ERRNO | errno.EPERM), _op(RETURN, ALLOW)
    own = [numbers[column] for numbers in _OWN.values()]
    program = [_op(LOAD, NUMBER), *(_op(EQUAL, number, len(own) - place, 0) for place, number in enumerate(own))]
    program += [_op(JUMP, 5), _op(LOAD, FIRST_ARGUMENT), _op(EQUAL, 0, 1, 0)]
    place = len(program) * _OP.size + VALUE
    program += [_op(EQUAL, 0, 0, 1), allow, refuse]
    program += [_op(EQUAL, _CLONE[column], 0, 4), _op(LOAD, FIRST_ARGUMENT), _op(ANY_BIT, CLONE_THREAD, 0, 1)]
    program += [allow, refuse]
    program += [
        _op(EQUAL, _CLONE3, 0, 1),
        _op(RETURN, ERRNO | errno.ENOSYS),
    ]  # its flags lie in memory; libc falls back
    denied = {name: numbers for name, numbers in _DENIED_INSIDE.items() if not (native and name.startswith("execve"))}
    return b"".join(program + _deny_all(denied, column)), place


def _deny_all(table: dict[str, tuple[int | None, int | None]], column: int) -> list[bytes]:
    """Deny the calls of a table and allow the rest."""
    return _deny([number for row in table.values() if (number := row[column]) is not None])


def _deny(values: list[int]) -> list[bytes]:
    """Deny what is loaded if it is one of these, and allow the rest: each jumps to the last of these instructions."""
    jumps = [_op(EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
    return [*jumps, _op(RETURN, ALLOW), _op(RETURN, ERRNO | errno.EPERM)]


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return _OP.pack(code, yes, no, value)
