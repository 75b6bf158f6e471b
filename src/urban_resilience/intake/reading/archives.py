"""Archives in the raw folder: unused where their contents lie there as files too."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from urban_resilience.shared.problems import FileFault

# What reading a part of a damaged archive ends in; RuntimeError is a password, and a way of packing
# that zipfile does not know.
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, KeyError)
BLOCK = 1 << 20
REMEDY = "Unpack it into the folder, and take the archive itself out."
_SHOWN = 5
# A file by its size and checksum: names in archives are often garbled, contents are not.
_Content = tuple[int, int]


def judge_archive(path: Path, files: Sequence[Path]) -> str:
    """Say why an archive need not be read.

    Parameters
    ----------
    path
        The archive.
    files
        All files of the folder.

    Returns
    -------
    str
        The reason.

    Raises
    ------
    FileFault
        Where something in it may not lie in the folder as a file.
    """
    try:
        contents = _contents(path)
    except (zipfile.BadZipFile, struct.error, OSError, EOFError, ValueError) as error:
        raise FileFault(
            f"the archive is damaged ({type(error).__name__}).", "Copy it again, or take it away."
        ) from None
    if contents is None and _lies_unpacked(path, files):
        return f"a {path.suffix} archive beside files of its name, which are read instead"
    if contents is None:
        raise FileFault(f"{path.suffix} archives cannot be read.", REMEDY)
    present = _present({size for size, _ in contents.values()}, files, path)
    absent = [name for name, content in contents.items() if content not in present]
    if not contents:
        return "an empty archive"
    if not absent:
        return "an archive whose contents lie beside it as files"
    names = {file.name for file in files}
    changed = [name for name in absent if PurePosixPath(name).name in names]
    listed = ", ".join(absent[:_SHOWN]) + (", ..." if absent[_SHOWN:] else "")
    if changed:
        listed = ", ".join(changed[:_SHOWN]) + (", ..." if changed[_SHOWN:] else "")
        raise FileFault(
            f"what it holds is not what lies in the folder under the same name: {listed}.",
            "Keep the right file, and take the archive out.",
        )
    raise FileFault(f"archives are not read, and it holds what no file here is: {listed}.", REMEDY)


def _contents(path: Path) -> dict[str, _Content] | None:
    """Return what an archive holds by name, None where its format cannot be listed."""
    suffix = path.suffix.casefold()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {
                item.filename: (item.file_size, item.CRC)
                for item in archive.infolist()
                if not item.is_dir() and _is_wanted(item.filename)
            }
    if suffix == ".gz" and not path.stem.endswith(".tar"):
        with path.open("rb") as file:
            if file.read(2) != b"\x1f\x8b":
                raise ValueError("no gzip file")
            # The last eight bytes are checksum and size of what was packed.
            file.seek(-8, 2)
            checksum, size = struct.unpack("<II", file.read(8))
        return {path.stem: (size, checksum)}
    return None


def _lies_unpacked(path: Path, files: Sequence[Path]) -> bool:
    """Whether a file or folder of the archive's name lies beside it."""
    stem = path.name.split(".")[0]
    beside = (file.relative_to(path.parent) for file in files if path.parent in file.parents)
    return any(other.parts[0].split(".")[0] == stem and other.name != path.name for other in beside)


def _is_wanted(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)


def _present(sizes: set[int], files: Sequence[Path], archive: Path) -> set[_Content]:
    """Contents of the files of these sizes."""
    found = set()
    for file in files:
        try:
            size = file.stat().st_size
            if size in sizes and file != archive:
                found.add((size, _checksum(file)))
        except OSError:
            # What is wrong with it is said where it is opened.
            continue
    return found


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
