"""Green coverage (绿化覆盖率): vertical projection of all vegetation over the built-up area."""

from __future__ import annotations

from dataclasses import dataclass

from geopandas import GeoDataFrame

from qinshui_geo.crs import require_metric, require_same_crs
from qinshui_geo.grid import Grid
from qinshui_geo.indicators.green_points import GREEN_CLASSES, Adjustment, adjust
from qinshui_geo.measurement import Measurement, Note, Quantity, Swing
from qinshui_geo.zonal import UNKNOWN, class_shares, shares_above

NAME_ZH, NAME_EN = "绿化覆盖率", "Green coverage"
NDVI_SWEEP = (0.25, 0.30, 0.35, 0.40)
"""Thresholds of the range: the lower the threshold, the higher the figure."""

MAX_UNKNOWN = 0.5
"""Above this unknown share of the built-up area no figure is given."""

_TOLD_UNKNOWN_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class _Route:
    """What one raster says, in percent of the part of the built-up area that it knows."""

    percent: float
    unknown_percent: float
    crop_percent: float | None = None
    swing: Swing | None = None


def green_coverage(
    built_up: GeoDataFrame,
    *,
    ndvi: Grid | None = None,
    landcover: Grid | None = None,
    ndvi_threshold: float = 0.30,
    reference_points: GeoDataFrame | None = None,
) -> Measurement:
    """Share of the built-up area under vegetation, in percent.

    From leaf-on NDVI above ``ndvi_threshold`` (swept from 0.25 to 0.40), else from the land-cover
    classes tree, shrub and grass. Where both are there, both stand in ``details``; cropland is a line of
    its own. This is coverage (绿化覆盖率), not the green-land ratio (绿地率), which counts parcels.

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
    reference_points : GeoDataFrame, optional
        Checked points with ``is_green`` (bool), drawn at random, in the CRS of ``built_up``: with them
        the details hold the error-adjusted share and its 95 % interval, and the range takes it in.

    Returns
    -------
    Measurement
        ``quantity`` in percent, ``None`` where neither raster covers at least half of the area.

    Raises
    ------
    CRSError
        If the built-up area is not in a metric CRS, or the points are in another.
    """
    require_metric(built_up, "built-up area")
    town = built_up[built_up.geometry.area > 0]
    by_ndvi = None if ndvi is None or town.empty else _from_ndvi(town, ndvi, ndvi_threshold)
    by_cover = None if landcover is None or town.empty else _from_landcover(town, landcover)
    route, raster = (by_ndvi, ndvi) if by_ndvi is not None else (by_cover, landcover)
    adjusted = None
    if reference_points is not None and route is not None and raster is not None:
        require_same_crs({"built-up area": built_up, "reference points": reference_points})
        threshold = ndvi_threshold if by_ndvi is not None else None
        adjusted = adjust(reference_points, town, raster, threshold=threshold, percent=route.percent)
    return Measurement(
        "green_coverage", None if route is None else Quantity(route.percent, "percent"), NAME_ZH, NAME_EN,
        range=_range(route, adjusted), denominator=Quantity(float(town.geometry.area.sum()) / 1e6, "km2"),
        notes=(_told(by_ndvi, by_cover, ndvi_threshold), *_unknown_note(route), *_notes(adjusted)),
        details=_details(by_ndvi, by_cover, adjusted),
        swings=(route.swing,) if route is not None and route.swing is not None else (),
    )  # fmt: skip


def _from_ndvi(built_up: GeoDataFrame, ndvi: Grid, threshold: float) -> _Route | None:
    settings = tuple(sorted({*NDVI_SWEEP, threshold}))
    shares, unknown = shares_above(built_up, ndvi, settings)
    if unknown > MAX_UNKNOWN:
        return None
    figures = tuple(Quantity(100 * share, "percent") for share in shares)
    swing = Swing("ndvi_threshold", "ratio", settings, figures)
    return _Route(figures[settings.index(threshold)].value, 100 * unknown, swing=swing)


def _from_landcover(built_up: GeoDataFrame, landcover: Grid) -> _Route | None:
    area = built_up.geometry.area
    shares = class_shares(built_up, landcover).mul(area, axis=0).sum() / area.sum()
    unknown = float(shares[UNKNOWN])
    if unknown > MAX_UNKNOWN:
        return None
    green = sum(float(shares.get(name, 0.0)) for name in GREEN_CLASSES)
    crop = float(shares.get("crop", 0.0))
    return _Route(100 * green / (1 - unknown), 100 * unknown, crop_percent=100 * crop / (1 - unknown))


def _range(route: _Route | None, adjusted: Adjustment | None) -> tuple[Quantity, Quantity] | None:
    """From the lowest to the highest of the figure, its sweep and the interval of the points."""
    if route is None:
        return None
    figures = () if route.swing is None else route.swing.figures
    values = [figure.value for figure in figures if figure is not None]
    if adjusted is not None and adjusted.area is not None:
        values += [adjusted.area.low, adjusted.area.high]
    if not values:
        return None
    low, high = min(route.percent, *values), max(route.percent, *values)
    return Quantity(low, "percent"), Quantity(high, "percent")


def _details(
    by_ndvi: _Route | None, by_cover: _Route | None, adjusted: Adjustment | None
) -> dict[str, Quantity]:
    used = by_ndvi or by_cover
    found = {
        "ndvi_route": None if by_ndvi is None else by_ndvi.percent,
        "landcover_route": None if by_cover is None else by_cover.percent,
        "cropland": None if by_cover is None else by_cover.crop_percent,
        "unknown_share": None if used is None else used.unknown_percent,
    }
    details = {name: Quantity(value, "percent") for name, value in found.items() if value is not None}
    return details if adjusted is None else details | adjusted.details()


def _notes(adjusted: Adjustment | None) -> tuple[Note, ...]:
    return () if adjusted is None else adjusted.notes()


def _unknown_note(route: _Route | None) -> tuple[Note, ...]:
    if route is None or route.unknown_percent < _TOLD_UNKNOWN_PERCENT:
        return ()
    unknown = route.unknown_percent
    return (
        Note(
            f"建成区的 {unknown:.1f} % 无栅格数据,比率按有数据部分计算",
            f"the raster holds no data on {unknown:.1f} % of the built-up area; the share is of the rest",
        ),
    )


def _told(by_ndvi: _Route | None, by_cover: _Route | None, threshold: float) -> Note:
    if by_ndvi is not None:
        return Note(
            f"由生长季 NDVI > {threshold:g} 判定植被(生长中的作物也在内);为绿化覆盖率,不是绿地率",
            f"vegetation where leaf-on NDVI > {threshold:g}, growing crops among it; this is coverage, "
            "not the green-land ratio",
        )
    if by_cover is not None:
        return Note(
            "由地表覆盖的乔木、灌木、草地类别判定,耕地单列;为绿化覆盖率,不是绿地率",
            "from the land-cover classes tree, shrub and grass, cropland apart; this is coverage, "
            "not the green-land ratio",
        )
    return Note(
        "没有覆盖建成区的 NDVI 或地表覆盖栅格:请提供 ndvi.tif 或 --landcover",
        "no NDVI or land-cover raster covers the built-up area: bring ndvi.tif or --landcover",
    )
