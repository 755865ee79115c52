"""Run a hostile program where it harms nothing: `python tests/cage.py [--lambda | --root] COMMAND...`, as root.

An unprivileged user in process, mount, network and IPC namespaces of its own; everything read-only but a /tmp in
memory; few processes. With `--lambda` what Lambda is reported to refuse is refused too: prctl, seccomp, Landlock,
ptrace, namespaces, mounts, /dev/shm. With `--root` the command stays root, for guards that only root needs; no hostile
program runs so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import shutil
import struct
import subprocess
import sys
from pathlib import Path

NOBODY = 65534
INSIDE = "INSIDE_THE_CAGE"  # set to 1 for the command
ROOT = Path(__file__).resolve().parent.parent
REFUSED = {  # name: (x86_64, aarch64), refused with EPERM
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "ptrace": (101, 117),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "add_key": (248, 217),
}
ABSENT = {"landlock_create": (444, 444), "landlock_add": (445, 445), "landlock_restrict": (446, 446)}  # ENOSYS


def why_no_cage() -> str:
    """Say why no cage can be had here; "" where one can."""
    if sys.platform != "linux" or os.getuid() != 0:
        return "hostile programs run only in a cage, and making one needs root on Linux"
    if shutil.which("unshare") is None:
        return "hostile programs run only in a cage, and making one needs unshare of util-linux"
    tried = subprocess.run([*caged(), "true"], capture_output=True, timeout=60, check=False)
    return f"no cage can be made here: {tried.stderr.decode()[-200:]}" if tried.returncode else ""


def caged(*, lambda_like: bool = False, root: bool = False) -> list[str]:
    """Give the words to put before a command."""
    return [sys.executable, __file__, *(["--lambda"] if lambda_like else ["--root"] if root else [])]


def main(words: list[str]) -> None:
    """Enter the cage and become the command."""
    if os.environ.pop("CAGED", "") != "1":
        kinds = ["--fork", "--pid", "--mount", "--net", "--ipc", "--uts", "--mount-proc", "--kill-child"]
        os.environ["CAGED"] = "1"
        os.execvp("unshare", ["unshare", *kinds, sys.executable, __file__, *words])  # noqa: S606, S607 - found by PATH
    _mounts()
    subprocess.run(["ip", "link", "set", "lo", "up"], capture_output=True, check=False)  # noqa: S607 - found by PATH
    lambda_like, root = words[0] == "--lambda", words[0] == "--root"
    if lambda_like or root:
        words = words[1:]
    if lambda_like:
        _mount("-t", "tmpfs", "-o", "size=4k,mode=755", "tmpfs", "/dev/shm")  # noqa: S108 - to take it away
    _mount("-o", "remount,bind,ro", "/")
    os.environ |= {"HOME": "/tmp", "TMPDIR": "/tmp", INSIDE: "1"}  # noqa: S108 - its own
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    os.chdir(ROOT)
    resource.setrlimit(resource.RLIMIT_NPROC, (600, 600))
    if lambda_like:
        _refuse_as_lambda_does()
    if not root:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    os.execvp(words[0], words)  # noqa: S606 - the command that was asked for


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)  # noqa: S607 - found by PATH


def _mounts() -> None:
    """Make /tmp anew, and show of a home that only its owner may enter what Python needs of it."""
    _mount("--make-rprivate", "/")
    needed = [Path(path).resolve() for path in {sys.prefix, sys.base_prefix, str(ROOT)}]
    locked = {path: lock for path in needed if (lock := _locked(path))}
    _mount("-t", "tmpfs", "-o", "size=512m,mode=1777", "tmpfs", "/mnt")
    for number, path in enumerate(locked):
        Path(f"/mnt/{number}").mkdir()
        _mount("--bind", str(path), f"/mnt/{number}")
    for lock in set(locked.values()):
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(lock))
    _mount("-t", "tmpfs", "-o", "size=512m,mode=1777", "tmpfs", "/tmp")  # noqa: S108 - to make it the cage's own
    for number, path in enumerate(locked):
        path.mkdir(parents=True, exist_ok=True)
        _mount("--bind", f"/mnt/{number}", str(path))


def _locked(path: Path) -> Path | None:
    """Find the folder on the way to a path that others may not enter, or that /tmp will hide."""
    for folder in (*reversed(path.parents), path):
        if folder == Path("/tmp") or not folder.stat().st_mode & 0o001:  # noqa: S108 - as above
            return folder
    return None


def _refuse_as_lambda_does() -> None:
    column = 0 if platform.machine() == "x86_64" else 1
    program = [struct.pack("=HBBI", 0x20, 0, 0, 0)]
    for table, number in ((REFUSED, errno.EPERM), (ABSENT, errno.ENOSYS)):
        for calls in table.values():
            program.append(struct.pack("=HBBI", 0x15, 0, 1, calls[column]))
            program.append(struct.pack("=HBBI", 0x06, 0, 0, 0x00050000 | number))
    program.append(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(program))
    filled = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(code)))
    if ctypes.CDLL(None, use_errno=True).prctl(22, ctypes.c_ulong(2), filled, 0, 0):
        sys.exit(f"the filter was refused: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
