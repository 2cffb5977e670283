"""Opens OpenStreetMap files through pyosmium; its complaints become errors that a user can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium

from qinshui_geo.errors import SourceError

SUFFIXES = ("osm", "osm.gz", "osm.bz2", "osm.pbf", "pbf")
"""Endings of the files that are read."""


class UnsortedError(SourceError):
    """The objects of the file are not in the order by type and id."""


def osm_format(path: Path) -> str | None:
    """Format of an OpenStreetMap file by its ending, or ``None``.

    Examples
    --------
    >>> osm_format(Path("town.osm.gz")), osm_format(Path("town.shp"))
    ('osm.gz', None)
    """
    return next((suffix for suffix in SUFFIXES if path.name.lower().endswith(f".{suffix}")), None)


def require_osm_file(path: Path) -> None:
    """Refuse what is not a file of a known ending.

    Raises
    ------
    SourceError
        If there is no such file, or it is a folder, or it ends in something else.
    """
    if path.is_dir():
        raise SourceError("this is a folder, not a file", where=str(path), mend="name the extract inside it")
    if not path.is_file():
        raise SourceError("the OpenStreetMap file does not exist", where=str(path), mend="check the path")
    if osm_format(path) is None:
        raise SourceError(
            f"not a known OpenStreetMap format: {path.name!r}", where=str(path),
            mend="bring a file that ends in .osm, .osm.gz, .osm.bz2 or .osm.pbf",
        )  # fmt: skip


def stream(path: Path, processor: osmium.FileProcessor) -> Iterator[Any]:
    """Objects of a file as ``processor`` gives them, each to be used before the next is asked for.

    Raises
    ------
    SourceError
        If the file is not a readable OpenStreetMap file; ``UnsortedError`` if its order forbids it.
    """
    objects = iter(processor)
    while True:
        try:
            obj = next(objects)
        except StopIteration:
            return
        except RuntimeError as fault:
            raise _plain_error(path, str(fault)) from None
        yield obj


def read_header(path: Path, processor: osmium.FileProcessor) -> osmium.io.Header:
    """Header of a file.

    Raises
    ------
    SourceError
        If the file does not begin as an OpenStreetMap file does.
    """
    try:
        return processor.header
    except RuntimeError as fault:
        raise _plain_error(path, str(fault)) from None


def sort_copy(path: Path, copy: Path) -> None:
    """Write the objects of a file sorted by type and id, of each its newest version, and its header.

    Raises
    ------
    SourceError
        If the file cannot be read.
    """
    merge = osmium.MergeInputReader()
    try:
        merge.add_file(str(path))
        header = osmium.FileProcessor(osmium.io.File(str(path), osm_format(path) or "")).header
    except RuntimeError as fault:
        raise _plain_error(path, str(fault)) from None
    with osmium.SimpleWriter(str(copy), header=header) as writer:
        merge.apply(writer)


def _plain_error(path: Path, fault: str) -> SourceError:
    where, fault = str(path), fault.rstrip(".")
    if re.search(r"out of order|twice|before|after", fault):
        return UnsortedError(f"objects out of order: {fault}", where=where, mend="sort it with 'osmium sort'")
    if re.search(r"EOF|unclosed|gzip|bzip2|no element|no data", fault):
        what, mend = "the OpenStreetMap file is truncated or damaged", "download or export it again"
    else:
        what, mend = "not a readable OpenStreetMap file", "check that it is what its ending says"
    return SourceError(f"{what}: {fault}", where=where, mend=mend)
