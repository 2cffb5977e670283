"""The map page: every layer with its legend, hostile texts harmless, nothing from the internet."""

import json
import re

import folium
import pytest
import shapely
from pages import (
    HOSTILE_NAMES,
    IMAGE_NAME,
    LONG_NAME,
    SCRIPT_NAME,
    TEMPLATE_NAME,
    bare_result,
    county_result,
    frame,
    polyline,
    square,
)

from qinshui_geo.cartography import LAYERS, frame_of, view_bounds
from qinshui_geo.errors import OutputError
from qinshui_geo.features import LONGEST_TEXT, feature_collection, merged_collection, plain_text
from qinshui_geo.maps import county_map, map_parts, write_map
from qinshui_geo.texts import words
from qinshui_geo.webassets import jquery_js, leaflet_css, leaflet_js

LOADED = re.compile(r"""(?:src|href)\s*=\s*["']?(https?:[^"'\s>]+)|url\(\s*["']?(https?:[^)]+)\)""")


def read_back(page):
    """Page with the escapes of its JSON read, as the browser's script reads them."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), page)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    results = {"zh": county_result(synthetic=True), "en": county_result()}
    paths = {lang: write_map(result, folder / f"{lang}.html", lang=lang) for lang, result in results.items()}
    return {lang: path.read_text(encoding="utf-8") for lang, path in paths.items()}


def test_folium_is_left_as_it_was(pages):
    assert any(name == "leaflet" for name, _ in folium.Map.default_js)
    assert any("cdn" in address for _, address in folium.Map().default_css)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_loaded_from_elsewhere(pages, lang):
    addresses = {first or second for first, second in LOADED.findall(pages[lang])}
    allowed = {"https://www.openstreetmap.org/copyright", "https://leafletjs.com"}
    assert addresses <= allowed  # links for the reader to follow, in the attribution
    assert not re.search(r"cdn\.|cdnjs|jsdelivr|bootstrap", pages[lang])
    assert "sourceMappingURL" not in pages[lang]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_and_class_is_in_the_legend(pages, lang):
    text = read_back(pages[lang])
    for layer in LAYERS:
        assert f'qg-layer\\">{words("layer", lang)[layer.key]}' in text
        for kind in layer.classes if len(layer.classes) > 1 else ():
            assert f"</svg>{words('class', lang)[kind.key]}" in text


def test_layers_that_explain_start_off_and_the_others_on():
    groups = [
        child for child in county_map(county_result())._children.values() if child._name == "FeatureGroup"
    ]
    shown = {layer.key: group.show for layer, group in zip(LAYERS, groups, strict=True)}
    explaining = {"residential_areas", "park_parts", "built_up_patches", "built_up_links", "completeness"}
    assert {key for key, on in shown.items() if not on} == explaining


def test_a_graded_layer_keeps_its_order_of_lightness():
    """The ramps read as more and less in grey too: each class is lighter than the one of the worse grade."""
    for key in ("completeness", "park_parts"):
        (layer,) = (layer for layer in LAYERS if layer.key == key)
        grades = [
            kind.symbol.colour.lstrip("#") for kind in layer.classes if not kind.key.startswith("unknown")
        ]
        grey = [sum(int(colour[i : i + 2], 16) * part for i, part in ((0, 0.3), (2, 0.59), (4, 0.11)))
                for colour in grades]  # fmt: skip
        assert grey in (sorted(grey), sorted(grey, reverse=True)) and len(set(grey)) == len(grey)


def test_marks_and_banner(pages):
    assert "合成示例 / synthetic sample" in pages["zh"]
    assert "合成示例 / synthetic sample" not in pages["en"]  # made of sources that are not synthetic
    assert all("内部工作用图,未经审图" in page for page in pages.values())
    without = map_parts(county_map(county_result(), review_mark=False))
    assert "未经审图" not in without.body + without.script
    assert '<html lang="zh-CN">' in pages["zh"] and '<html lang="en">' in pages["en"]


def test_the_scorecard_panel_names_the_six_main_indicators(pages):
    for finding in county_result().findings[:6]:
        assert f"<span>{finding.name_zh}</span>" in pages["zh"]
    panel = pages["zh"][pages["zh"].index("qg-dock") :]
    row = panel[panel.index("绿化覆盖率") : panel.index("径流控制潜力面积比例")]
    assert "无数据" in row and "≥ 42%" in row and ">0" not in row


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(pages, lang):
    assert "<script>window" not in pages[lang] and "<img src=x" not in pages[lang]
    plain = map_parts(county_map(bare_result()))
    assert pages[lang].count("</script>") == plain.head.count("</script>") + 1
    shown = re.findall(r"<bdi>(.*?)</bdi>", read_back(pages[lang]))
    assert max(map(len, shown)) == LONGEST_TEXT + 1
    assert "&#123;&#123; 7 * 7 }}&#123;% endraw %}&#123;# &#123;&#123;&#123;" in shown


def test_popup_texts_are_what_a_browser_reads_back_as_the_name():
    import html

    for name in (SCRIPT_NAME, IMAGE_NAME, TEMPLATE_NAME):
        safe = plain_text(name)
        assert html.unescape(safe) == name
        assert "<" not in safe and "{" not in safe
    assert plain_text(LONG_NAME) == "长" * LONGEST_TEXT + "…"


def test_popups_say_units_yes_and_no_and_the_reason_in_the_language():
    parks = frame_of(county_result(), next(layer for layer in LAYERS if layer.key == "parks"))
    fields = {"area_ha": "ha", "counted": "", "reason": "", "class_g1": "term", "missing_column": ""}
    zh = feature_collection(parks, fields, "zh")["features"]
    assert zh[0]["properties"] == {
        "area_ha": "2.25 公顷", "counted": "是", "reason": "<bdi>在建成区内</bdi>",
        "class_g1": "<bdi>G12 社区公园</bdi>", "missing_column": "–",
    }  # fmt: skip
    en = feature_collection(parks, fields, "en")["features"]
    assert en[4]["properties"]["counted"] == "no" and en[4]["properties"]["reason"] == "<bdi>private</bdi>"
    assert en[4]["properties"]["class_g1"] == "–"


def test_coordinates_are_rounded_and_straight_lines_simplified():
    line = polyline((0, 0), (500, 0.5), (1000, 0))
    collection = feature_collection(frame([line], name=["x"]), {"name": ""}, "en")
    coordinates = collection["features"][0]["geometry"]["coordinates"]
    assert len(coordinates) == 2
    assert all(len(repr(number).split(".")[1]) <= 6 for point in coordinates for number in point)
    lon, lat = coordinates[0]
    assert 112.1 < lon < 112.3 and 35.6 < lat < 35.8


def test_context_lines_become_one_feature_and_polygons_stay_apart():
    shapes = [polyline((0, 0), (9, 0)), polyline((0, 5), (9, 5)), square(0, 0, 100), square(50, 50, 100)]
    kinds = [f["geometry"]["type"] for f in merged_collection(frame(shapes))["features"]]
    assert kinds == ["MultiLineString", "Polygon", "Polygon"]


def test_every_unit_of_a_layer_is_in_exactly_one_class():
    for layer in LAYERS:
        chosen = frame_of(county_result(), layer)
        taken = sum(kind.takes(chosen).astype(int) for kind in layer.classes)
        assert (taken == 1).all(), layer.key


def test_the_map_opens_on_the_built_up_area_else_the_seat():
    assert view_bounds(county_result()) == (607_000.0, 3_951_000.0, 610_000.0, 3_953_000.0)
    assert view_bounds(bare_result()) == (606_000.0, 3_950_000.0, 610_000.0, 3_954_000.0)


def test_a_county_without_layers_still_has_a_page(tmp_path):
    text = write_map(bare_result(), tmp_path / "map.html").read_text(encoding="utf-8")
    assert "没有可以绘制的图层" in text and "L.control.layers(" not in text.split("</script>")[-2]


def test_openstreetmap_tiles_only_when_asked(tmp_path):
    plain, tiled = (
        write_map(county_result(), tmp_path / f"{name}.html", basemap=name).read_text(encoding="utf-8")
        for name in ("none", "osm")
    )
    tiles = "https://tile.openstreetmap.org/"
    assert tiles not in plain and tiles in tiled


def test_a_map_that_cannot_be_written_leaves_the_old_one(tmp_path):
    (tmp_path / "file").write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match=r"map\.html.*Mend"):
        write_map(county_result(), tmp_path / "file" / "map.html")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "old"


def test_assets_are_the_installed_files_with_pictures_inside():
    assert leaflet_js().lstrip().startswith("/* @preserve") and "jQuery v3" in jquery_js()
    assert leaflet_css().count("url(data:image/png;base64,") == 3
    assert "images/" not in leaflet_css()


def test_the_names_of_the_fixture_are_hostile():
    assert len(HOSTILE_NAMES) == len(set(HOSTILE_NAMES)) == 5
    assert json.loads(json.dumps(HOSTILE_NAMES)) == list(HOSTILE_NAMES)
    assert shapely.is_valid(county_result().gis_layers["parks"].geometry).all()
