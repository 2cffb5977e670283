"""How the built-up land grew (GHS-BUILT-S by epoch), and how much growth a target still asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_metric
from qinshui_geo.errors import LayerError
from qinshui_geo.grid import Grid
from qinshui_geo.measurement import Quantity
from qinshui_geo.zonal import class_shares, sums

LAST_MEASURED_YEAR = 2020
"""Last epoch of GHS-BUILT-S R2023A that rests on images; 2025 and 2030 are projected."""

LEAST_COVERED = 0.99
"""Share of the zone that an epoch's raster must know for the epoch to have a figure."""


def built_trend(built_fraction: Mapping[int, Grid], zone: GeoDataFrame) -> pd.DataFrame:
    """Built surface within a zone by epoch, and its growth per year since the epoch before.

    Built surface is what buildings stand on (GHS-BUILT-S): less than the built-up area around them.

    Parameters
    ----------
    built_fraction : Mapping of int to Grid
        Built-up fraction of each cell (0 to 1) by year, in any CRS; cells at the edge of the zone count
        by the part inside.
    zone : GeoDataFrame
        Polygons in a metric CRS that do not overlap, for example today's built-up area.

    Returns
    -------
    DataFrame
        Indexed by ``year``, rising: ``built_km2`` (NaN where the raster knows less than 99 % of the
        zone), ``km2_per_year`` since the last epoch that has a figure, ``covered`` (share of the zone
        that the raster knows) and ``projected`` (bool: no image behind it).

    Raises
    ------
    CRSError
        If the zone is not in a metric CRS.
    LayerError
        If the zone has no area.

    Examples
    --------
    >>> import shapely
    >>> from affine import Affine
    >>> zone = GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=4546)
    >>> def cells(share):
    ...     return Grid(np.full((20, 20), share), Affine(100, 0, -500, 0, -100, 1500), zone.crs)
    >>> built_trend({2000: cells(0.1), 2020: cells(0.3)}, zone)["km2_per_year"].round(3).tolist()
    [nan, 0.01]
    """
    require_metric(zone, "zone of the trend")
    if zone.geometry.area.sum() <= 0:
        raise LayerError("there is no area to look within", where="zone of the trend", mend="bring polygons")
    years = sorted(built_fraction)
    rows = [_within(built_fraction[year], zone) for year in years]
    table = pd.DataFrame(rows, index=pd.Index(years, name="year"), columns=["built_km2", "covered"])
    table["built_km2"] = table["built_km2"].where(table["covered"] >= LEAST_COVERED)
    table.insert(1, "km2_per_year", yearly_growth(table["built_km2"]))
    return table.assign(projected=np.asarray(years) > LAST_MEASURED_YEAR)


def _within(fraction: Grid, zone: GeoDataFrame) -> tuple[float, float]:
    """Built km2 of the zone, and the share of it that is known."""
    valid = Grid(fraction.valid().astype("uint8"), fraction.transform, fraction.crs, nodata=0)
    area_m2 = zone.geometry.area
    known = float((class_shares(zone, valid, classes={1: "known"})["known"] * area_m2).sum())
    cells, built = sums(zone, valid), sums(zone, fraction)
    share = (built / cells.where(cells > 0)).fillna(0.0)  # a zone without known cells adds to the unknown
    return float((share * area_m2).sum()) / 1e6, known / float(area_m2.sum())


def yearly_growth(areas: pd.Series[float]) -> pd.Series[float]:
    """Growth per year since the last year with a figure.

    Parameters
    ----------
    areas : Series
        Areas on an index of years, rising; NaN where not known.

    Returns
    -------
    Series
        On the index of ``areas``; NaN for the first figure and where there is none.

    Examples
    --------
    >>> yearly_growth(pd.Series([1.0, np.nan, 3.0], index=[2000, 2010, 2020])).tolist()
    [nan, nan, 0.1]
    """
    known = areas.dropna()
    growth = known.diff() / pd.Series(known.index, index=known.index).diff()
    return growth.reindex(areas.index)


def needed_growth(area: Quantity, target: Quantity, *, years: float) -> Quantity | None:
    """Growth per year that remains to a target, in km2 per year.

    Parameters
    ----------
    area, target : Quantity
        Area now and area aimed at, both in km2.
    years : float
        Years left to the target.

    Returns
    -------
    Quantity or None
        0 where the target is reached; ``None`` where it is not and no time is left.

    Raises
    ------
    ValueError
        If a unit is not km2.

    Examples
    --------
    >>> needed_growth(Quantity(7.0, "km2"), Quantity(8.0, "km2"), years=2)
    Quantity(value=0.5, unit='km2/year')
    """
    if {area.unit, target.unit} != {"km2"}:
        raise ValueError(f"both areas must be in km2, got {area.unit} and {target.unit}")
    missing = target.value - area.value
    if missing <= 0:
        return Quantity(0.0, "km2/year")
    return Quantity(missing / years, "km2/year") if years > 0 else None
