"""A small county result made by hand, with names such as vandals and careless mappers leave in OSM."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from qinshui_geo.assessment import Finding
from qinshui_geo.county import CountyResult
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Provenance, Quantity, Statistic, Swing
from qinshui_geo.plan import Plan
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reconciliation import Reconciliation

SCRIPT_NAME = "</script><script>window.hacked=1</script>"
IMAGE_NAME = """<img src=x onerror="window.hacked=1">'"&amp;`${window.hacked=1}`"""
TEMPLATE_NAME = "{{ 7 * 7 }}{% endraw %}{# {{{"
SPECIAL_NAME = "🌳 حديقة \u202etxt.exe \x00 園"
LONG_NAME = "长" * 10_000
HOSTILE_NAMES = (SCRIPT_NAME, IMAGE_NAME, TEMPLATE_NAME, SPECIAL_NAME, LONG_NAME)

EAST, NORTH = 607_000.0, 3_951_000.0  # EPSG:4546 at the county seat of Qinshui
OSM = Provenance("osm", "OpenStreetMap extract", "ODbL 1.0", "2024-11-18")
COVER = Provenance("landcover", "ESA WorldCover <2021>", "CC BY 4.0", "2021")


def square(east: float, north: float, edge: float) -> shapely.Polygon:
    """Square with its south-west corner so many metres from the corner of the town."""
    return shapely.box(EAST + east, NORTH + north, EAST + east + edge, NORTH + north + edge)


def polyline(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + east, NORTH + north) for east, north in points])


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4546)


def _context(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    count = len(shapes)
    return frame(shapes, source_id=["way/1"] * count, name=[SCRIPT_NAME] * count, kind=["x"] * count)


def county_layers(*, synthetic: bool = False) -> CountyLayers:
    streets = [polyline((0, offset), (2000, offset)) for offset in range(0, 2001, 250)]
    streets += [polyline((offset, 0), (offset, 2000)) for offset in range(0, 2001, 250)]
    source = Provenance("osm", OSM.origin, OSM.licence, OSM.as_of, synthetic=synthetic)
    return CountyLayers(
        crs=CRS.from_epsg(4546),
        seat=shapely.Point(EAST + 1000, NORTH + 1000),
        county=_context([square(-6000, -6000, 14_000)]),
        streets=_context(streets),
        water_areas=_context([square(2100, 400, 300)]),
        waterways=_context([polyline((-3000, 600), (0, 1130), (2100, 560), (5000, 900))]),
        railways=_context([polyline((-3000, -300), (5000, -200))]),
        provenance={"osm": source, "landcover": COVER},
        notes={"osm": (Note("跳过 1 个无效多边形", "1 invalid ring was skipped"),)},
    )


def gis_layers() -> dict[str, gpd.GeoDataFrame]:
    parks = [square(100 + 260 * i, 300 + 180 * i, 150) for i in range(len(HOSTILE_NAMES))]
    units = [square(500 * (i % 4), 500 * (i // 4), 500) for i in range(16)]
    return {
        "built_up": frame(
            [square(0, 0, 2000), square(2600, 1500, 400)],
            piece=[1, 2], area_ha=[400.0, 16.0], holds_seat=[True, False],
        ),
        "parks": frame(
            parks, source_id=[f"way/{i}" for i in range(5)], name=list(HOSTILE_NAMES), kind=["park"] * 5,
            class_g1=["G12", "G12", "G14", None, None], area_ha=[2.25] * 5, width_m=[150.0] * 5,
            counted=[True, True, True, False, False], reason=["in the built-up area"] * 3 + ["private"] * 2,
            reason_zh=["在建成区内"] * 3 + ["私有"] * 2,
        ),
        "sponge_units": frame(
            units, unit_id=range(1, 17), area_ha=[25.0] * 16, phi=[0.6] * 16, impervious_percent=[64.0] * 16,
            green_percent=[30.0] * 16, water_percent=[6.0] * 16, unknown_percent=[0.0] * 16,
            required_m3=pd.array([2910.0] * 15 + [None], dtype="Float64"), storage_m3=[0.0] * 16,
            alpha_percent=pd.array([81.5] * 15 + [None], dtype="Float64"),
            compliant=pd.array([True] * 6 + [False] * 9 + [None], dtype="boolean"),
            reason=["storage suffices"] * 6 + ["storage is short"] * 9 + ["surface unknown"],
            reason_zh=["调蓄容积足够"] * 6 + ["调蓄容积不足"] * 9 + ["地表未知"],
        ),
        "greenways": frame(
            [
                polyline((0, 1150), (1200, 900)),
                polyline((1500, 800), (1900, 700)),
                polyline((0, 100), (900, 60)),
            ],
            edge_id=[0, 1, 2], source_ids=["way/7", "way/8", "way/9"], name=["沁河绿道", IMAGE_NAME, None],
            kind=["footway", "cycleway", "path"], greenway_class=["greenway", "greenway", "candidate"],
            component=[1, 2, 3], length_m=[1225.8, 412.3, 900.9], in_largest=[True, False, False],
            reason=["its name says so", "along a river", "no name, no route"],
            reason_zh=["名称含绿道", "沿河", "无名称且不属于线路"],
        ),
        "greenway_links": frame(
            [polyline((1200, 900), (1500, 800))], link_id=[1], name=["连接 1"], length_m=[316.2],
            from_component=[1], to_component=[2],
        ),
    } | _explaining_layers()  # fmt: skip


def _explaining_layers() -> dict[str, gpd.GeoDataFrame]:
    """One feature of every class, and one place without a name."""
    homes = [square(100 + 400 * i, 1500, 200) for i in range(4)]
    parts = [square(1000 * (i % 2), 1000 * (i // 2), 1000) for i in range(4)]
    cells = [square(500 * i, -600, 500) for i in range(6)]
    too_far = (["180 m from the nearest joined patch", "180 m from the nearest joined patch", "too small"],
               ["距最近的连片斑块 180 m"] * 2 + ["面积过小"])  # fmt: skip
    return {
        "residential_areas": frame(
            homes, area_id=[1, 2, 3, 4], name=["东关小区", IMAGE_NAME, None, SCRIPT_NAME],
            area_ha=[4.0] * 4, persons=[900.0, 450.0, 1200.0, float("nan")],
            straight_served=[True, True, False, False],
            straight_share_percent=[100.0, 75.0, 20.0, 0.0],
            walk_served=pd.array([True, False, True, None], dtype="boolean"),
            walk_m=[210.0, 780.0, 460.0, float("nan")],
            nearest_park=["梅园", "梅园", LONG_NAME, None],
            reason=["within 500 m", "within 500 m", "beyond 500 m", "beyond 500 m"],
            reason_zh=["500 m 以内"] * 2 + ["500 m 以外"] * 2,
        ),
        "park_parts": frame(
            parts, part=[1, 2, 3, 4], name=["龙港镇", "城东", "城西", None], area_ha=[100.0] * 4,
            park_ha=[1.0, 2.0, 3.0, 4.0], persons=[2500.0, 2000.0, 1500.0, float("nan")],
            m2_per_person=[4.0, 10.0, 20.0, float("nan")],
        ),
        "built_up_patches": frame(
            [square(600 * i, 2200, 300) for i in range(5)], patch=[1, 2, 3, 4, 5],
            area_ha=[300.0, 90.0, 10.0, 6.0, 0.5], joined=[True, True, False, False, False],
            step=pd.array([0, 1, None, None, None], dtype="Int64"),
            link_to=pd.array([None, 1, None, None, None], dtype="Int64"),
            link_m=[float("nan"), 60.0, float("nan"), float("nan"), float("nan")],
            reason=["holds the county seat", "60 m from patch 1", *too_far[0]],
            reason_zh=["县政府驻地所在", "距斑块 1 为 60 m", *too_far[1]],
        ),
        "built_up_links": frame(
            [polyline((300, 2350), (600, 2350))], from_patch=[1], to_patch=[2], length_m=[60.0]
        ),
        "completeness": frame(
            cells, cell_id=range(1, 7), osm_building_m2=[1e4, 3e4, 6e4, 9e4, 12e4, 0.0],
            built_land_m2=[1e5] * 5 + [0.0],
            completeness_percent=[10.0, 30.0, 60.0, 90.0, 100.0, float("nan")],
            low=[True, True, False, False, False, False],
        ),
    }  # fmt: skip


def _finding(indicator: str, zh: str, en: str, unit: str, **other: object) -> Finding:
    usual = {
        "kind": "spatial", "value": None, "low": None, "high": None, "target": None, "sense": None,
        "year": None, "verdict": "NO_DATA", "gap": None, "years_left": None, "confidence": None,
        "clause": "",
    }  # fmt: skip
    return Finding(id=indicator, name_zh=zh, name_en=en, unit=unit, **(usual | other))  # type: ignore[arg-type]


def findings() -> tuple[Finding, ...]:
    built_up = Measurement(
        "built_up_area", Quantity(7.996, "km2"), "城区实体地域", "urban extent",
        details={
            "pieces": Quantity(2, "count"), "some_new_figure": Quantity(0.5, "ratio"),
            "vector_only": Quantity(6.0, "km2"), "landcover_only": Quantity(9.0, "km2"),
        },
        swings=(
            Swing("min_patch_ha", "ha", (0.5, 1.0, 2.0), (Quantity(7.996, "km2"),) * 3),
            Swing("link_m", "m", (50, 100, 200),
                  (Quantity(6.1, "km2"), Quantity(7.996, "km2"), Quantity(9.4, "km2"))),
        ),
    )  # fmt: skip
    parks = Measurement(
        "park_area_per_capita", Quantity(18.25, "m2/person"), "人均公园绿地面积", "Park area per person",
        details={"without_water": Quantity(16.0, "m2/person")},
    )  # fmt: skip
    coverage = Measurement(
        "park_service_coverage", Quantity(62.5, "percent"), "公园绿地服务半径覆盖率", "Park service coverage",
        details={"walking_land": Quantity(50.0, "percent")},
    )  # fmt: skip
    complete = Measurement("osm_completeness", Quantity(62.0, "percent"), "OSM 完整度", "OSM completeness")
    bring = Note("请提供土地覆盖栅格 landcover.tif", "bring a land-cover raster, landcover.tif")
    return (
        _finding(
            "built_up_area", "城区实体地域", "Urban extent", "km2", value=7.996, low=6.1, high=9.4,
            target=8.0, sense=">=", year=2027, verdict="NOT_MET", gap=0.004, years_left=1,
            confidence="medium", clause="建成区面积8平方公里", sources=(OSM, COVER), measurement=built_up,
            notes=(Note("开放数据近似", "approximated from <open> data"),),
        ),
        _finding(
            "park_area_per_capita", "人均公园绿地面积", "Park area per person", "m2/person", value=18.25,
            low=12.25, high=18.5,
            target=17.0, sense=">=", year=2025, verdict="MET", gap=-1.25, years_left=-1, confidence="low",
            clause="人均公园绿地面积达到17平方米以上", sources=(OSM,), measurement=parks,
        ),
        _finding("green_coverage", "绿化覆盖率", "Green coverage", "percent", target=42.0, sense=">=",
                 year=2027, years_left=1, clause="绿化覆盖率达到42%以上", notes=(bring,)),
        _finding("sponge_share", "径流控制潜力面积比例", "Runoff-control potential share", "percent",
                 value=37.5, low=25.0, high=43.8, target=30.0, sense=">=", year=2027, verdict="MET",
                 gap=-7.5, years_left=1, confidence="low", sources=(COVER,)),
        _finding("greenway_connectivity", "绿道最大连通网络长度占比", "Largest connected share of greenways",
                 "percent", value=74.8, target=60.0, sense="exists", year=2027, verdict="MET", gap=-14.8,
                 years_left=1, confidence="medium", sources=(OSM,)),
        _finding("town_population", "县城人口", "Town population", "person", value=80000, verdict="REPORTED"),
        _finding("leakage", "供水管网漏损率", "Water leakage", "percent", kind="statistical", value=10.2,
                 target=9.0, sense="<=", year=2025, verdict="NOT_MET", gap=1.2, years_left=0,
                 clause="漏损率控制在9%以内"),
        _finding("heating", "供暖普及率", "Heating", "percent", kind="statistical", target=95.0, sense=">=",
                 year=2027, years_left=1),
        _finding("logistics", "三级物流体系", "Logistics system", "yes_no", kind="statistical", value=1,
                 sense="exists", year=2025, verdict="MET", years_left=-1),
        _finding("park_service_coverage", "公园绿地服务半径覆盖率", "Park service coverage", "percent",
                 value=62.5, verdict="REPORTED", confidence="low", sources=(OSM,), measurement=coverage),
        _finding("osm_completeness", "OSM 建筑完整度", "OSM completeness", "percent", value=62.0,
                 verdict="REPORTED", sources=(OSM,), measurement=complete),
    )  # fmt: skip


def county_result(*, synthetic: bool = False) -> CountyResult:
    """County result with every verdict, every layer and hostile names."""
    return CountyResult(
        profile=CountyProfile(id="qinshui", name_zh="沁水县", name_en="Qinshui County", adcode="140521"),
        plan=Plan(
            id="demo", name_zh="推进以县城为重要载体的城镇化建设行动方案", name_en="County-town action plan"
        ),
        layers=county_layers(synthetic=synthetic),
        findings=findings(),
        gis_layers=gis_layers(),
        generated=date(2026, 3, 5),
        reconciliation=(
            Reconciliation(
                "built_up_area",
                Statistic(Quantity(7.2, "km2"), 2023, OSM),
                Quantity(7.996, "km2"),
                0.796,
                11.1,
                (Note("口径不同 <1>", "another definition <1>"), Note("年份不同", "another year")),
            ),
        ),
    )


def bare_result() -> CountyResult:
    """County of which nothing is known but its seat."""
    full = county_result()
    return CountyResult(
        profile=full.profile,
        plan=full.plan,
        layers=CountyLayers(crs=full.layers.crs, seat=full.layers.seat),
        findings=tuple(finding for finding in full.findings if finding.verdict == "NO_DATA"),
        gis_layers={name: layer.iloc[:0] for name, layer in full.gis_layers.items()},
        generated=full.generated,
    )
