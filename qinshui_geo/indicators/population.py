"""Town population (县城人口): persons in the built-up area."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.crs import require_metric
from qinshui_geo.grid import Grid
from qinshui_geo.measurement import Measurement, Note, Quantity
from qinshui_geo.zonal import sums

NAME_ZH, NAME_EN = "县城人口", "Town population"


def town_population(
    built_up: GeoDataFrame | None,
    *,
    resident: float | None = None,
    temporary: float | None = None,
    raster: Grid | None = None,
) -> Measurement:
    """Persons in the town: official figure first, population raster within the built-up area second.

    Both are reported where both exist; the census figure of a whole county is never taken for the
    town's.

    Parameters
    ----------
    built_up : GeoDataFrame or None
        Built-up area in a metric CRS.
    resident, temporary : float, optional
        Official residents (常住) and temporary residents (暂住) of the town.
    raster : Grid, optional
        Persons per cell; cells at the edge count by the part inside.

    Returns
    -------
    Measurement
        ``quantity`` in persons: ``resident`` where given, else the raster sum, else ``None``, also
        where the raster does not reach the built-up area or knows nobody there.
        ``details`` may hold ``resident_and_temporary`` and ``raster``.
    """
    counted = _raster_sum(built_up, raster)
    details = {}
    if counted is not None:
        details["raster"] = Quantity(counted, "person")
    if resident is not None and temporary is not None:
        details["resident_and_temporary"] = Quantity(resident + temporary, "person")
    value = resident if resident is not None else counted
    quantity = None if value is None else Quantity(value, "person")
    return Measurement(
        "town_population", quantity, NAME_ZH, NAME_EN, notes=(_basis(resident, counted),), details=details
    )


def _raster_sum(built_up: GeoDataFrame | None, raster: Grid | None) -> float | None:
    if built_up is None or built_up.empty or raster is None:
        return None
    require_metric(built_up, "built-up area")
    counted = float(sums(built_up, raster).sum())
    return counted if counted > 0 else None


def _basis(resident: float | None, counted: float | None) -> Note:
    if resident is not None and counted is not None:
        return Note(
            f"采用官方常住人口;建成区内人口栅格合计 {counted:,.0f} 人,并列供核对",
            f"official residents; the population raster within the built-up area sums to {counted:,.0f}, "
            "given beside for checking",
        )
    if resident is not None:
        return Note("采用给定的常住人口", "residents as given")
    if counted is not None:
        return Note(
            "由人口栅格在建成区内汇总估算,非官方统计口径",
            "estimated: population raster summed within the built-up area, not an official figure",
        )
    return Note(
        "县城人口未知:请在统计表中给出 town_population,或提供人口栅格(--population-raster)或 --population",
        "the town's population is unknown: give town_population in the statistics, a population raster "
        "(--population-raster) or --population",
    )
