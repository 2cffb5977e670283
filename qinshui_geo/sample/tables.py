"""Statistics, boundary and sponge facilities of the sample as text files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from qinshui_geo.sample.frame import Points, to_degrees
from qinshui_geo.sample.places import county_ring
from qinshui_geo.sample.sponge import Facility

TOWN_RESIDENT, TOWN_TEMPORARY = 74_600, 3_300
"""Made-up residents (常住) and temporary residents (暂住) of the town."""
SOURCE = "合成示例 synthetic"
STATISTICS = (
    ("urbanisation_rate", 57.8, "%", "常住人口城镇化率"),
    ("town_population", TOWN_RESIDENT, "人", "县城常住人口"),
    ("town_population_temporary", TOWN_TEMPORARY, "人", "县城暂住人口"),
    ("built_up_area", 6.8, "平方公里", "建成区面积"),
    ("park_area_per_capita", 15.3, "平方米/人", "人均公园绿地面积"),
    ("green_coverage", 41.2, "%", "建成区绿化覆盖率"),
    ("garbage_treatment", 100, "%", "垃圾处理率"),
    ("sewage_treatment", 98.6, "%", "污水处理率"),
    ("water_supply", 100, "%", "县城供水普及率"),
    ("heating", 93.4, "%", "供暖普及率"),
    ("industry_city_zones", 1, "个", "产城融合示范区"),
    ("tourism_commerce_streets", 1, "yes_no", "文旅商消费街区"),
    ("three_level_logistics", 1, "yes_no", "县、乡、村三级物流体系"),
    ("logistics_demonstration_parks", 0, "个", "全省三级物流示范园"),
    ("cold_chain_logistics", 1, "yes_no", "冷链物流体系"),
    ("municipal_safety_census", 1, "yes_no", "市政基础设施安全普查"),
    ("lifeline_monitoring", 0, "yes_no", "城市生命线数字化监测"),
    ("city_operation_platform", 1, "yes_no", "城市运行管理服务平台"),
    ("disabled_children_schooling", 98.4, "%", "适龄残疾儿童义务教育入学率"),
    ("county_hospital_standard", 1, "yes_no", "县级综合医院达到国家推荐标准"),
    ("county_public_eldercare", 1, "yes_no", "县级公办养老机构"),
    ("childcare_inclusive_share", 52.0, "%", "普惠托位占比"),
    ("eldercare_nursing_beds", 56.3, "%", "公办养老机构护理型床位占比"),
    ("public_building_vacancy", 7.5, "%", "公有产权建筑空置率"),
    ("green_buildings", 96.0, "%", "绿色建筑占城镇新建建筑面积比例"),
    ("prefabricated", 27.5, "%", "新开工装配式建筑占城镇新建建筑面积比例"),
    ("village_waste_sorting", 88.0, "%", "农村生活垃圾“四分法”行政村覆盖率"),
    ("waste_incineration", 66.2, "%", "生活垃圾焚烧能力占比"),
    ("rural_sewage", 24.1, "%", "农村生活污水处理率"),
    ("reclaimed_water", 33.0, "%", "再生水利用率"),
    ("rural_tap_water", 98.2, "%", "农村自来水普及率"),
    ("leakage", 9.8, "%", "供水漏损率"),
)
"""Id of the target, made-up value, unit and name; some targets are left out on purpose."""
STATISTICS_YEAR = 2025


def write_statistics(path: Path) -> None:
    """Write made-up official figures with the columns ``id,value,unit,year,source,name``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("id", "value", "unit", "year", "source", "name"))
        table.writerows((key, value, unit, STATISTICS_YEAR, SOURCE, name)
                        for key, value, unit, name in STATISTICS)  # fmt: skip


def write_boundary(path: Path) -> None:
    """Write the made-up county around everything as GeoJSON, WGS84."""
    fields = {"name": "沁水县(合成示例)", "name_en": "Qinshui County (synthetic sample)", "synthetic": True}
    _write_geojson(path, "boundary", [(county_ring(), fields)])


def write_facilities(path: Path, facilities: Iterable[Facility]) -> None:
    """Write the sponge facilities as GeoJSON, WGS84."""
    _write_geojson(path, "sponge_facilities", [(line.points, fields) for line, fields in facilities])


def county_extent() -> tuple[float, float, float, float]:
    """West, south, east and north edge of the made-up county in degrees, rounded outward."""
    lon, lat = to_degrees(county_ring()).T
    west, south = (float(np.floor(edge.min() * 1000) / 1000) for edge in (lon, lat))
    east, north = (float(np.ceil(edge.max() * 1000) / 1000) for edge in (lon, lat))
    return west, south, east, north


def _write_geojson(path: Path, name: str, rows: Iterable[tuple[Points, dict[str, Any]]]) -> None:
    features = [_json({"type": "Feature", "properties": fields, "geometry": _polygon(points)})
                for points, fields in rows]  # fmt: skip
    head = f'{{"type":"FeatureCollection","name":"{name}","features":[\n'
    path.write_bytes((head + ",\n".join(features) + "\n]}\n").encode())


def _polygon(points: Points) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [to_degrees(points).tolist()]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
