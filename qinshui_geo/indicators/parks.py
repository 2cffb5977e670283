"""Park green area per capita (人均公园绿地面积): class G1 of CJJ/T 85-2017 within the built-up area."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, require_valid
from qinshui_geo.crs import require_same_crs
from qinshui_geo.errors import LayerError
from qinshui_geo.measurement import Measurement, Note, Quantity

NAME_ZH, NAME_EN = "人均公园绿地面积", "Park green area per capita"

PARK_KINDS = frozenset({"park", "garden", "common", "village_green"})
"""Kinds that are parks of class G1 where open to all."""

CLOSED_ACCESS = frozenset({"private", "no", "residents", "permit"})

NOT_G1: dict[str, tuple[str, str]] = {
    "square": ("广场用地(G3),绿化占地比例未知", "square (G3), its green share is not known"),
    "playground": ("附属绿地或游乐场(XG)", "playground, attached to other land use (XG)"),
    "recreation_ground": ("体育用地,非公园绿地", "sports ground, not a park"),
    "pitch": ("体育场地,非公园绿地", "sports pitch, not a park"),
    "golf_course": ("高尔夫球场,非公共公园", "golf course, not a public park"),
    "nature_reserve": ("区域绿地(EG)", "regional green (EG)"),
    "cemetery": ("殡葬用地,非公园绿地", "cemetery, not a park"),
    "allotments": ("农业用地", "allotments, farmland"),
    "dog_park": ("宠物活动场,非公园绿地", "dog park, not a public park"),
}
_OTHER_GREEN = ("附属或防护绿地(XG/G2)", "attached or protective green (XG/G2)")
_COUNTED = ("计入公园绿地 G1", "counted as park (G1)")
_NESTED = ("位于另一已计入公园之内,不重复计算", "lies within another counted park, counted there")


def classify_parks(
    green_areas: GeoDataFrame, *, built_up: GeoDataFrame, min_strip_m: float = 12.0
) -> GeoDataFrame:
    """Decide for every green area whether it counts as a park of class G1, and say why.

    Counted are parks and public gardens, at least ``min_strip_m`` wide, for the part that lies in
    the built-up area. A park that lies (95 % or more) within a larger one is counted there.

    Parameters
    ----------
    green_areas : GeoDataFrame
        Polygons with ``source_id``, ``name``, ``kind`` and, where known, ``access``; metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS.
    min_strip_m : float
        Least width in metres, as the diameter of the largest inscribed circle. CJJ/T 85-2017: 12 m.

    Returns
    -------
    GeoDataFrame
        Same index; adds ``class_g1`` (G11 from 10 ha, G12 from 1 ha, else G14), ``area_ha``,
        ``width_m``, ``counted_ha``, ``counted``, ``reason`` and ``reason_zh``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a green area is invalid.
    """
    require_same_crs({"green areas": green_areas, "built-up area": built_up})
    parks = green_areas.copy()
    shapes = parks.geometry.to_numpy()
    require_valid(shapes, "green areas")
    parks["area_ha"] = shapely.area(shapes) / 1e4
    parks["width_m"] = _widths(shapes)
    parks["counted_ha"] = shapely.area(_inside(shapes, built_up)) / 1e4
    reasons = _reasons(parks, min_strip_m)
    parks["counted"] = np.array([reason == _COUNTED for reason in reasons], dtype=bool)
    parks["reason_zh"], parks["reason"] = ([r[i] for r in reasons] for i in (0, 1))
    _count_nested_once(parks)
    parks.loc[~parks["counted"], "counted_ha"] = 0.0
    parks["class_g1"] = _classes(parks)
    return parks


def park_area_per_capita(
    parks: GeoDataFrame,
    *,
    built_up: GeoDataFrame,
    population: float | None,
    water: GeoDataFrame | None = None,
    min_strip_m: float = 12.0,
) -> Measurement:
    """Park green area per person: ``Ag1m = Ag1 / Np`` in m2 per person.

    Parcels are unioned before they are summed, so overlapping parks count once.

    Parameters
    ----------
    parks : GeoDataFrame
        Green areas in a metric CRS, see :func:`classify_parks`.
    built_up : GeoDataFrame
        Built-up area, same CRS.
    population : float or None
        Persons of the built-up area; the basis is the caller's to state.
    water : GeoDataFrame, optional
        Water areas, same CRS, for the figure without water.
    min_strip_m : float
        Least width of a park in metres.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If the population is not above 0, or a green area is invalid.

    Returns
    -------
    Measurement
        ``quantity`` in m2/person (``None`` without population, and where no park counts: a map
        without parks in the town is no proof that there are none), ``numerator`` in m2,
        ``denominator`` in persons; ``features`` are the classified parks.

    References
    ----------
    CJJ/T 85-2017, clauses on G1 and 3.0.1.

    Examples
    --------
    >>> two = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]
    >>> parks = GeoDataFrame({"source_id": ["a", "b"], "kind": ["park", "park"]}, geometry=two, crs=4546)
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4546)
    >>> park_area_per_capita(parks, built_up=town, population=3, min_strip_m=1).quantity
    Quantity(value=2.0, unit='m2/person')
    """
    if population is not None and not population > 0:
        raise LayerError(
            f"the population must be above 0, got {population:g}", mend="leave it out if unknown"
        )
    classified = classify_parks(parks, built_up=built_up, min_strip_m=min_strip_m)
    counted = _inside(classified.geometry[classified["counted"]].to_numpy(), built_up)
    area_m2 = float(shapely.area(shapely.union_all(counted)))
    mapped = bool(classified["counted"].any())
    quantity = None if population is None or not mapped else Quantity(area_m2 / population, "m2/person")
    return Measurement(
        "park_area_per_capita", quantity, NAME_ZH, NAME_EN,
        numerator=Quantity(area_m2, "m2"),
        denominator=None if population is None else Quantity(population, "person"),
        notes=_notes(classified, population, mapped=mapped),
        details=_details(counted, area_m2, population, water, classified),
        features=classified,
    )  # fmt: skip


def _widths(shapes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Diameter in metres of the largest circle inside each polygon (of its widest part)."""
    widths = np.zeros(len(shapes))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    parts, owner = parts[shapely.area(parts) > 0], owner[shapely.area(parts) > 0]
    radii = shapely.length(shapely.maximum_inscribed_circle(parts, tolerance=0.25))
    np.maximum.at(widths, owner, 2 * radii)
    return widths


def _inside(shapes: npt.NDArray[Any], built_up: GeoDataFrame) -> npt.NDArray[Any]:
    return clipped(shapes, shapely.union_all(built_up.geometry.to_numpy()))


def _reasons(parks: GeoDataFrame, min_strip_m: float) -> list[tuple[str, str]]:
    access = parks["access"] if "access" in parks else pd.Series(None, index=parks.index, dtype=object)
    rows = zip(parks["kind"], access, parks["width_m"], parks["counted_ha"], strict=True)
    return [_reason(kind, who, width, inside, min_strip_m) for kind, who, width, inside in rows]


def _reason(kind: str, access: object, width_m: float, inside_ha: float, min_m: float) -> tuple[str, str]:
    if kind not in PARK_KINDS:
        return NOT_G1.get(kind, _OTHER_GREEN)
    if access in CLOSED_ACCESS:
        return "不对公众开放", "not open to the public"
    if width_m < min_m:
        return f"宽度不足 {min_m:g} m", f"narrower than {min_m:g} m"
    if inside_ha <= 0:
        return "位于建成区外(EG)", "outside the built-up area (EG)"
    return _COUNTED


def _count_nested_once(parks: GeoDataFrame) -> None:
    """Mark the parks that lie within another counted one, of equals all but the first by id."""
    order = np.lexsort((parks["source_id"].astype(str), -parks["area_ha"]))
    counted = order[parks["counted"].to_numpy()[order]]
    shapes = parks.geometry.to_numpy()[counted]
    small, large = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later = small > large
    small, large = small[later], large[later]
    shared = shapely.area(shapely.intersection(shapes[small], shapes[large]))
    nested = np.unique(small[shared >= 0.95 * shapely.area(shapes[small])])
    rows = counted[nested]
    for column, value in {"counted": False, "reason": _NESTED[1], "reason_zh": _NESTED[0]}.items():
        parks.iloc[rows, parks.columns.get_loc(column)] = value


def _classes(parks: GeoDataFrame) -> pd.Series[str]:
    sizes = np.select([parks["area_ha"] >= 10, parks["area_ha"] >= 1], ["G11", "G12"], "G14")
    return pd.Series(sizes, index=parks.index, dtype=object).where(parks["counted"], None)


def _details(
    counted: npt.NDArray[Any],
    area_m2: float,
    population: float | None,
    water: GeoDataFrame | None,
    classified: GeoDataFrame,
) -> dict[str, Quantity]:
    details = {
        "park_area": Quantity(area_m2 / 1e4, "ha"),
        "parks_counted": Quantity(int(classified["counted"].sum()), "count"),
        "parks_found": Quantity(len(classified), "count"),
    }
    if water is not None and population:
        land = shapely.difference(shapely.union_all(counted), shapely.union_all(water.geometry.to_numpy()))
        details["without_water"] = Quantity(float(shapely.area(land)) / population, "m2/person")
    return details


def _notes(classified: GeoDataFrame, population: float | None, *, mapped: bool) -> tuple[Note, ...]:
    kept, found = int(classified["counted"].sum()), len(classified)
    notes = [
        Note(
            f"按 CJJ/T 85-2017 的 G1 类计入 {kept} 处(共查到 {found} 处绿地,逐处列明原因);先合并后求和",
            f"{kept} of {found} green areas count as G1 of CJJ/T 85-2017, each with its reason; "
            "unioned before summing",
        )
    ]
    if not mapped:
        notes.append(
            Note(
                "建成区内没有可计入的公园,地图没有不等于实地没有:请提供 green_areas 图层(绿地普查)",
                "no park that counts is mapped in the built-up area, which is no proof that there is none: "
                "bring the layer green_areas (green-space inventory)",
            )
        )
    if population is None:
        notes.append(
            Note(
                "缺县城人口,无法计算人均值:请给出统计表 town_population、人口栅格或 --population",
                "no town population, so no figure per person: give town_population in the statistics, a "
                "population raster or --population",
            )
        )
    return tuple(notes)
