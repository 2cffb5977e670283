from pathlib import Path

import pytest

from qinshui_geo.errors import QinshuiGeoWarning, SourceError
from qinshui_geo.sources.reference_points import POINTS_ASKED, read_reference_points


def _write(folder: Path, rows: str, *, encoding: str = "utf-8", header: str = "lon,lat,class\n") -> Path:
    path = folder / "points.csv"
    path.write_text(header + rows, encoding=encoding)
    return path


def _many(count: int) -> str:
    return "".join(f"112.{i:04d},35.69,{'green' if i % 3 else 'not_green'}\n" for i in range(count))


def test_enough_points_are_read_without_a_word(tmp_path: Path) -> None:
    found = read_reference_points(_write(tmp_path, _many(POINTS_ASKED)))
    assert found.notes == ()
    assert found.points.crs.to_epsg() == 4326
    assert found.points["is_green"].dtype == bool
    assert found.points["is_green"].sum() == 200
    assert found.points.geometry.iloc[7].coords[0] == (112.0007, 35.69)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_few_points_in_chinese_are_read_with_a_warning(tmp_path: Path, encoding: str) -> None:
    path = _write(
        tmp_path, "1,112.1, 35.6 ,绿\n\n2,112.2,35.6,非绿\n3,112.3,35.6,GREEN\n", encoding=encoding,
        header="编号,LON,Lat,class\n",
    )  # fmt: skip
    with pytest.warns(QinshuiGeoWarning, match="only 3 reference points, fewer than 300"):
        found = read_reference_points(path)
    assert found.points["is_green"].tolist() == [True, False, True]
    assert "3 个" in found.notes[0].zh


@pytest.mark.parametrize(
    ("rows", "where", "what"),
    [
        ("112,35,green\n112,x,green\n", "row 3", "lat 'x'"),
        ("112,35,green\n35,112,green\n", "row 3", "lat '112'"),
        ("112,35,green\n\n,35,green\n", "row 4", "lon ''"),
        ("inf,35,green\n", "row 2", "lon 'inf'"),
        ("nan,35,green\n", "row 2", "lon 'nan'"),
        ("112,35,green\n112.1,35,perhaps\n", "row 3", "class 'perhaps'"),
        ("112,35,\n", "row 2", "class ''"),
        ("112,35,green\n112,35.1,green\n112.0,35.0,not_green\n", "row 4", "comes twice"),
        ("", "points.csv", "no point"),
        ("\n,,\n", "points.csv", "no point"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, rows: str, where: str, what: str) -> None:
    with pytest.raises(SourceError) as fault:
        read_reference_points(_write(tmp_path, rows))
    assert what in fault.value.what
    assert str(fault.value.where).endswith(where)
    assert fault.value.mend


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no column lon, class.*row 1"):
        read_reference_points(_write(tmp_path, "1,2\n", header="x,lat\n"))
    with pytest.raises(SourceError, match="does not exist"):
        read_reference_points(tmp_path / "none.csv")
    (tmp_path / "points.csv").write_bytes(b"")
    with pytest.raises(SourceError, match="not a CSV table"):
        read_reference_points(tmp_path / "points.csv")
    (tmp_path / "points.csv").write_bytes(b"lon,lat,class\n\xff\xff\xff,1,2\n")
    with pytest.raises(SourceError, match="neither UTF-8 nor GBK"):
        read_reference_points(tmp_path / "points.csv")
