from pathlib import Path

import pytest

from qinshui_geo.errors import SourceError
from qinshui_geo.sources.legends import LEGENDS, SURFACES, legend


def test_worldcover_has_the_eleven_classes_of_its_manual() -> None:
    assert dict(legend("worldcover")) == {
        10: "tree", 20: "shrub", 30: "grass", 40: "crop", 50: "built", 60: "bare",
        70: "snow", 80: "water", 90: "wetland", 95: "tree", 100: "moss",
    }  # fmt: skip


def test_every_legend_of_the_package_uses_documented_classes() -> None:
    assert all(set(classes.values()) <= SURFACES for classes in LEGENDS.values())


def test_a_legend_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        legend("worldcover")[10] = "built"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("survey.toml", '[classes]\n1 = "roof"\n2 = "paved"\n3 = "tree"\n'),
        ("survey.csv", "\ufeffcode,class,remark\n1,roof,\n2, paved ,\n3,tree,\n3,tree,again\n"),
    ],
)
def test_a_users_legend_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert dict(legend(str(tmp_path / name))) == {1: "roof", 2: "paved", 3: "tree"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("l.csv", "code,class\n1,tre\n", r"unknown surface class 'tre' .*l.csv, row 2\)"),
        ("l.csv", "code,class\n1.5,tree\n", r"'1.5' is not a whole number .*row 2"),
        ("l.csv", "code,class\n1,tree\n1,grass\n", r"code 1 is both tree and grass .*row 3"),
        ("l.csv", "class\ntree\n", "no column 'code'"),
        ("l.csv", "code,class\n", "the legend is empty"),
        ("l.toml", "[classes]\n1 = 'tree'\n01 = 'grass'\n", "code 1 is both"),
        ("l.toml", "[surface]\n1 = 'tree'\n", r"no table \[classes\]"),
        ("l.toml", "[classes\n", "not valid TOML"),
    ],
)
def test_a_bad_legend_file_is_named_with_its_row(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said) as caught:
        legend(tmp_path / name)
    assert name in str(caught.value.where)
    assert caught.value.mend


def test_a_legend_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_bytes("code,class\n1,林地\n".encode("gbk"))
    with pytest.raises(SourceError, match="not UTF-8"):
        legend(tmp_path / "l.csv")


@pytest.mark.parametrize("name", ["wordcover", "none.csv"])
def test_an_unknown_legend_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=r"Mend: "):
        legend(name)
