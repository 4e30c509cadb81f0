"""Files written whole or not at all, and files that people name, read within bounds."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError, RunError, quote

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file of this size is not allowed",
    errno.ENOTDIR: "a part of the path is a file",
}
TRIES = 100  # against other processes that write the same run at once
PART = ".part"  # a file that is being written


def reason(error: BaseException) -> str:
    """Why a file could not be written, in words."""
    if not isinstance(error, OSError):
        return _REASONS.get(getattr(error, "errno", None) or 0) or str(error)
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def size_text(count: int) -> str:
    """`124 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def sync(path: Path) -> None:
    """Have a file or folder on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def address(path: Path) -> str:
    """A path as netCDF is to be given it, which takes a `file:/x`, a `c:/x` or a `[mode=..]` for more than a name.

    Raises OSError for what it would take for a place of Windows or Cygwin wherever it stands.
    """
    name = os.fspath(path) if path.is_absolute() else f"{os.curdir}/{path}"
    name.encode()
    if os.sep == "/" and ("\\" in name or name.startswith("/cygdrive/")):
        raise OSError(errno.EINVAL, "netCDF opens no file in a folder named with a backslash, or in /cygdrive")
    return name


def probe(folder: Path) -> None:
    """See that something can be made in a folder, or in the nearest above it that there is; raises OSError."""
    while True:
        try:
            there = stat.S_ISDIR(folder.stat().st_mode)
            break
        except FileNotFoundError:
            if folder.is_symlink():
                raise OSError(errno.ENOENT, "it is a link to what is not there") from None
            folder = folder.parent
    if not there:
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
    with suppress(FileNotFoundError):  # another process sweeps
        os.rmdir(new_folder(folder))


def look(path: Path) -> None:
    """See, before there is something to write, that a file can be written; raises RunError as `write_file` does."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "Is a directory")
        if not path.parent.exists() and not path.parent.is_symlink():
            raise InputError(f"{path} cannot be written: there is no folder {quote(str(path.parent))}; make it first")
        probe(path.parent)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> RunError:
    return RunError(f"{path} cannot be written: {'it is a folder' if path.is_dir() else reason(error)}")


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file of a run, open to be read. A link is not followed: a run from a stranger ends at its folder."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link to another file: put the file itself there")
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file")
        yield handle
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes) -> Path:
    """Write a file into a folder that is there, whole or not at all, replacing one of that name; raises RunError."""
    temporary = held = None
    try:
        temporary, held = claimed(path.parent, new_file)
        _open_as(path, temporary)
        temporary.write_bytes(content)
        sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from None
    finally:
        if temporary is not None and held is not None:
            temporary.unlink(missing_ok=True)
            os.close(held)
    return path


def write_new(files: Mapping[Path, str]) -> None:
    """Write files that are not there yet, all of them or none, with the folders that they need.

    Raises InputError where one is there, and RunError where one cannot be written.
    """
    made: list[Path] = []
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
        except OSError as error:
            for each in made:
                each.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                what = path if str(error.filename) == str(path) else error.filename
                raise InputError(f"{what} exists already; choose another name") from None
            raise RunError(f"{path} cannot be written: {error.strerror}") from None


def _open_as(path: Path, temporary: Path) -> None:
    """Open what is to replace a file to those alone to whom that is open: its owner has chosen them."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            os.chmod(temporary, mode & 0o777 | 0o600)


# Not by tempfile, which keeps what it makes from all others: the umask says who may read, as of any program's files.


def new_file(folder: Path) -> str:
    """The name of a file that is made to write in, hidden beside its place."""
    name = f"{folder}/.writing-{_any()}{PART}"
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return name


def new_folder(root: Path, prefix: str = ".writing-") -> str:
    """The name of a folder that is made to work in, hidden beside its place."""
    name = f"{root}/{prefix}{_any()}"
    os.mkdir(name)
    return name


def _any() -> str:
    """A name that no other process takes."""
    return os.urandom(8).hex()


def claimed(folder: Path, make: Callable[[Path], str]) -> tuple[Path, int]:
    """What is made to write in, and the handle that holds its lock; what is swept before it is held is made anew."""
    for _ in range(TRIES):
        made = Path(make(folder))
        with suppress(FileNotFoundError):
            handle = os.open(made, os.O_RDONLY)
            if lock(handle) is not False and made.exists():
                return made, handle
            os.close(handle)
    raise OSError(errno.EBUSY, "another process keeps removing what is written")


def lock(handle: int) -> bool | None:
    """Take the lock of what is open: False where a living process has it, None where there are no locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def content(path: Path, most: int, what: str) -> bytes | None:
    """The bytes of a file, None where there are more than `most`; a pipe or a device is an OSError, and never waits."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, f"a device or a pipe; this is no {what}")
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        found = file.read(most + 1) or b""
    return found if len(found) <= most else None


def inside(name: str, folder: Path) -> Path:
    """The path of a file that a file in `folder` names: it lies there or below, symlinks followed.

    Else the prior set of a stranger could bring any file of this machine into a run or report.
    """
    try:
        root, path = folder.resolve(), (folder / name).resolve()
        good = not Path(name).is_absolute() and path != root and path.is_relative_to(root)
    except (OSError, RuntimeError, ValueError):  # a loop of symlinks, a null byte
        good = False
    if not good:
        raise InputError(
            f"empirical: {quote(name)} is not in the folder of the file that names it: put it there, or "
            "name it with --set"
        )
    return path
