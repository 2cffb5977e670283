"""The files of a run: all of them in their place, or all of the earlier ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pages
import pytest

from qinshui_geo import outputs
from qinshui_geo.errors import OutputError
from qinshui_geo.outputs import FILES, write_outputs

DATA = ("scorecard.json", "scorecard.csv", "layers.gpkg")


def test_names_of_the_files_stay() -> None:
    assert set(FILES) == {"report.html", "map.html", "layers.gpkg", "scorecard.csv", "scorecard.json"}


def test_files_are_written_told_and_returned_in_order(tmp_path: Path) -> None:
    told: list[str] = []
    written = write_outputs(pages.county_result(), tmp_path / "a" / "b", DATA, tell=told.append)
    assert told == list(DATA)
    assert written == [tmp_path / "a" / "b" / name for name in DATA]
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == set(DATA)


def _earlier(folder: Path) -> dict[str, bytes]:
    content = {name: f"earlier {name}".encode() for name in DATA}
    for name, text in content.items():
        (folder / name).write_bytes(text)
    return content


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_earlier_files_are_replaced_and_strangers_left(tmp_path: Path) -> None:
    before = _earlier(tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"mine")
    write_outputs(pages.county_result(), tmp_path, DATA)
    after = _content(tmp_path)
    assert after.pop("notes.txt") == b"mine"
    assert set(after) == set(DATA) and all(after[name] != before[name] for name in DATA)


def test_a_writer_that_fails_leaves_the_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _earlier(tmp_path)

    def fail(result: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs, "write_layers", fail)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_outputs(pages.county_result(), tmp_path, DATA)
    assert caught.value.where == str(tmp_path)
    assert _content(tmp_path) == before


@pytest.mark.parametrize("held", DATA)
def test_a_file_that_another_program_holds_open_keeps_all_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    """Windows does not let a file be replaced that QGIS or Excel has open."""
    before = _earlier(tmp_path)
    move = Path.replace

    def replace(source: Path, target: Path) -> Path:
        if tmp_path / held in (source, Path(target)):
            raise PermissionError(13, "The file is used by another process")
        return move(source, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError, match=r"another process.*close programs"):
        write_outputs(pages.county_result(), tmp_path, DATA)
    assert _content(tmp_path) == before
