"""Park green area per capita (人均公园绿地面积): class G1 of CJJ/T 85-2017 within the built-up area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.errors import LayerError
from qinshui_geo.indicators.park_classes import PARK_KINDS, Geometries, classify_parks, inside
from qinshui_geo.measurement import Measurement, Note, Quantity

__all__ = ["NAME_EN", "NAME_ZH", "PARK_KINDS", "areas_by_strip", "classify_parks", "park_area_per_capita"]

NAME_ZH, NAME_EN = "人均公园绿地面积", "Park green area per capita"

FLOOR_M2, FLOOR_CLASS_M2, AWARD_M2 = 8.0, 3.0, 14.8
"""GB 55014-2021 2.1.3 and 2.1.4 (by content): park green, and comprehensive and community parks each, in
m2 a person, are above these; the ecological garden city (国家生态园林城市) asks for the last."""


def park_area_per_capita(
    parks: GeoDataFrame,
    *,
    built_up: GeoDataFrame,
    population: float | None,
    water: GeoDataFrame | None = None,
    min_strip_m: float = 12.0,
    attached_land: GeoDataFrame | None = None,
    bases: Mapping[str, float] | None = None,
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
    attached_land : GeoDataFrame, optional
        Built-up land whose green is attached to it, see :func:`classify_parks`.
    bases : Mapping of str to float, optional
        Persons by further population basis; each gives a detail of that name, for example
        ``per_resident_and_temporary``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a population is not above 0, or a green area is invalid.

    Returns
    -------
    Measurement
        ``quantity`` in m2/person (``None`` without population, and where no park counts: a map
        without parks in the town is no proof that there are none), ``numerator`` in m2,
        ``denominator`` in persons; ``features`` are the classified parks.

    References
    ----------
    CJJ/T 85-2017, clauses on G1 and 3.0.1; GB 55014-2021 2.1.3 and 2.1.4.

    Examples
    --------
    >>> two = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]
    >>> parks = GeoDataFrame({"source_id": ["a", "b"], "kind": ["park", "park"]}, geometry=two, crs=4546)
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4546)
    >>> park_area_per_capita(parks, built_up=town, population=3, min_strip_m=1).quantity
    Quantity(value=2.0, unit='m2/person')
    """
    persons = {**({} if population is None else {"population": population}), **(bases or {})}
    for name, count in persons.items():
        if not count > 0:
            raise LayerError(
                f"the population must be above 0, got {count:g}", where=name, mend="leave it out if unknown"
            )
    classified = classify_parks(
        parks, built_up=built_up, min_strip_m=min_strip_m, attached_land=attached_land
    )
    shapes = inside(classified.geometry[classified["counted"]].to_numpy(), built_up)
    area_m2 = _united_m2(shapes)
    mapped = bool(classified["counted"].any())
    return Measurement(
        "park_area_per_capita",
        None if population is None or not mapped else Quantity(area_m2 / population, "m2/person"),
        NAME_ZH, NAME_EN,
        numerator=Quantity(area_m2, "m2"),
        denominator=None if population is None else Quantity(population, "person"),
        notes=_notes(classified, population, mapped=mapped),
        details={
            "park_area": Quantity(area_m2 / 1e4, "ha"),
            "parks_counted": Quantity(int(classified["counted"].sum()), "count"),
            "parks_found": Quantity(len(classified), "count"),
            **(_without_water(shapes, water, population) if water is not None and mapped else {}),
            **(_per_person(classified, shapes, area_m2, population, bases or {}) if mapped else {}),
        },
        features=classified,
    )  # fmt: skip


def areas_by_strip(
    classified: GeoDataFrame, *, built_up: GeoDataFrame, widths_m: Sequence[float]
) -> list[float]:
    """Park area in m2 of the built-up area by the least width that is asked of a park.

    Parameters
    ----------
    classified : GeoDataFrame
        See :func:`classify_parks`, at any least width.
    built_up : GeoDataFrame
        Built-up area, same CRS.
    widths_m : sequence of float
        Least widths in metres.
    """
    eligible = classified[classified["eligible"]]
    shapes = inside(eligible.geometry.to_numpy(), built_up)
    wide = [shapes[(eligible["width_m"] >= width).to_numpy()] for width in widths_m]
    return [_united_m2(some) for some in wide]


def _united_m2(shapes: Geometries) -> float:
    return float(shapely.area(shapely.disjoint_subset_union_all(shapes)))


def _without_water(shapes: Geometries, water: GeoDataFrame, population: float | None) -> dict[str, Quantity]:
    if population is None:
        return {}
    ponds = water.geometry.to_numpy()
    ponds = ponds[np.unique(shapely.STRtree(ponds).query(shapes, predicate="intersects")[1])]
    parks = shapely.disjoint_subset_union_all(shapes)
    land = shapely.difference(parks, shapely.union_all(ponds))
    return {"without_water": Quantity(float(shapely.area(land)) / population, "m2/person")}


def _per_person(
    classified: GeoDataFrame,
    shapes: Geometries,
    area_m2: float,
    population: float | None,
    bases: Mapping[str, float],
) -> dict[str, Quantity]:
    """Figures on the other population bases, and of comprehensive and community parks each."""
    details = {name: Quantity(area_m2 / persons, "m2/person") for name, persons in bases.items()}
    if population is None:
        return details
    kinds = classified["class_g1"][classified["counted"]].to_numpy()
    for name, kind in {"comprehensive_per_capita": "G11", "community_per_capita": "G12"}.items():
        area = _united_m2(shapes[np.asarray(kinds == kind, dtype=bool)])
        details[name] = Quantity(area / population, "m2/person")
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
    if mapped and population is not None:
        notes.append(
            Note(
                f"参考下限(GB 55014-2021):人均大于 {FLOOR_M2:g} m²,综合公园、社区公园各大于 "
                f"{FLOOR_CLASS_M2:g} m²;国家生态园林城市 {AWARD_M2:g} m²",
                f"reference floors (GB 55014-2021): above {FLOOR_M2:g} m2 per person, comprehensive and "
                f"community parks each above {FLOOR_CLASS_M2:g}; ecological garden city {AWARD_M2:g}",
            )
        )
    return tuple(notes)
