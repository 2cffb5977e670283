"""Writes the files of a run into one folder: all of them, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from qinshui_geo.county import CountyResult
from qinshui_geo.errors import OutputError
from qinshui_geo.storage import write_layers, write_scorecard_csv, write_scorecard_json

Lang = Literal["zh", "en"]
Basemap = Literal["none", "osm"]

FILES = ("report.html", "map.html", "layers.gpkg", "scorecard.csv", "scorecard.json")
"""Names of the files; others script against them."""


def write_outputs(
    result: CountyResult,
    folder: Path,
    names: Sequence[str] = FILES,
    *,
    lang: Lang = "zh",
    basemap: Basemap = "none",
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
        "report.html": lambda county, path: _write_report(county, path, lang, basemap),
        "map.html": lambda county, path: _write_map(county, path, lang, basemap),
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


def _write_report(result: CountyResult, path: Path, lang: Lang, basemap: Basemap) -> None:
    from qinshui_geo.report import write_report  # noqa: PLC0415  folium costs half a second

    write_report(result, path, lang=lang, basemap=basemap)


def _write_map(result: CountyResult, path: Path, lang: Lang, basemap: Basemap) -> None:
    from qinshui_geo.maps import write_map  # noqa: PLC0415  folium costs half a second

    write_map(result, path, lang=lang, basemap=basemap)


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
