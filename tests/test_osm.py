"""Reading extracts: tiny ones whose answer is known by hand, damaged ones, and real ones."""

import bz2
import gzip
import random
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium
import pytest
import shapely
from pyproj import CRS, Transformer

from qinshui_geo.errors import SourceError
from qinshui_geo.sources.osm import read_osm
from qinshui_geo.sources.osm_tags import AREA_THEMES, LINE_THEMES, POINT_THEMES, RULES, classify

METRIC = CRS.from_epsg(4546)
TO_DEGREES = Transformer.from_crs(METRIC, 4326, always_xy=True)
ORIGIN = (607_000.0, 3_951_000.0)  # in the county town of Qinshui
SQUARE = ((1, 0, 0), (2, 100, 0), (3, 100, 100), (4, 0, 100))  # node id, metres east and north
HOLE = ((5, 25, 25), (6, 75, 25), (7, 75, 75), (8, 25, 75))
PARK = {"leisure": "park", "name": "沁河公园"}
MULTIPOLYGON = {"type": "multipolygon"}


def tag_xml(tags):
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def node(number, east, north, when="2024-05-01", **tags):
    lon, lat = TO_DEGREES.transform(ORIGIN[0] + east, ORIGIN[1] + north)
    attributes = f'id="{number}" version="1" timestamp="{when}T00:00:00Z" lon="{lon:.7f}" lat="{lat:.7f}"'
    return f"<node {attributes}>{tag_xml(tags)}</node>"


def nodes(*places):
    return [node(*place) for place in places]


def way(number, refs, tags, when="2024-05-02"):
    inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + tag_xml(tags)
    return f'<way id="{number}" version="1" timestamp="{when}T00:00:00Z">{inner}</way>'


def relation(number, members, tags):
    inner = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
    return f'<relation id="{number}" version="1">{inner}{tag_xml(tags)}</relation>'


def osm_text(objects, bounds=""):
    return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{bounds}{"".join(objects)}</osm>'


@pytest.fixture
def read(tmp_path):
    """Reads the given objects, in the metric CRS, as from a file."""

    def read_objects(*objects, name="town.osm", bounds=""):
        path = tmp_path / name
        path.write_text(osm_text(objects, bounds), encoding="utf-8")
        return read_osm(path, crs=METRIC)

    return read_objects


def rows(frame, *columns):
    return frame[list(columns)].to_numpy().tolist()


PARK_OBJECTS = [*nodes(*SQUARE), way(10, (1, 2, 3, 4, 1), PARK)]
AREA_M2 = pytest.approx(10_000, rel=1e-3)  # coordinates in a file are rounded to about 1 cm


def test_square_park_of_one_hectare(read):
    parks = read(*PARK_OBJECTS).layers["green_areas"]
    assert rows(parks, "source_id", "name", "kind") == [["way/10", "沁河公园", "park"]]
    assert parks["access"].isna().all()
    assert parks.area.sum() == AREA_M2


def test_layers_are_in_degrees_unless_a_crs_is_given(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(osm_text(PARK_OBJECTS), encoding="utf-8")
    degrees, metres = read_osm(path), read_osm(path, crs=METRIC)
    assert {frame.crs.to_epsg() for frame in degrees.layers.values()} == {4326}
    assert {frame.crs.to_epsg() for frame in metres.layers.values()} == {4546}
    assert degrees.extent == metres.extent == pytest.approx(degrees.layers["green_areas"].total_bounds)


def test_every_theme_is_there_with_its_columns_even_when_empty(read):
    layers = read(*PARK_OBJECTS).layers
    assert set(layers) == {*AREA_THEMES, *LINE_THEMES, *POINT_THEMES} == set(RULES)
    line = ["layer", "bridge", "tunnel"]
    more = {
        "green_areas": ["access"], "streets": [*line, "access"], "paths": [*line, "access", "route"],
        "places": ["population"],
    }  # fmt: skip
    for theme, frame in layers.items():
        extra = more.get(theme, line if theme in LINE_THEMES else [])
        assert list(frame.columns) == ["source_id", "name", "kind", *extra, "geometry"]
    assert layers["paths"].dtypes[["layer", "bridge", "route"]].astype(str).tolist() == [
        "int64", "bool", "bool"
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["osm.gz", "osm.bz2", "osm.pbf", "pbf", "OSM"])
def test_every_format_reads_the_same(tmp_path, suffix):
    plain, other = tmp_path / "plain.osm", tmp_path / f"other.{suffix}"
    plain.write_text(osm_text(PARK_OBJECTS), encoding="utf-8")
    if suffix.endswith("pbf"):
        with osmium.SimpleWriter(other) as writer:
            for obj in osmium.FileProcessor(plain):
                writer.add(obj)
    else:
        pack = {"osm.gz": gzip.compress, "osm.bz2": bz2.compress}.get(suffix, bytes)
        other.write_bytes(pack(plain.read_bytes()))
    expected, found = read_osm(plain).layers["green_areas"], read_osm(other).layers["green_areas"]
    assert found.drop(columns="geometry").equals(expected.drop(columns="geometry"))
    assert found.geometry.geom_equals_exact(expected.geometry, 1e-7).all()


def test_multipolygon_with_hole_counts_once_although_its_outer_way_has_the_same_tags(read):
    osm = read(
        *nodes(*SQUARE, *HOLE),
        way(10, (1, 2, 3, 4, 1), PARK),
        way(11, (5, 6, 7, 8, 5), {"natural": "water"}),
        relation(20, [(10, "outer"), (11, "inner")], {**MULTIPOLYGON, **PARK}),
    )
    assert rows(osm.layers["green_areas"], "source_id", "kind") == [["relation/20", "park"]]
    assert osm.layers["green_areas"].area.sum() == pytest.approx(10_000 - 2_500, rel=1e-3)
    assert osm.layers["water_areas"].area.sum() == pytest.approx(2_500, rel=1e-3)


def test_outer_way_with_tags_of_its_own_stays(read):
    osm = read(
        *nodes(*SQUARE),
        way(10, (1, 2, 3, 4, 1), {"building": "yes", "leisure": "park"}),
        relation(20, [(10, "outer")], {**MULTIPOLYGON, **PARK}),
    )
    assert rows(osm.layers["green_areas"], "source_id") == [["relation/20"]]
    assert rows(osm.layers["buildings"], "source_id", "kind") == [["way/10", "yes"]]


def test_multipolygon_without_tags_takes_those_of_its_outer_way(read):
    green = read(
        *nodes(*SQUARE, *HOLE),
        way(10, (1, 2, 3, 4, 1), {**PARK, "access": "private"}),
        way(11, (5, 6, 7, 8, 5), {}),
        relation(20, [(10, "outer"), (11, "inner")], MULTIPOLYGON),
    ).layers["green_areas"]
    assert rows(green, "source_id", "name", "kind", "access") == [
        ["relation/20", "沁河公园", "park", "private"]
    ]
    assert green.area.sum() == pytest.approx(7_500, rel=1e-3)


def test_incomplete_multipolygon_is_counted_and_its_whole_outer_way_used(read):
    osm = read(*PARK_OBJECTS, relation(20, [(10, "outer"), (99, "inner")], {**MULTIPOLYGON, **PARK}))
    assert rows(osm.layers["green_areas"], "source_id") == [["way/10"]]
    assert osm.skipped == {"green_areas": 1}


@pytest.mark.parametrize(
    ("tags", "theme", "kind"),
    [
        ({"highway": "residential"}, "streets", "residential"),
        ({"highway": "footway", "leisure": "park"}, "paths", "footway"),
        ({"highway": "pedestrian"}, "paths", "pedestrian"),
        ({"highway": "pedestrian", "area": "yes"}, "green_areas", "square"),
        ({"place": "square"}, "green_areas", "square"),
        ({"leisure": "garden"}, "green_areas", "garden"),
        ({"leisure": "garden", "garden:type": "botanical"}, "green_areas", "botanical"),
        ({"leisure": "park", "tourism": "zoo"}, "green_areas", "zoo"),
        ({"waterway": "canal"}, "waterways", "canal"),
        ({"waterway": "river", "natural": "water", "water": "river"}, "water_areas", "river"),
        ({"railway": "rail"}, "railways", "rail"),
    ],
)
def test_closed_way_is_used_once_as_line_or_as_area(read, tags, theme, kind):
    layers = read(*nodes(*SQUARE), way(10, (1, 2, 3, 4, 1), tags)).layers
    assert {name: frame["kind"].tolist() for name, frame in layers.items() if len(frame)} == {theme: [kind]}
    wanted = "Polygon" if theme in AREA_THEMES else "LineString"
    assert layers[theme].geom_type.tolist() == [wanted]


def test_lines_say_who_may_use_them(read):
    ways = [way(1, (1, 2), {"highway": "service", "access": "private"}), way(2, (2, 3), {"highway": "path"})]
    layers = read(*nodes(*SQUARE), *ways).layers
    assert layers["streets"]["access"].tolist() == ["private"]
    assert layers["paths"]["access"].isna().tolist() == [True]


def test_object_of_several_themes_and_its_point(read):
    layers = read(*nodes(*SQUARE), way(10, (1, 2, 3, 4, 1), {"amenity": "school", "name": "沁水中学"})).layers
    assert rows(layers["built_land"], "source_id", "kind") == [["way/10", "education"]]
    assert rows(layers["pois"], "source_id", "name", "kind") == [["way/10", "沁水中学", "school"]]
    assert layers["built_land"].contains(layers["pois"]).all()


def test_members_of_hiking_foot_and_bicycle_routes_are_marked(read):
    kinds = ("hiking", "foot", "bicycle", "bus")
    ways = [way(10 + i, (1, 2), {"highway": "path"}) for i in range(5)]
    routes = [
        relation(20 + i, [(10 + i, "")], {"type": "route", "route": kind}) for i, kind in enumerate(kinds)
    ]
    paths = read(*nodes(*SQUARE), *ways, *routes).layers["paths"]
    assert paths["route"].tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, [0, False, False]),
        ({"layer": "1", "bridge": "yes"}, [1, True, False]),
        ({"layer": "-2", "tunnel": "culvert"}, [-2, False, True]),
        ({"layer": "abc", "bridge": "no", "tunnel": "no"}, [0, False, False]),
        ({"layer": "", "bridge": "viaduct"}, [0, True, False]),
    ],
)
def test_level_bridge_and_tunnel(read, tags, expected):
    streets = read(*nodes(*SQUARE), way(10, (1, 2), {"highway": "primary", **tags})).layers["streets"]
    assert rows(streets, "layer", "bridge", "tunnel") == [expected]


def test_missing_nodes_cut_a_line_and_drop_an_area(read):
    osm = read(
        *nodes(*SQUARE),
        way(10, (98, 1, 2, 3, 99, 4), {"highway": "primary"}),
        way(11, (1, 99), {"highway": "primary"}),
        way(12, (1, 2, 99, 1), PARK),
    )
    assert osm.layers["streets"].length.tolist() == [pytest.approx(200, rel=1e-3)]
    assert osm.layers["green_areas"].empty
    assert osm.clipped == {"streets": 1}
    assert osm.skipped == {"streets": 1, "green_areas": 1}


def test_self_crossing_ring_is_repaired_to_its_two_triangles(read):
    osm = read(*nodes(*SQUARE), way(10, (1, 3, 2, 4, 1), PARK))
    assert osm.layers["green_areas"].is_valid.all()
    assert osm.layers["green_areas"].area.sum() == pytest.approx(5_000, rel=1e-3)
    assert osm.repaired == {"green_areas": 1}


def test_ring_without_area_is_counted_as_skipped(read):
    osm = read(*PARK_OBJECTS, way(11, (1, 2, 1), PARK), way(12, (1, 2, 1, 2, 1), PARK))
    assert rows(osm.layers["green_areas"], "source_id") == [["way/10"]]
    assert (osm.skipped, osm.repaired) == ({"green_areas": 2}, {})


def test_townships_places_and_their_population(read):
    border = {"type": "boundary", "boundary": "administrative"}
    layers = read(
        *nodes(*SQUARE),
        node(9, 50, 50, place="town", name="龙港镇", population="约 45000"),
        way(10, (1, 2, 3), {"boundary": "administrative"}),
        way(11, (3, 4, 1), {"boundary": "administrative"}),
        relation(20, [(10, "outer"), (11, "outer")], {**border, "admin_level": "8", "name": "龙港镇"}),
        relation(21, [(10, "outer"), (11, "outer")], {**border, "admin_level": "7", "name": "沁水县"}),
    ).layers
    assert rows(layers["townships"], "source_id", "name", "kind") == [["relation/20", "龙港镇", "township"]]
    assert layers["townships"].area.sum() == AREA_M2
    assert rows(layers["places"], "source_id", "name", "kind", "population") == [
        ["node/9", "龙港镇", "town", "约 45000"]
    ]


def test_order_of_the_objects_does_not_matter(read):
    objects = [
        *nodes(*SQUARE, *HOLE), node(9, 50, 50, amenity="charging_station"),
        way(10, (1, 2, 3, 4, 1), PARK), way(11, (5, 6, 7, 8, 5), {}), way(12, (1, 3), {"highway": "path"}),
        relation(20, [(10, "outer"), (11, "inner")], {**MULTIPOLYGON, **PARK}),
        relation(21, [(12, "")], {"type": "route", "route": "foot"}),
    ]  # fmt: skip
    bounds = '<bounds minlat="35" minlon="112" maxlat="36" maxlon="113"/>'
    expected = read(*objects, bounds=bounds)
    turned = [*objects[9:], *objects[:9]]  # ways and relations before their nodes, as Overpass may write
    shuffled = random.Random(1).sample(objects, len(objects))
    for other in (turned, objects[::-1], shuffled, [*objects, *objects[:4]]):
        found = read(*other, bounds=bounds)
        for theme, frame in expected.layers.items():
            assert found.layers[theme].drop(columns="geometry").equals(frame.drop(columns="geometry"))
            assert found.layers[theme].geometry.geom_equals(frame.geometry).all()
        assert (found.extent, found.as_of, found.skipped) == (expected.extent, expected.as_of, {})


def test_extent_is_the_declared_box(read):
    bounds = '<bounds minlat="35.5" minlon="112.0" maxlat="35.75" maxlon="112.25"/>'
    assert read(*PARK_OBJECTS, bounds=bounds).extent == (112.0, 35.5, 112.25, 35.75)


def test_date_of_the_newest_object(read):
    objects = [*nodes(*SQUARE), way(10, (1, 2), {"highway": "path"}, when="2023-07-09"),
               way(11, (1, 2), {"highway": "path"}, when="2019-01-01")]  # fmt: skip
    assert read(*objects, name="town_20241118.osm").as_of == "2023-07-09"


@pytest.mark.parametrize(
    ("name", "date"),
    [("town_20241118.osm", "2024-11-18"), ("town-2024-11-18.osm", "2024-11-18"), ("town_140521.osm", None)],
)
def test_date_in_the_file_name_where_the_objects_have_none(tmp_path, name, date):
    undated = osm_text(PARK_OBJECTS)
    for day in ("2024-05-01", "2024-05-02"):
        undated = undated.replace(f'timestamp="{day}T00:00:00Z"', "")
    (tmp_path / name).write_text(undated, encoding="utf-8")
    assert read_osm(tmp_path / name).as_of == date


def test_header_of_the_file_gives_date_and_box(tmp_path):
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2022-03-04T05:06:07Z")
    header.add_box(osmium.osm.Box(112.0, 35.0, 113.0, 36.0))
    plain, path = tmp_path / "plain.osm", tmp_path / "town.osm.pbf"
    plain.write_text(osm_text(PARK_OBJECTS), encoding="utf-8")
    with osmium.SimpleWriter(path, header=header) as writer:
        for obj in osmium.FileProcessor(plain):
            writer.add(obj)
    osm = read_osm(path)
    assert (osm.as_of, osm.extent) == ("2022-03-04", (112.0, 35.0, 113.0, 36.0))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"amenity": "social_facility", "social_facility:for": "disabled; senior"}, {"pois": "eldercare"}),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, {"pois": "eldercare"}),
        ({"amenity": "social_facility", "social_facility:for": "homeless"}, {"pois": "social_facility"}),
        ({"amenity": "childcare"}, {"pois": "childcare"}),
        ({"building": "no", "highway": "bus_stop"}, {"pois": "bus_stop"}),
        ({"boundary": "administrative", "admin_level": "9"}, {}),
        ({"natural": "wetland", "water": "pond"}, {"water_areas": "wetland"}),
        ({"natural": "grassland", "landuse": "grass"}, {"green_areas": "grass"}),
        ({"highway": "construction"}, {}),
    ],
)
def test_tags_give_kinds(tags, expected):
    kinds = classify(tags)
    assert {theme: kind for theme, kind in kinds.items() if theme != "built_land"} == expected


def test_progress_tells_how_many_objects_were_read(tmp_path):
    path = tmp_path / "many.osm"
    many = [node(i, i, 0, amenity="parking") for i in range(1, 4_501)]
    path.write_text(osm_text(many), encoding="utf-8")
    told: list[int] = []
    assert len(read_osm(path, progress=told.append).layers["pois"]) == 4_500
    assert sum(told) == 4_500


NOT_READABLE = {
    "html.osm": (b"<html><body>sign in</body></html>", "not a readable"),
    "json.osm": (b'{"elements": []}', "not a readable"),
    "text.osm.pbf": (b"hello world, this is no pbf" * 9, "not a readable"),
    "nothing.osm": (b"", "truncated or damaged"),
    "nothing.osm.pbf": (b"", "truncated or damaged"),
    "plain.osm.gz": (osm_text(PARK_OBJECTS)[:300].encode(), "truncated or damaged"),
    "cut.osm": (osm_text(PARK_OBJECTS)[:-9].encode(), "truncated or damaged"),
    "cut.osm.gz": (gzip.compress(osm_text(PARK_OBJECTS).encode())[:-40], "truncated or damaged"),
    "cut.osm.bz2": (bz2.compress(osm_text(PARK_OBJECTS).encode())[:-40], "truncated or damaged"),
    "town.geojson": (b"{}", "not a known OpenStreetMap format"),
    "empty.osm": (osm_text([]).encode(), "holds nothing of any theme"),
    "untagged.osm": (osm_text(nodes(*SQUARE)).encode(), "holds nothing of any theme"),
    "trees.osm": (osm_text([node(1, 0, 0, natural="tree")]).encode(), "holds nothing of any theme"),
}


def assert_refused(path: Path, message: str) -> None:
    with pytest.raises(SourceError) as error:
        read_osm(path)
    assert message in error.value.what
    assert error.value.where == str(path)
    assert error.value.mend
    assert error.value.__cause__ is None


@pytest.mark.parametrize("name", NOT_READABLE)
def test_unreadable_file_is_named_with_its_mend(tmp_path, name):
    content, message = NOT_READABLE[name]
    (tmp_path / name).write_bytes(content)
    assert_refused(tmp_path / name, message)


def test_missing_file_and_folder(tmp_path):
    assert_refused(tmp_path / "none.osm", "does not exist")
    (tmp_path / "folder.osm").mkdir()
    assert_refused(tmp_path / "folder.osm", "a folder")


@pytest.mark.real
def test_truncated_pbf(real_data, tmp_path):
    whole = (real_data / "helsinki" / "helsinki_centre_20190421.osm.pbf").read_bytes()
    for size in (10, 300_000, len(whole) - 1):
        path = tmp_path / f"cut_{size}.osm.pbf"
        path.write_bytes(whole[:size])
        assert_refused(path, "truncated or damaged")


REAL = {  # file, UTM zone, number of parks, their area and that of their union in hectares, date
    "guixi": ("guixi/guixi_20241118.osm", 32650, 1, 19.16, 19.16, "2024-11-02"),
    "tsinghua": ("beijing_tsinghua/tsinghua_20170624.osm", 32650, 12, 330.8, 330.8, "2017-06-15"),
    "helsinki": ("helsinki/helsinki_centre_20190421.osm.pbf", 32635, 12, 19.7, 19.7, "2019-04-21"),
    "las_palmas": ("las_palmas/las_palmas_20230221.osm.pbf", 32628, 282, 186.57, 183.78, "2023-02-21"),
}
"""Counts and areas from independent reads of ``leisure=park``."""


@pytest.fixture(scope="module", params=REAL)
def real(request, real_data):
    file, epsg, *known = REAL[request.param]
    return read_osm(real_data / file), epsg, known


@pytest.mark.real
def test_parks_of_a_real_extract(real):
    osm, epsg, (count, area_ha, union_ha, _) = real
    green = osm.layers["green_areas"]
    parks = green[green["kind"] == "park"].to_crs(epsg)
    assert len(parks) == count
    assert parks.area.sum() / 1e4 == pytest.approx(area_ha, rel=5e-3)
    assert parks.union_all().area / 1e4 == pytest.approx(union_ha, rel=5e-3)


@pytest.mark.real
def test_real_extract_is_valid_dated_and_each_object_once(real):
    osm, _, (*_, as_of) = real
    assert osm.as_of == as_of
    for theme, frame in osm.layers.items():
        wanted = {"Point"} if theme in POINT_THEMES else {"LineString"} if theme in LINE_THEMES else {
            "Polygon", "MultiPolygon"
        }  # fmt: skip
        assert set(frame.geom_type) <= wanted
        assert frame.is_valid.all()
        assert frame["source_id"].is_unique
        assert frame["kind"].notna().all()
    areas = {source for theme in AREA_THEMES for source in osm.layers[theme]["source_id"]}
    lines = {source for theme in LINE_THEMES for source in osm.layers[theme]["source_id"]}
    assert areas.isdisjoint(lines)
    assert shapely.box(*osm.extent).intersects(osm.layers["streets"].geometry).all()
