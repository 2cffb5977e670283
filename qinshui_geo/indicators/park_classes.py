"""Which green areas are park green (公园绿地, class G1 of CJJ/T 85-2017), and why the others are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, require_valid
from qinshui_geo.crs import require_same_crs

Geometries = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

THEME_KINDS = frozenset({"zoo", "botanical", "theme_park"})
"""Kinds that are G13 theme parks at any size: zoos (G131), botanical gardens (G132) and
amusement parks (G135)."""

PARK_KINDS = frozenset({"park", "garden", "common", "village_green", "zoo", "botanical"})
"""Kinds that are parks of class G1 where open to all."""

BY_GREEN_SHARE = frozenset({"square", "theme_park"})
"""Kinds that count only where the column ``green_percent`` reaches :data:`MIN_GREEN_PERCENT`."""

MIN_GREEN_PERCENT = 65.0
"""Least green share of a square or amusement park that counts as a park, CJJ/T 85-2017 [m]."""

CLOSED_ACCESS = frozenset({"private", "no", "residents", "permit"})

INSTITUTIONS = frozenset({"education", "medical", "industrial", "military"})
"""Land whose green is attached (XG) whatever its name: campuses, hospitals, factories, barracks."""

ESTATES = INSTITUTIONS | {"residential", "commercial", "retail", "public", "religious"}
"""Land on which a garden without a name is attached green (XG). Project-defined."""

COMPREHENSIVE_M2, COMMUNITY_M2 = 100_000.0, 10_000.0
"""Least area of a comprehensive (G11) and of a community park (G12), CJJ/T 85-2017 [m]."""

_WITHIN = 0.95
_AREA_DECIMALS = 3

NOT_G1: dict[str, tuple[str, str]] = {
    "square": ("广场用地(G3),绿化占地比例未知", "square (G3), its green share is not known"),
    "theme_park": ("游乐公园(G135),绿化占地比例未知", "amusement park (G135), its green share is not known"),
    "playground": ("附属绿地或游乐场(XG)", "playground, attached to other land use (XG)"),
    "recreation_ground": ("体育用地,非公园绿地", "sports ground, not a park"),
    "pitch": ("体育场地,非公园绿地", "sports pitch, not a park"),
    "golf_course": ("高尔夫球场,非公共公园", "golf course, not a public park"),
    "nature_reserve": ("区域绿地(EG)", "regional green (EG)"),
    "cemetery": ("殡葬用地,非公园绿地", "cemetery, not a park"),
    "allotments": ("农业用地", "allotments, farmland"),
    "orchard": ("农业用地", "orchard, farmland"),
    "dog_park": ("宠物活动场,非公园绿地", "dog park, not a public park"),
}
_OTHER_GREEN = ("附属或防护绿地(XG/G2)", "attached or protective green (XG/G2)")
_CLOSED = ("不对公众开放", "not open to the public")
_ATTACHED = (
    "位于居住、校园或单位用地之内,附属绿地(XG)",
    "on a housing, campus or company site, attached green (XG)",
)
_OUTSIDE = ("位于建成区外(EG)", "outside the built-up area (EG)")
_COUNTED = ("计入公园绿地 G1", "counted as park (G1)")
_NESTED = ("位于另一已计入公园之内,不重复计算", "lies within another counted park, counted there")


def classify_parks(
    green_areas: GeoDataFrame,
    *,
    built_up: GeoDataFrame,
    min_strip_m: float = 12.0,
    attached_land: GeoDataFrame | None = None,
) -> GeoDataFrame:
    """Decide for every green area whether it counts as a park of class G1, and say why.

    Counted are parks and public gardens, at least ``min_strip_m`` wide, for the part that lies in
    the built-up area. A park that lies (95 % or more) within a larger one is counted there; one that
    lies so on an institution's land, and a garden without a name on any estate, is attached green.

    Parameters
    ----------
    green_areas : GeoDataFrame
        Polygons with ``source_id``, ``name``, ``kind`` and, where known, ``access`` and
        ``green_percent`` (squares and amusement parks count from 65 %); metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS.
    min_strip_m : float
        Least width in metres, as the diameter of the largest inscribed circle. CJJ/T 85-2017: 12 m.
    attached_land : GeoDataFrame, optional
        Built-up land by ``kind``, see :data:`INSTITUTIONS` and :data:`ESTATES`; same CRS.

    Returns
    -------
    GeoDataFrame
        Same index; adds ``class_g1`` (G13 for zoos, botanical gardens and amusement parks, else G11 from
        10 ha, G12 from 1 ha, G14 below), ``area_ha``, ``width_m`` (NaN where it decides nothing),
        ``counted_ha``, ``eligible`` (a park but for its width), ``counted``, ``reason``, ``reason_zh``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a green area is invalid.
    """
    layers = {"green areas": green_areas, "built-up area": built_up}
    require_same_crs(layers if attached_land is None else {**layers, "built land": attached_land})
    parks = green_areas.copy()
    shapes = parks.geometry.to_numpy()
    require_valid(shapes, "green areas")
    parks["area_ha"] = shapely.area(shapes) / 1e4
    parks["counted_ha"] = shapely.area(inside(shapes, built_up)) / 1e4
    reasons = _reasons(parks, _attached(parks, attached_land))
    parks["eligible"] = np.array([reason == _COUNTED for reason in reasons], dtype=bool)
    parks["width_m"] = _widths(shapes, parks["eligible"].to_numpy())
    parks["counted"] = parks["eligible"] & (parks["width_m"] >= min_strip_m)
    parks["reason_zh"], parks["reason"] = ([r[i] for r in reasons] for i in (0, 1))
    narrow = parks["eligible"] & ~parks["counted"]
    _say(parks, np.flatnonzero(narrow), (f"宽度不足 {min_strip_m:g} m", f"narrower than {min_strip_m:g} m"))
    _count_nested_once(parks)
    parks.loc[~parks["counted"], "counted_ha"] = 0.0
    parks["class_g1"] = _classes(parks)
    return parks


def inside(shapes: Geometries, built_up: GeoDataFrame) -> Geometries:
    """Part of each shape within the built-up area."""
    return clipped(shapes, shapely.disjoint_subset_union_all(built_up.geometry.to_numpy()))


def _widths(shapes: Geometries, wanted: Flags) -> npt.NDArray[np.float64]:
    """Diameter in metres of the largest circle inside each wanted polygon (of its widest part)."""
    widths = np.where(wanted, 0.0, np.nan)
    rows = np.flatnonzero(wanted)
    parts, owner = shapely.get_parts(shapes[rows], return_index=True)
    parts, owner = parts[shapely.area(parts) > 0], rows[owner[shapely.area(parts) > 0]]
    radii = shapely.length(shapely.maximum_inscribed_circle(parts, tolerance=0.25))
    np.maximum.at(widths, owner, 2 * radii)
    return widths


def _column(parks: GeoDataFrame, name: str) -> pd.Series[Any]:
    return parks[name] if name in parks else pd.Series(None, index=parks.index, dtype=object)


def _attached(parks: GeoDataFrame, land: GeoDataFrame | None) -> Flags:
    """Whether a park lies on an institution's land, or a garden without a name on an estate."""
    found = np.zeros(len(parks), dtype=bool)
    if land is None:
        return found
    nameless_garden = ((parks["kind"] == "garden") & _column(parks, "name").isna()).to_numpy()
    for kinds, asked in ((INSTITUTIONS, np.isin(parks["kind"], list(PARK_KINDS - THEME_KINDS))),
                         (ESTATES, nameless_garden)):  # fmt: skip
        rows = np.flatnonzero(asked)
        shapes = parks.geometry.to_numpy()[rows]
        sites = land.geometry[land["kind"].isin(kinds)].to_numpy()
        park, site = shapely.STRtree(sites).query(shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[park], sites[site]))
        found[rows[park[shared >= _WITHIN * shapely.area(shapes[park])]]] = True
    return found


def _reasons(parks: GeoDataFrame, attached: Flags) -> list[tuple[str, str]]:
    rows = zip(
        parks["kind"], _column(parks, "access"), _column(parks, "green_percent"), attached,
        parks["counted_ha"], strict=True,
    )  # fmt: skip
    return [_reason(*row) for row in rows]


def _reason(
    kind: str, access: object, green_percent: Any, attached: bool, inside_ha: float
) -> tuple[str, str]:
    if kind in BY_GREEN_SHARE and not pd.isna(green_percent):
        if green_percent < MIN_GREEN_PERCENT:
            return (
                f"绿化占地比例 {green_percent:g}%,低于 {MIN_GREEN_PERCENT:g}%",
                f"green share {green_percent:g} %, below {MIN_GREEN_PERCENT:g} %",
            )
    elif kind not in PARK_KINDS:
        return NOT_G1.get(kind, _OTHER_GREEN)
    if access in CLOSED_ACCESS:
        return _CLOSED
    if inside_ha <= 0:
        return _OUTSIDE
    return _ATTACHED if attached else _COUNTED


def _say(parks: GeoDataFrame, rows: npt.NDArray[np.int64], reason: tuple[str, str]) -> None:
    for column, value in zip(("reason_zh", "reason"), reason, strict=True):
        parks.iloc[rows, parks.columns.get_loc(column)] = value


def _count_nested_once(parks: GeoDataFrame) -> None:
    """Mark the parks that lie within another counted one, of equals all but the first by id."""
    order = np.lexsort((parks["source_id"].astype(str), -parks["area_ha"]))
    counted = order[parks["counted"].to_numpy()[order]]
    shapes = parks.geometry.to_numpy()[counted]
    small, large = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later = small > large
    small, large = small[later], large[later]
    shared = shapely.area(shapely.intersection(shapes[small], shapes[large]))
    rows = counted[np.unique(small[shared >= _WITHIN * shapely.area(shapes[small])])]
    parks.iloc[rows, parks.columns.get_loc("counted")] = False
    _say(parks, rows, _NESTED)


def _classes(parks: GeoDataFrame) -> pd.Series[str]:
    area_m2 = np.round(parks["area_ha"] * 1e4, _AREA_DECIMALS)
    theme = parks["kind"].isin(THEME_KINDS)
    conditions = [theme, area_m2 >= COMPREHENSIVE_M2, area_m2 >= COMMUNITY_M2]
    sizes = np.select(conditions, ["G13", "G11", "G12"], "G14")
    return pd.Series(sizes, index=parks.index, dtype=object).where(parks["counted"], None)
