"""Where a file came from: its sidecar if it has one, else what can be told from the file itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Provenance

_CHUNK = 1 << 20


class _Sidecar(BaseModel):
    """Content of a sidecar; an unknown key is refused, so that a misspelt ``synthetic`` is not lost."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: str
    origin: str
    licence: str | None = None
    as_of: str | None = None
    sha256: str | None = None
    synthetic: bool = False
    request: Any = None


def sidecar_of(path: Path) -> Path:
    """Path of the sidecar of a file.

    Examples
    --------
    >>> sidecar_of(Path("raw/dem.tif")).name
    'dem.tif.provenance.json'
    """
    return path.with_name(path.name + ".provenance.json")


def read_provenance(
    path: Path,
    layer: str,
    *,
    origin: str | None = None,
    licence: str | None = None,
    as_of: str | None = None,
    synthetic: bool = False,
) -> Provenance:
    """Provenance of a file, from its sidecar ``<file>.provenance.json`` if that is there.

    Without a sidecar it is made of the arguments; the origin falls back to the file name and the date to
    the modification date of the file, written as ``2024-11-18 (file date)``. A file is synthetic if its
    sidecar or the caller says so.

    Parameters
    ----------
    path : Path
        File, or folder of a FileGDB.
    layer : str
        Layer that is read from it.
    origin, licence, as_of : str, optional
        What the caller knows of it; a sidecar outranks them.
    synthetic : bool
        Whether the caller knows it to be made up.

    Raises
    ------
    SourceError
        If the file is missing, the sidecar does not hold, or the file was changed after it was fetched.
    """
    digest = checksum(path)
    sidecar = sidecar_of(path)
    if sidecar.is_file():
        known = _read_sidecar(sidecar)
        if known.sha256 is not None and known.sha256.lower() != digest:
            raise SourceError(
                "the file was changed after it was fetched: its checksum differs from its sidecar's",
                where=str(path), mend=f"fetch it again, or delete {sidecar.name} if the change is yours",
            )  # fmt: skip
        return Provenance(
            layer, known.origin, known.licence, known.as_of, digest, known.synthetic or synthetic
        )
    return Provenance(layer, origin or path.name, licence, as_of or _file_date(path), digest, synthetic)


def write_provenance(path: Path, provenance: Provenance, request: Mapping[str, Any] | None = None) -> None:
    """Write the sidecar of a file, by a temporary name, so that it is never half there.

    Parameters
    ----------
    path : Path
        File that the provenance speaks of; its checksum is taken now.
    provenance : Provenance
        What to write.
    request : Mapping, optional
        How the file was asked for (address, query, extent), so that it can be fetched again.
    """
    content = asdict(replace(provenance, sha256=checksum(path)))
    if request is not None:
        content["request"] = dict(request)
    sidecar = sidecar_of(path)
    temporary = sidecar.with_name(sidecar.name + ".part")
    temporary.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, sidecar)  # noqa: PTH105  replaces an older sidecar on Windows too


def checksum(path: Path) -> str:
    """SHA-256 of a file, read in pieces; of a folder, over the names and contents of its files.

    Raises
    ------
    SourceError
        If there is nothing at ``path``, or it cannot be read.
    """
    if not path.exists():
        raise SourceError("the file does not exist", where=str(path), mend="check the path")
    digest = hashlib.sha256()
    try:
        for piece in _pieces(path):
            digest.update(piece)
    except OSError as fault:
        raise SourceError(
            f"cannot read the file: {fault.strerror}", where=str(path), mend="check its permissions"
        ) from None
    return digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        for file in sorted(entry for entry in path.rglob("*") if entry.is_file()):
            yield file.relative_to(path).as_posix().encode() + b"\0"
            yield from _pieces(file)
        return
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _read_sidecar(sidecar: Path) -> _Sidecar:
    try:
        return _Sidecar.model_validate_json(sidecar.read_bytes())
    except ValidationError as fault:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in fault.errors())
        raise SourceError(
            f"the provenance sidecar does not hold: {faults}", where=str(sidecar),
            mend="mend the named keys (layer and origin are needed), or delete the sidecar",
        ) from None  # fmt: skip


def _file_date(path: Path) -> str:
    changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return f"{changed.date().isoformat()} (file date)"
