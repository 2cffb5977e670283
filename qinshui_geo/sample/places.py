"""Rivers, railway, land use, points and townships around the streets of the sample town."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from qinshui_geo.sample.elements import Element, Group, Line, Place, Tags, course, patch, ring
from qinshui_geo.sample.frame import VALLEY_LENGTH_M, Points, along_across
from qinshui_geo.sample.town import STREAM_COLUMN, Block, StreetGrid

COUNTY_RING_M = (
    (-6900, -2600), (-5600, -4300), (-3000, -5200), (300, -4700), (3000, -5400), (5900, -4200),
    (7100, -1700), (6500, 700), (7200, 2600), (5400, 4700), (3100, 5600), (400, 5000),
    (-2600, 5700), (-5300, 4500), (-7000, 2100), (-6300, -200),
)  # fmt: skip
"""Corners of the made-up county, metres east and north of the seat."""
_WEST_CUT, _EAST_CUT = (2, 12), (4, 10)
"""Corners of the county between which the townships meet."""

_FOR_SENIORS: Tags = {"amenity": "social_facility", "social_facility:for": "senior"}
CHARGING_M = (
    (-2450.0, 110.0), (-1700.0, 110.0), (-900.0, 75.0), (-100.0, 110.0), (650.0, -110.0), (300.0, 390.0),
)  # fmt: skip
"""Places of the charging stations, along and across the river; none in the east."""
ELDERCARE_M = (
    ("县社会福利院(示例)", "nursing_home", -500.0, 450.0),
    ("梅园养老服务中心(示例)", "group_home", -1650.0, 300.0),
    ("南山日间照料中心(示例)", "day_care", 350.0, -300.0),
    ("西村敬老院(示例)", "nursing_home", -3900.0, 300.0),
)
"""Name, kind and place of the facilities for the old; the eastern township has none."""
CHILDCARE_M = ((-1400.0, 300.0), (150.0, -300.0), (1300.0, 290.0))
KINDERGARTENS_M = (
    (-2200.0, 310.0), (-1000.0, 450.0), (-200.0, 440.0), (650.0, -440.0), (1050.0, 440.0), (2100.0, 300.0),
)  # fmt: skip

_ESTATES = ("梅园", "安居", "锦绣", "阳光", "怡和", "龙岗", "碧水", "文昌", "祥和", "金桥", "翠苑", "东方")
_ESTATE_KINDS = ("小区", "花园", "社区", "家园", "佳苑", "新村", "嘉园", "雅居")
_LAND: dict[str, Tags] = {
    "commercial": {"landuse": "commercial"},
    "industrial": {"landuse": "industrial"},
    "construction": {"landuse": "construction"},
    "school": {"amenity": "school"},
    "hospital": {"amenity": "hospital"},
    "government": {"amenity": "townhall", "name": "县人民政府(示例)"},
}
_SCHOOLS = ("第一小学", "第二小学", "实验小学", "第一中学", "第二中学", "职业中学", "东关小学", "南山小学")


def river_half_width_m(along: Points) -> Points:
    """Half the width of the river in metres."""
    return np.asarray(29.0 + 4.0 * np.sin(along / 340.0) + 2.0 * np.sin(along / 131.0 + 1.0))


def waters(grid: StreetGrid) -> list[Element]:
    """River as an area and as a line, and the stream that joins it from the north."""
    along = np.arange(-VALLEY_LENGTH_M, VALLEY_LENGTH_M + 1.0, 40.0)
    half = river_half_width_m(along)
    banks = np.vstack((along_across(along, -half), along_across(along[::-1], half[::-1])))
    middle = grid.columns_m[STREAM_COLUMN] + 33.0
    stream = [(middle + 40.0, 2900.0), (middle - 30.0, 2100.0), (middle + 15.0, 1400.0), (middle, 950.0),
              (middle, 110.0), (680.0, 0.0)]  # fmt: skip
    return [
        ring(banks, {"natural": "water", "water": "river", "name": "沁河", "name:en": "Qin River"}),
        Line(along_across(along, 0.0 * along), {"waterway": "river", "name": "沁河"}),
        course(stream, {"waterway": "stream", "name": "杏溪"}),
    ]


def railway() -> Line:
    """Single-track railway at the foot of the southern hills."""
    stops = [(-VALLEY_LENGTH_M, -560.0), (-2900.0, -600.0), (-1500.0, -735.0), (600.0, -745.0),
             (2900.0, -560.0), (VALLEY_LENGTH_M, -520.0)]  # fmt: skip
    return course(stops, {"railway": "rail", "gauge": "1435", "name": "示例铁路"})


def land_use(blocks: list[Block]) -> list[Line]:
    """Land use of the blocks: estates with their names, shops, works, schools, hospitals."""
    schools = iter(_SCHOOLS)
    lines = []
    for number, block in enumerate(blocks):
        if block.use in ("housing", "old_housing"):
            lines.append(block.outline({"landuse": "residential", "name": estate_name(number)}))
        elif block.use == "school":
            lines.append(block.outline({**_LAND["school"], "name": f"{next(schools)}(示例)"}))
        elif block.use in _LAND:
            lines.append(block.outline(_LAND[block.use]))
    return lines


def estate_name(number: int) -> str:
    """Name of a housing estate, different for each of the first 96."""
    size = len(_ESTATES)
    later = "二期" if number // size >= len(_ESTATE_KINDS) else ""
    return _ESTATES[number % size] + _ESTATE_KINDS[(number // size) % len(_ESTATE_KINDS)] + later


def lawns(blocks: list[Block]) -> list[Line]:
    """Attached green of some estates and works, and parking lots: neither is a park."""
    estates = [block for block in blocks if block.use == "housing"][4::9]
    shops = [block for block in blocks if block.use == "commercial"][::4]
    return [
        *(_inside(block, 0.02, 0.5, {"landuse": "grass"}) for block in estates),
        *(_inside(block, 0.6, 0.97, {"amenity": "parking", "name": "停车场"}) for block in shops),
        patch(1750.0, 2250.0, -76.0, -40.0, {"natural": "wood"}),
    ]


def _inside(block: Block, west: float, east: float, tags: Tags) -> Line:
    corners = ((west, 0.01), (east, 0.01), (east, 0.06), (west, 0.06))
    return ring(np.array([block.point(*at) for at in corners]), tags)


def points() -> list[Place]:
    """Services as points: charging, care for the old and the young, health, stops."""
    town = {"place": "town", "name": "沁水县城(合成示例)", "name:en": "Qinshui (synthetic sample)"}
    return [
        Place(np.zeros(2), town),
        *_numbered("充电站", {"amenity": "charging_station"}, CHARGING_M),
        *(_at(s, t, {**_FOR_SENIORS, "social_facility": kind, "name": name})
          for name, kind, s, t in ELDERCARE_M),
        *_numbered("托育中心", {"amenity": "childcare"}, CHILDCARE_M),
        *_numbered("幼儿园", {"amenity": "kindergarten"}, KINDERGARTENS_M),
        *_numbered("图书馆", {"amenity": "library"}, ((60.0, 440.0),)),
        _at(-350.0, 300.0, {"amenity": "clinic"}),
        _at(900.0, -760.0, {"railway": "station", "name": "示例站"}),
        *(_at(float(s), 104.0, {"highway": "bus_stop"}) for s in range(-2500, 2600, 500)),
    ]  # fmt: skip


def _numbered(name: str, tags: Tags, places: Iterable[tuple[float, float]]) -> list[Place]:
    return [_at(s, t, {**tags, "name": f"{name}{i}(示例)"}) for i, (s, t) in enumerate(places, start=1)]


def townships() -> list[Group]:
    """Three townships that cover the county; neighbours share the way between them."""
    arcs = {
        "west": _arc(_WEST_CUT[1], _WEST_CUT[0]), "south": _arc(_WEST_CUT[0], _EAST_CUT[0]),
        "east": _arc(_EAST_CUT[0], _EAST_CUT[1]), "north": _arc(_EAST_CUT[1], _WEST_CUT[1]),
        "west_cut": _chord(*_WEST_CUT), "east_cut": _chord(*_EAST_CUT),
    }  # fmt: skip
    return [
        _township("示例西镇", arcs["west"], arcs["west_cut"]),
        _township("示例中心镇", arcs["south"], arcs["east_cut"], arcs["north"], arcs["west_cut"]),
        _township("示例东镇", arcs["east"], arcs["east_cut"]),
    ]


def county_ring() -> Points:
    """Corners of the county in local metres, closed, counter-clockwise."""
    corners = np.array(COUNTY_RING_M, dtype=float)
    return np.vstack((corners, corners[:1]))


def _arc(first: int, last: int) -> Line:
    corners = np.array(COUNTY_RING_M, dtype=float)
    count = (last - first) % len(corners) + 1
    return Line(corners[(first + np.arange(count)) % len(corners)])


def _chord(first: int, last: int) -> Line:
    return Line(np.array([COUNTY_RING_M[first], COUNTY_RING_M[last]], dtype=float))


def _township(name: str, *ways: Line) -> Group:
    tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": name}
    return Group(tuple((way, "outer") for way in ways), tags)


def _at(along: float, across: float, tags: Tags) -> Place:
    return Place(along_across(along, across), tags)
