import hashlib
import json
import os
from pathlib import Path

import pytest

from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Provenance
from qinshui_geo.sources.provenance import checksum, read_provenance, sidecar_of, write_provenance

HELLO_SHA256 = (
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of b"hello", published widely
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "landcover.tif"
    path.write_bytes(b"hello")
    return path


def test_without_a_sidecar_the_arguments_speak(file: Path) -> None:
    found = read_provenance(
        file, "landcover", origin="ESA", licence="CC BY 4.0", as_of="2021", synthetic=True
    )
    assert found == Provenance("landcover", "ESA", "CC BY 4.0", "2021", HELLO_SHA256, True)


def test_the_last_resort_is_file_name_and_file_date(file: Path) -> None:
    noon = 1731931200  # 2024-11-18 12:00 UTC
    os.utime(file, (noon, noon))
    found = read_provenance(file, "landcover")
    assert (found.origin, found.licence, found.as_of) == ("landcover.tif", None, "2024-11-18 (file date)")


def test_a_written_sidecar_is_read_back_and_outranks_the_arguments(file: Path) -> None:
    said = Provenance("landcover", "ESA WorldCover v200", "CC BY 4.0", "2021", None, False)
    write_provenance(file, said, request={"tile": "N33E111"})
    found = read_provenance(file, "surface", origin="somebody", as_of="1999")
    assert found == Provenance("surface", "ESA WorldCover v200", "CC BY 4.0", "2021", HELLO_SHA256, False)
    assert json.loads(sidecar_of(file).read_text(encoding="utf-8"))["request"] == {"tile": "N33E111"}
    assert [entry.name for entry in sorted(file.parent.iterdir())] == [file.name, sidecar_of(file).name]


@pytest.mark.parametrize(("in_sidecar", "in_call"), [(True, False), (False, True)])
def test_synthetic_is_never_lost(file: Path, in_sidecar: bool, in_call: bool) -> None:
    write_provenance(file, Provenance("dem", "sample", synthetic=in_sidecar))
    assert read_provenance(file, "dem", synthetic=in_call).synthetic


def test_a_file_changed_after_fetching_is_refused(file: Path) -> None:
    write_provenance(file, Provenance("dem", "Copernicus"))
    file.write_bytes(b"hallo")
    with pytest.raises(SourceError, match=r"changed after it was fetched.*landcover.tif.*fetch it again"):
        read_provenance(file, "dem")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Invalid JSON"),
        ('{"layer": "dem"}', "origin: Field required"),
        ('{"layer": "dem", "origin": "x", "synthetik": true}', "synthetik: Extra inputs"),
        ('{"layer": "dem", "origin": "x", "synthetic": "no"}', "synthetic: Input should be a valid boolean"),
    ],
)
def test_a_bad_sidecar_is_named_with_its_key(file: Path, text: str, said: str) -> None:
    sidecar_of(file).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said) as caught:
        read_provenance(file, "dem")
    assert caught.value.where == str(sidecar_of(file))
    assert caught.value.mend


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read_provenance(tmp_path / "none.tif", "dem")


def test_checksum_of_a_folder_covers_names_and_contents(tmp_path: Path) -> None:
    folder = tmp_path / "survey.gdb"
    folder.mkdir()
    (folder / "b").write_bytes(b"2")
    (folder / "a").write_bytes(b"1")
    assert checksum(folder) == hashlib.sha256(b"a\x001b\x002").hexdigest()


def test_checksum_reads_past_the_first_piece(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    content = bytes(range(256)) * 5000  # 1.28 MB, more than one piece
    path.write_bytes(content)
    assert checksum(path) == hashlib.sha256(content).hexdigest()
