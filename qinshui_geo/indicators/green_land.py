"""Green-land ratio (绿地率): parcels of green land over the built-up area, beside the green coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, require_valid
from qinshui_geo.crs import require_same_crs
from qinshui_geo.indicators.parks import PARK_KINDS
from qinshui_geo.measurement import Measurement, Note, Quantity

NAME_ZH, NAME_EN = "绿地率(仅据已绘制的绿地地块)", "Green-land ratio (mapped parcels only)"

ATTACHED_KINDS = frozenset({"grass", "flowerbed"})
"""Protective and attached green (G2, XG), and the green part of squares (G3), where it is drawn."""

WILD_KINDS = frozenset({"wood", "forest", "scrub", "meadow"})
"""Green that may be a planted parcel or a hillside that the built-up area encloses (EG)."""

DOUBTFUL_KINDS = frozenset({
    "square", "playground", "pitch", "recreation_ground", "golf_course", "cemetery", "dog_park",
})  # fmt: skip
"""Land of another use of which an unknown part is green: only in the high end of the range."""


def green_land_ratio(green_areas: GeoDataFrame, *, built_up: GeoDataFrame) -> Measurement:
    """Share of the built-up area that is drawn as a parcel of green land, in percent.

    Parks and gardens (G1 by kind), attached and protective green (XG, G2), woods and meadows, whatever
    their width and whoever may enter, unioned within the built-up area. Of a square (G3) only the green
    that is drawn in it counts; farmland and orchards never do. Low end of the range: without woods,
    scrub and meadows, which may be hillsides; high end: with squares, sports grounds and cemeteries whole.

    The ratio counts parcels; the green coverage counts what grows, tree crowns over streets among it.
    One is never put in the place of the other.

    Parameters
    ----------
    green_areas : GeoDataFrame
        Polygons with ``kind``; metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS.

    Returns
    -------
    Measurement
        ``quantity`` in percent, ``None`` where no green parcel is drawn in the built-up area: a map
        without them is no proof that there are none. ``numerator`` and ``denominator`` in km2.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a green area is invalid.

    References
    ----------
    CJJ/T 85-2017, green-land ratio from G1, G2, the green within G3, and XG [m].

    Examples
    --------
    >>> green = GeoDataFrame(
    ...     {"kind": ["park", "grass"]}, geometry=shapely.box([0, 1], 0, [2, 3], 2), crs=4546
    ... )
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 10, 2)], crs=4546)
    >>> green_land_ratio(green, built_up=town).quantity
    Quantity(value=30.0, unit='percent')
    """
    require_same_crs({"green areas": green_areas, "built-up area": built_up})
    shapes = green_areas.geometry.to_numpy()
    require_valid(shapes, "green areas")
    town_m2 = float(built_up.geometry.area.sum())
    kinds = green_areas["kind"]
    sizes = _growing_areas(
        [shapes[kinds.isin(names)] for names in (PARK_KINDS, ATTACHED_KINDS, WILD_KINDS, DOUBTFUL_KINDS)],
        shapely.union_all(built_up.geometry.to_numpy()),
    )
    parks, planted, mapped, widest = (Quantity(100 * size / max(town_m2, 1.0), "percent") for size in sizes)
    found = town_m2 > 0 and sizes[2] > 0
    return Measurement(
        "green_land_ratio", mapped if found else None, NAME_ZH, NAME_EN,
        range=(planted, widest) if found else None,
        numerator=Quantity(sizes[2] / 1e6, "km2"), denominator=Quantity(town_m2 / 1e6, "km2"),
        notes=(_NOT_COVERAGE, _MAPPED_ONLY if found else _NOTHING_MAPPED),
        details={"park_parcels": parks, "planted_parcels": planted} if found else {},
    )  # fmt: skip


def _growing_areas(groups: list[npt.NDArray[Any]], outline: Any) -> list[float]:
    """Square metres within the outline of the union of the first group, of the first two, and so on."""
    union: npt.NDArray[Any] = np.empty(0, dtype=object)
    sizes = []
    for shapes in groups:
        parts = clipped(shapes, outline)
        parts = np.concatenate([union, parts[shapely.area(parts) > 0]])
        union = shapely.get_parts(shapely.disjoint_subset_union_all(parts))
        sizes.append(float(shapely.area(union).sum()))
    return sizes


_NOT_COVERAGE = Note(
    "绿地率按地块计,不同于绿化覆盖率(植物垂直投影),两者不可混用",
    "the green-land ratio counts parcels, unlike the green coverage (what grows, seen from above): the two "
    "are never mixed",
)
_MAPPED_ONLY = Note(
    "仅据已绘制的地块:附属绿地(居住区、单位、道路)多未绘制,实际绿地率一般更高",
    "drawn parcels only: most attached green (of housing, campuses, streets) is not drawn, so the true "
    "ratio is as a rule higher",
)
_NOTHING_MAPPED = Note(
    "建成区内没有已绘制的绿地地块,地图没有不等于实地没有:请提供 green_areas 图层(绿地普查)",
    "no green parcel is drawn in the built-up area, which is no proof that there is none: bring the layer "
    "green_areas (green-space inventory)",
)
