"""Writes the files of a run into one folder: all of them, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal

from qinshui_geo.county import CountyResult
from qinshui_geo.errors import OutputError
from qinshui_geo.maps import write_map
from qinshui_geo.report import write_report
from qinshui_geo.storage import write_layers, write_scorecard_csv, write_scorecard_json

FILES = ("report.html", "map.html", "layers.gpkg", "scorecard.csv", "scorecard.json")
"""Names of the files; others script against them."""


def write_outputs(
    result: CountyResult,
    folder: Path,
    names: Sequence[str] = FILES,
    *,
    lang: Literal["zh", "en"] = "zh",
    basemap: Literal["none", "osm"] = "none",
    tell: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the named files; they are put in place together, after the last one is whole.

    Parameters
    ----------
    result : CountyResult
        The county measured.
    folder : Path
        Folder to write into; it is made if need be.
    names : sequence of str
        Some of :data:`FILES`.
    lang, basemap : str
        Language and background of the pages.
    tell : callable, optional
        Called with the name of each file as its writing begins.

    Raises
    ------
    OutputError
        If a file cannot be written; what stood in the folder before is untouched.
    """
    say = tell or (lambda step: None)
    writers: Mapping[str, Callable[[CountyResult, Path], object]] = {
        "report.html": partial(write_report, lang=lang, basemap=basemap),
        "map.html": partial(write_map, lang=lang, basemap=basemap),
        "layers.gpkg": write_layers,
        "scorecard.csv": write_scorecard_csv,
        "scorecard.json": write_scorecard_json,
    }
    _require_room(folder, names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as room:
            for name in names:
                say(name)
                writers[name](result, Path(room) / name)
            return _put_in_place(Path(room), folder, names)
    except OSError as fault:
        raise OutputError(
            f"cannot write: {fault.strerror or fault}", where=str(folder),
            mend="check the folder's rights and the free space, and close programs that hold its files open",
        ) from fault  # fmt: skip


def _require_room(folder: Path, names: Sequence[str]) -> None:
    """Refuse, before anything is written, what stands where the files must go."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            "a file stands where the output folder should be", where=str(folder), mend="name another folder"
        )
    taken = [folder / name for name in names if (folder / name).is_dir()]
    if taken:
        raise OutputError(
            "a folder stands where a result should be written", where=str(taken[0]),
            mend="rename or remove it, or write to another folder",
        )  # fmt: skip


def _put_in_place(room: Path, folder: Path, names: Sequence[str]) -> list[Path]:
    """Move the new files in; if one of the earlier ones is held open (Windows), all of those stay."""
    earlier = room / "earlier"
    earlier.mkdir()
    with ExitStack() as undo:
        for name in names:
            if (folder / name).exists():
                (folder / name).replace(earlier / name)
                undo.callback((earlier / name).replace, folder / name)
        written = [(room / name).replace(folder / name) for name in names]
        undo.pop_all()
    return written
