"""Green coverage (绿化覆盖率): vertical projection of all vegetation over the built-up area."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.crs import require_metric
from qinshui_geo.grid import Grid
from qinshui_geo.measurement import Measurement, Note, Quantity
from qinshui_geo.zonal import UNKNOWN, class_shares, share_above

NAME_ZH, NAME_EN = "绿化覆盖率", "Green coverage"
GREEN_CLASSES = ("tree", "shrub", "grass")
NDVI_SWEEP = (0.25, 0.40)
"""Thresholds of the range: the lower one gives the high figure."""

MAX_UNKNOWN = 0.5
"""Above this unknown share of the built-up area no figure is given."""


def green_coverage(
    built_up: GeoDataFrame,
    *,
    ndvi: Grid | None = None,
    landcover: Grid | None = None,
    ndvi_threshold: float = 0.30,
) -> Measurement:
    """Share of the built-up area under vegetation, in percent.

    From leaf-on NDVI above ``ndvi_threshold`` (range: thresholds 0.25 to 0.40), else from the
    land-cover classes tree, shrub and grass. Where both are there, both stand in ``details``. This is
    coverage (绿化覆盖率), not the green-land ratio (绿地率), which counts parcels.

    Parameters
    ----------
    built_up : GeoDataFrame
        Built-up area in a metric CRS.
    ndvi : Grid, optional
        NDVI, -1 to 1.
    landcover : Grid, optional
        Class raster.
    ndvi_threshold : float
        Cells above it are green.

    Returns
    -------
    Measurement
        ``quantity`` in percent, ``None`` where neither raster covers at least half of the area.
    """
    require_metric(built_up, "built-up area")
    town = built_up[built_up.geometry.area > 0]
    by_ndvi = None if ndvi is None or town.empty else _from_ndvi(town, ndvi, ndvi_threshold)
    by_cover, crop = (None, None) if landcover is None or town.empty else _from_landcover(town, landcover)
    quantity = by_ndvi or by_cover
    found = {"ndvi_route": by_ndvi, "landcover_route": by_cover, "cropland": crop}
    return Measurement(
        "green_coverage", quantity, NAME_ZH, NAME_EN,
        range=_ndvi_range(town, ndvi, ndvi_threshold) if ndvi is not None and by_ndvi else None,
        denominator=Quantity(float(town.geometry.area.sum()) / 1e6, "km2"),
        notes=(_route(by_ndvi, by_cover, ndvi_threshold),),
        details={name: value for name, value in found.items() if value is not None},
    )  # fmt: skip


def _from_ndvi(built_up: GeoDataFrame, ndvi: Grid, threshold: float) -> Quantity | None:
    share, unknown = share_above(built_up, ndvi, threshold)
    return None if unknown > MAX_UNKNOWN else Quantity(100 * share, "percent")


def _ndvi_range(built_up: GeoDataFrame, ndvi: Grid, threshold: float) -> tuple[Quantity, Quantity]:
    """Figures at the thresholds of the sweep, widened where the threshold itself lies outside it."""
    ends = min(NDVI_SWEEP[0], threshold), max(NDVI_SWEEP[1], threshold)
    high, low = (100 * share_above(built_up, ndvi, end)[0] for end in ends)
    return Quantity(low, "percent"), Quantity(high, "percent")


def _from_landcover(built_up: GeoDataFrame, landcover: Grid) -> tuple[Quantity | None, Quantity | None]:
    area = built_up.geometry.area
    shares = class_shares(built_up, landcover).mul(area, axis=0).sum() / area.sum()
    known = 1.0 - float(shares[UNKNOWN])
    if 1.0 - known > MAX_UNKNOWN:
        return None, None
    green = sum(float(shares.get(name, 0.0)) for name in GREEN_CLASSES)
    crop = float(shares.get("crop", 0.0))
    return Quantity(100 * green / known, "percent"), Quantity(100 * crop / known, "percent")


def _route(by_ndvi: Quantity | None, by_cover: Quantity | None, threshold: float) -> Note:
    if by_ndvi is not None:
        return Note(
            f"由生长季 NDVI > {threshold:g} 判定植被;为绿化覆盖率,不是绿地率",
            f"vegetation where leaf-on NDVI > {threshold:g}; this is coverage, not the green-land ratio",
        )
    if by_cover is not None:
        return Note(
            "由地表覆盖的乔木、灌木、草地类别判定,耕地单列;为绿化覆盖率,不是绿地率",
            "from the land-cover classes tree, shrub and grass, cropland apart; this is coverage, not the "
            "green-land ratio",
        )
    return Note(
        "没有覆盖建成区的 NDVI 或地表覆盖栅格:请提供 ndvi.tif 或 --landcover",
        "no NDVI or land-cover raster covers the built-up area: bring ndvi.tif or --landcover",
    )
