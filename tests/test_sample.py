"""The embedded sample: the same bytes anywhere, in the forms of the real sources, with their dirt in it."""

import csv
import hashlib
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import Transformer
from rasterio.warp import transform_bounds

from qinshui_geo.errors import OutputError
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import USUAL_FILES, load_profile
from qinshui_geo.sample import write_sample
from qinshui_geo.sample.frame import SEAT, along_across, river_coordinates, to_degrees
from qinshui_geo.sample.parks import HOSTILE_NAME

COMMITTED = Path(__file__).parent.parent / "data" / "raw" / "qinshui_sample"
SOURCES = {
    "osm.osm.pbf", "landcover.tif", "ndvi.tif", "dem.tif", "population.tif", "degurba.tif", "rainfall.csv",
    *(f"ghs_built_s_{year}.tif" for year in (1990, 2000, 2010, 2020)),
    "statistics.csv", "reference_points.csv", "boundary.geojson", "sponge_facilities.geojson",
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    tags: dict
    refs: list
    shape: shapely.LineString


@dataclass(frozen=True)
class RawMap:
    """The OSM file read by nothing but pyosmium, in EPSG:4546."""

    nodes: dict
    tagged_nodes: dict
    ways: dict
    relations: dict

    def named(self, name):
        return [way for way in self.ways.values() if way.tags.get("name") == name]

    def ring(self, name):
        (way,) = self.named(name)
        return shapely.Polygon(way.shape.coords)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "new" / "folder"
    return folder, write_sample(folder)


@pytest.fixture(scope="module")
def raw():
    to_metres = Transformer.from_crs(4490, 4546, always_xy=True)
    nodes, tagged, ways, relations = {}, {}, {}, {}
    for element in osmium.FileProcessor(COMMITTED / "osm.osm.pbf"):
        tags = {tag.k: tag.v for tag in element.tags}
        if element.is_node():
            nodes[element.id] = to_metres.transform(element.location.lon, element.location.lat)
            if tags:
                tagged[element.id] = (tags, nodes[element.id])
        elif element.is_way():
            refs = [node.ref for node in element.nodes]
            shape = shapely.LineString([nodes[ref] for ref in refs if ref in nodes])
            ways[element.id] = Way(tags, refs, shape)
        else:
            relations[element.id] = (tags, [(member.ref, member.role) for member in element.members])
    return RawMap(nodes, tagged, ways, relations)


def _raster(name):
    with rasterio.open(COMMITTED / name) as raster:
        return raster.read(1), raster.profile, raster.overviews(1), raster.crs, raster.bounds


# ---- The same files ---------------------------------------------------------------------------------


def test_writes_the_committed_bytes(written):
    folder, paths = written
    names = {path.name for path in paths}
    assert names == {path.name for path in COMMITTED.iterdir()}
    different = [n for n in sorted(names) if (folder / n).read_bytes() != (COMMITTED / n).read_bytes()]
    assert different == []


def test_writes_nothing_else(written):
    folder, paths = written
    assert sorted(folder.iterdir()) == sorted(paths)
    assert {path.name for path in paths if "provenance" not in path.name} == SOURCES | {
        "profile.toml",
        "README.md",
    }


def test_is_small():
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 2_000_000


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="file"):
        write_sample(tmp_path / "file" / "sample")


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_sidecar_says_that_it_is_made_up(name):
    sidecar = json.loads((COMMITTED / f"{name}.provenance.json").read_text(encoding="utf-8"))
    assert sidecar["synthetic"] is True
    assert "合成示例" in sidecar["origin"]
    assert sidecar["licence"] == "CC0-1.0"
    assert sidecar["as_of"] == "2026-01-01"
    assert sidecar["sha256"] == hashlib.sha256((COMMITTED / name).read_bytes()).hexdigest()


def test_profile_loads_and_finds_its_files():
    profile = load_profile(COMMITTED)
    assert (profile.id, profile.synthetic, profile.plan) == ("qinshui_sample", True, "qinshui")
    assert "合成示例" in profile.name_zh
    assert profile.seat == SEAT
    found = {source: profile.source_path(source) for source in USUAL_FILES}
    assert {source: path.name for source, path in found.items() if path is not None} == {
        source: names[0] for source, names in USUAL_FILES.items() if names[0] in SOURCES
    }
    assert (COMMITTED / profile.sources.vectors["sponge_facilities"].file).is_file()


# ---- Geometry of the frame --------------------------------------------------------------------------


def test_seat_is_the_origin_of_the_frame():
    assert to_degrees(np.zeros(2)) == pytest.approx(SEAT, abs=1e-7)


def test_river_coordinates_are_the_reverse_of_along_across():
    along, across = np.meshgrid(np.arange(-4500.0, 4501.0, 250.0), np.arange(-1500.0, 2001.0, 250.0))
    s, t = river_coordinates(along_across(along, across))
    assert np.allclose(s, along, atol=1e-6)
    assert np.allclose(t, across, atol=1e-6)


def test_distance_across_is_true():
    points = along_across([700.0, 700.0], [0.0, 800.0])
    assert np.hypot(*(points[1] - points[0])) == pytest.approx(800.0)


# ---- The map and its dirt ---------------------------------------------------------------------------


def test_elements_are_sorted_and_in_the_header_box():
    order = [("nwr".index(o.type_str()), o.id) for o in osmium.FileProcessor(COMMITTED / "osm.osm.pbf")]
    assert order == sorted(order)
    with osmium.io.Reader(COMMITTED / "osm.osm.pbf") as reader:
        box = reader.header().box()
    assert box.contains(osmium.osm.Location(*SEAT))


def test_town_has_what_a_town_has(raw):
    kinds = [way.tags.get("highway") for way in raw.ways.values()]
    assert {"primary", "secondary", "tertiary", "residential", "cycleway", "footway", "path"} <= set(kinds)
    assert sum("building" in way.tags for way in raw.ways.values()) > 3000
    assert sum(way.tags.get("bridge") == "yes" and way.tags["layer"] == "1" for way in raw.ways.values()) == 8
    amenities = [tags.get("amenity") for tags, _ in raw.tagged_nodes.values()]
    assert (amenities.count("charging_station"), amenities.count("kindergarten")) == (6, 6)
    routes = [members for tags, members in raw.relations.values() if tags.get("route") == "hiking"]
    assert [len(members) for members in routes] == [2]


def test_streets_that_meet_share_a_node(raw):
    streets = [way for way in raw.ways.values() if way.tags.get("highway") in ("primary", "secondary")]
    crossings = [raw.nodes[ref] for one in streets for other in streets if one.tags != other.tags
                 for ref in set(one.refs) & set(other.refs) & set(raw.nodes)]  # fmt: skip
    assert len(crossings) > 20


def test_one_township_has_no_eldercare(raw):
    towns = {}
    for tags, members in raw.relations.values():
        if tags.get("admin_level") == "8":
            (area,) = shapely.get_parts(shapely.polygonize([raw.ways[ref].shape for ref, _ in members]))
            towns[tags["name"]] = area
    homes = [at for tags, at in raw.tagged_nodes.values() if tags.get("amenity") == "social_facility"]
    without = [
        name for name, area in towns.items() if not any(area.contains(shapely.Point(p)) for p in homes)
    ]
    assert len(towns) == 3
    assert without == ["示例东镇"]
    county = pyogrio.read_dataframe(COMMITTED / "boundary.geojson").to_crs(4546).geometry.iloc[0]
    assert shapely.union_all(list(towns.values())).area == pytest.approx(county.area, rel=1e-9)


def test_everything_lies_within_the_county(raw):
    county = pyogrio.read_dataframe(COMMITTED / "boundary.geojson").to_crs(4546).geometry.iloc[0]
    assert county.buffer(1).contains(shapely.MultiPoint(list(raw.nodes.values())))


def test_near_patches_lie_on_both_sides_of_the_link_distance(raw):
    blocks = [shapely.Polygon(way.shape.coords) for way in raw.ways.values()
              if {"landuse", "leisure"} & set(way.tags) and len(way.refs) > 3
              and not str(way.tags.get("name")).endswith(("村(示例)", "组(示例)"))]  # fmt: skip
    town = shapely.union_all(shapely.make_valid(blocks))
    assert raw.ring("近郊一组(示例)").distance(town) == pytest.approx(80, abs=6)
    assert raw.ring("近郊二组(示例)").distance(town) == pytest.approx(150, abs=8)


def test_villages_lie_apart(raw):
    villages = ["西村(示例)", "河底村(示例)", "东村(示例)", "柳沟村(示例)", "北沟村(示例)"]
    seat_block = raw.ring("人民广场")
    assert all(1500 < raw.ring(name).distance(seat_block) < 4500 for name in villages)


def test_a_park_ring_crosses_itself(raw):
    assert "Self-intersection" in shapely.is_valid_reason(raw.ring("自相交公园(示例)"))


def test_a_park_is_mapped_twice(raw):
    (number,) = [n for n, way in raw.ways.items() if way.tags.get("name") == "重复小公园(示例)"]
    again = [members for tags, members in raw.relations.values()
             if tags.get("name") == "重复小公园(示例)" and tags["leisure"] == "park"]  # fmt: skip
    assert again == [[(number, "outer")]]
    assert raw.ways[number].tags["leisure"] == "park"


def test_a_park_overlaps_another(raw):
    extra = raw.ring("重叠公园(示例)")
    parks = [shapely.Polygon(way.shape.coords) for way in raw.ways.values()
             if way.tags.get("leisure") == "park" and way.tags.get("name") != "重叠公园(示例)"]  # fmt: skip
    assert max(park.intersection(extra).area for park in parks if park.is_valid) > 1000


def test_a_garden_is_private(raw):
    (garden,) = raw.named("私家花园(示例)")
    assert (garden.tags["leisure"], garden.tags["access"]) == ("garden", "private")


def test_a_park_way_is_not_closed(raw):
    (way,) = raw.named("未闭合公园(示例)")
    assert way.refs[0] != way.refs[-1]


def test_a_park_has_a_pond_with_an_island(raw):
    found = {tags["name"]: members for tags, members in raw.relations.values() if "name" in tags}
    assert [role for _, role in found["梅苑公园"]] == ["outer", "inner", "outer"]
    outer, pond, island = (shapely.Polygon(raw.ways[ref].shape.coords) for ref, _ in found["梅苑公园"])
    assert outer.contains(pond) and pond.contains(island)
    assert outer.area - pond.area + island.area > 100_000
    assert [ref for ref, _ in found["梅湖"]] == [ref for ref, _ in found["梅苑公园"]][1:]


def test_strips_are_ten_and_fifteen_metres_wide(raw):
    for name, width in (("示例窄带绿地(宽10米)", 10), ("示例带状公园(宽15米)", 15)):
        strip = raw.ring(name)
        assert 2 * strip.area / strip.length == pytest.approx(width, rel=0.04)


def test_a_name_is_hostile_and_a_park_has_none(raw):
    assert len(raw.named(HOSTILE_NAME)) == 1
    assert "<script>" in HOSTILE_NAME and '"' in HOSTILE_NAME and "🌳" in HOSTILE_NAME
    assert sum(way.tags == {"leisure": "park"} for way in raw.ways.values()) == 1


def test_buildings_lack_type_and_levels(raw):
    buildings = [way.tags for way in raw.ways.values() if "building" in way.tags]
    assert 0.15 < sum(tags == {"building": "yes"} for tags in buildings) / len(buildings) < 0.25
    assert 0.3 < sum("building:levels" in tags for tags in buildings) / len(buildings) < 0.4


def test_a_street_refers_to_a_missing_node(raw):
    broken = [way for way in raw.ways.values() if not set(way.refs) <= set(raw.nodes)]
    assert [way.tags["highway"] for way in broken] == ["residential"]


def test_greenway_has_three_gaps_and_a_piece_drawn_twice(raw):
    pieces = [way.shape for way in raw.named("沁河绿道")]
    single = shapely.get_parts(shapely.line_merge(shapely.union_all(pieces)))
    assert (len(pieces), len(single)) == (6, 5)
    south = max(single, key=lambda piece: piece.length)
    north = sorted((piece for piece in single if piece is not south), key=lambda piece: piece.bounds[0])
    gaps = [one.distance(other) for one, other in pairwise(north)]
    assert [round(gap, -1) for gap in gaps] == pytest.approx([60, 140, 220], abs=15)


def test_foot_bridges_are_joined_to_both_banks(raw):
    bridges, banks = raw.named("沁河步行桥"), raw.named("沁河绿道")
    for bridge in bridges:
        for end in (bridge.refs[0], bridge.refs[-1]):
            assert any(end in bank.refs for bank in banks)
    assert len(bridges) == 2


# ---- The rasters ------------------------------------------------------------------------------------


def test_landcover_is_a_cog_with_worldcover_codes():
    codes, profile, overviews, crs, _ = _raster("landcover.tif")
    assert (profile["dtype"], profile["nodata"], crs.to_epsg()) == ("uint8", 0, 4326)
    assert profile["tiled"] and overviews == [2, 4, 8]
    assert profile["transform"].a == pytest.approx(1 / 12000)
    assert set(np.unique(codes)) == {10, 20, 30, 40, 50, 60, 80}


def test_ndvi_fits_the_landcover():
    ndvi, profile, _, crs, bounds = _raster("ndvi.tif")
    codes, _, _, _, same = _raster("landcover.tif")
    assert (profile["dtype"], crs.to_epsg(), bounds) == ("float32", 4326, same)
    assert ndvi.min() >= -1 and ndvi.max() <= 1
    assert ndvi[codes == 10].min() > 0.3
    assert ndvi[codes == 50].max() < 0.3
    assert ndvi[codes == 80].max() < 0.1


def test_dem_is_a_valley_that_falls_to_the_east(raw):
    height, profile, _, crs, _ = _raster("dem.tif")
    assert (profile["dtype"], crs.to_epsg()) == ("float32", 4326)
    with rasterio.open(COMMITTED / "dem.tif") as dem:
        places = to_degrees(along_across([-4000.0, 0.0, 4000.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1800.0, -1400.0]))
        west, middle, east, north, south = (value[0] for value in dem.sample(places))
    assert west > middle > east
    assert min(north, south) > middle + 50
    assert height.min() > 700 and height.max() < 1400


def test_river_is_water_in_the_landcover(raw):
    (river,) = [way for way in raw.named("沁河") if "waterway" in way.tags]
    back = Transformer.from_crs(4546, 4490, always_xy=True)
    with rasterio.open(COMMITTED / "landcover.tif") as codes:
        found = [value[0] for value in codes.sample(back.transform(*at) for at in river.shape.coords[2:-2])]
    assert set(found) == {80}


def test_population_is_like_ghs_pop_and_holds_its_total():
    persons, profile, _, crs, bounds = _raster("population.tif")
    assert (profile["dtype"], profile["nodata"], crs.to_authority()) == ("float32", -200, ("ESRI", "54009"))
    assert (profile["transform"].a, bounds.left % 100, bounds.top % 100) == (100, 0, 0)
    known = persons[persons != -200].astype(float)
    assert (persons == -200).any() and known.min() == 0
    assert known.sum() == pytest.approx(82_300 + 3_200, abs=1)


def test_built_surface_is_like_ghs_built_s_and_only_grows():
    before = 0
    for year in (1990, 2000, 2010, 2020):
        surface, profile, _, crs, bounds = _raster(f"ghs_built_s_{year}.tif")
        assert (profile["dtype"], profile["nodata"], crs.to_authority()) == (
            "uint16", 65_535, ("ESRI", "54009")
        )  # fmt: skip
        assert (profile["transform"].a, bounds.left % 100, bounds.top % 100) == (100, 0, 0)
        known = np.where(surface == 65_535, 0, surface.astype(int))
        assert (surface == 65_535).any() and known.max() <= 10_000
        assert np.all(known >= before) and known.sum() > np.sum(before)
        before = known


def test_degurba_has_an_urban_centre_at_the_seat_and_no_cluster_at_its_edge():
    codes, profile, _, crs, _ = _raster("degurba.tif")
    assert (profile["dtype"], profile["nodata"], crs.to_authority()) == ("uint8", 255, ("ESRI", "54009"))
    assert set(np.unique(codes)) == {11, 12, 21, 30}
    inner = codes[1:-1, 1:-1]
    assert (codes >= 21).sum() == (inner >= 21).sum()
    at = Transformer.from_crs(4490, crs, always_xy=True).transform(*SEAT)
    with rasterio.open(COMMITTED / "degurba.tif") as raster:
        assert next(raster.sample([at]))[0] == 30


def test_rasters_cover_the_same_place():
    _, _, _, _, land = _raster("landcover.tif")
    for name in ("dem.tif", "population.tif", "ghs_built_s_2020.tif", "degurba.tif"):
        _, _, _, crs, bounds = _raster(name)
        west, south, east, north = transform_bounds(crs, "EPSG:4326", *bounds)
        assert west < land.left + 1e-3 and south < land.bottom + 1e-3
        assert east > land.right - 1e-3 and north > land.top - 1e-3


# ---- The tables -------------------------------------------------------------------------------------


def test_rain_is_forty_years_of_a_monsoon_with_flagged_days():
    with (COMMITTED / "rainfall.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40 * 365 + 10
    assert (rows[0]["date"], rows[-1]["date"]) == ("1981-01-01", "2020-12-31")
    good = [(row["date"][5:7], float(row["prcp_mm"])) for row in rows if not row["qflag"]]
    assert len(rows) - len(good) == 5
    year = sum(mm for _, mm in good) / 40
    assert 550 < year < 620
    summer = sum(mm for month, mm in good if month in ("06", "07", "08", "09")) / 40
    assert 0.6 < summer / year < 0.75


def test_statistics_answer_most_targets_of_the_plan_but_not_all():
    with (COMMITTED / "statistics.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    plan = load_plan("qinshui")
    asked = {target.id for target in plan.targets if target.kind == "statistical"}
    measured_too = {"built_up_area", "park_area_per_capita", "green_coverage"}
    assert {target.id for target in plan.targets if target.kind == "spatial"} > measured_too
    further = {"town_population", "town_population_temporary"} | measured_too
    assert set(rows) > further
    assert set(rows) - further < asked
    assert 0.7 * len(asked) < len(set(rows) - further) < len(asked)
    assert {row["source"] for row in rows.values()} == {"合成示例 synthetic"}


def test_reference_points_mostly_agree_with_the_land_cover():
    with (COMMITTED / "reference_points.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 800
    with rasterio.open(COMMITTED / "landcover.tif") as cover:
        codes = [value[0] for value in cover.sample([(float(r["lon"]), float(r["lat"])) for r in rows])]
    green = np.array([row["class"] == "green" for row in rows])
    assert 0.9 < np.mean(green == np.isin(codes, (10, 20, 30))) < 0.97


def test_facilities_store_what_they_say():
    frame = pyogrio.read_dataframe(COMMITTED / "sponge_facilities.geojson").to_crs(4546)
    assert set(frame["kind"]) == {"rain_garden", "sunken_green", "tank", "permeable_paving"}
    assert list(frame.geometry.area) == pytest.approx(list(frame["area_m2"]), rel=0.1)
    assert frame.loc[frame["kind"] == "tank", "volume_m3"].notna().all()
    assert frame.loc[frame["kind"] != "tank", "volume_m3"].isna().all()
    assert frame.geometry.is_valid.all()
