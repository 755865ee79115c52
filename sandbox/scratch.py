"""Keep a submission's files: the folder that it may write to, and files without a name. Runs in S."""

from __future__ import annotations

import contextlib
import os
import stat

MAX_FILES, MAX_DISK = 1000, 64 << 20


def empty(scratch: str) -> None:
    """Empty a folder, however deep and however locked what lies in it; make it where it is gone.

    Folders are moved up before they are entered, so no depth is too deep.
    """
    moved = 0
    while entries := _entries(scratch):
        for entry in entries:
            if not stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
                os.unlink(entry.path)  # noqa: PTH108 - no pathlib in a fast path
                continue
            os.chmod(entry.path, 0o700)  # noqa: PTH101 - as above
            for child in os.scandir(entry.path):
                moved += 1
                if child.is_dir(follow_symlinks=False):
                    os.chmod(child.path, 0o700)  # noqa: PTH101 - a folder that may not be written may not be moved
                os.rename(child.path, f"{scratch}/.moved-{moved}-{os.getpid()}")  # noqa: PTH104 - as above
            os.rmdir(entry.path)  # noqa: PTH106 - as above


def _entries(scratch: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(scratch))
    except (FileNotFoundError, NotADirectoryError):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)  # noqa: PTH108 - as above
        os.mkdir(scratch, 0o700)  # noqa: PTH102 - as above
        return []


def overfull(scratch: str) -> bool:
    """Tell whether a folder holds more files, or more bytes in them, than a submission may keep."""
    files = size = 0
    try:
        for folder, names, leaves in os.walk(scratch):
            files += len(names) + len(leaves)
            for leaf in leaves[:MAX_FILES]:
                with contextlib.suppress(OSError):
                    size += os.lstat(f"{folder}/{leaf}").st_size
            if files > MAX_FILES or size > MAX_DISK:
                return True
    except (OSError, RecursionError):
        return True
    return False


def unnamed_file() -> int:
    """Open a file that has no name: in memory where the kernel offers that, else on disk."""
    try:
        return os.memfd_create("stream")
    except (AttributeError, OSError):
        import tempfile  # noqa: PLC0415 - large, and rarely needed

        descriptor, path = tempfile.mkstemp()
        os.unlink(path)  # noqa: PTH108 - a descriptor's companion
        return descriptor


def fill(descriptor: int, contents: bytes) -> None:
    """Write a file from its beginning; whoever reads it is at its beginning still."""
    view, offset = memoryview(contents), 0
    while offset < len(view):
        offset += os.pwrite(descriptor, view[offset:], offset)


def contents(descriptor: int, cap: int) -> bytes:
    """Read a file from its beginning, up to a cap in bytes."""
    parts, offset = [], 0
    while offset < cap and (part := os.pread(descriptor, min(1 << 20, cap - offset), offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
