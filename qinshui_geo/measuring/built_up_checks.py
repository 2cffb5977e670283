"""What stands beside the built-up area: its growth since 1975, and the degree of urbanisation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid, move_counts
from qinshui_geo.indicators.degurba import (
    DENSE,
    URBAN,
    URBAN_CENTRE,
    URBAN_CLUSTER,
    SeatCluster,
    degurba,
    urban_cluster_at,
)
from qinshui_geo.indicators.growth import LAST_MEASURED_YEAR, built_trend
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Quantity

KILOMETRE = 1000.0


def with_checks(measured: Measurement, layers: CountyLayers) -> Measurement:
    """The built-up area with its growth and the degree of urbanisation, where the county has the data."""
    return with_degurba(with_trend(measured, layers), layers)


def with_trend(measured: Measurement, layers: CountyLayers) -> Measurement:
    """The measurement with the built surface of every epoch within today's outline."""
    town: GeoDataFrame | None = measured.features
    if not layers.built_fraction or town is None or town.empty:
        return measured
    trend = built_trend(layers.built_fraction, town)
    known = trend.dropna(subset="built_km2")
    details = {f"built_{year}": Quantity(float(area), "km2") for year, area in known["built_km2"].items()}
    pace = known.loc[~known["projected"], "km2_per_year"].dropna()
    if len(pace):
        details["built_growth_per_year"] = Quantity(float(pace.iloc[-1]), "km2/year")
    return replace(
        _resting_also_on(measured, layers, "built_fraction"),
        details={**measured.details, **details}, notes=(*measured.notes, *_trend_notes(trend)),
    )  # fmt: skip


def _trend_notes(trend: pd.DataFrame) -> list[Note]:
    notes = [
        Note(
            "历年建成地表(GHS-BUILT-S,今日范围内)只计建筑占地,小于建成区面积,用于看增长快慢",
            "the built surface by epoch (GHS-BUILT-S, within today's outline) is the ground under buildings, "
            "less than the built-up area: it shows how fast the town grew",
        )
    ]
    projected = ", ".join(str(year) for year in trend.index[trend["projected"]])
    if projected:
        notes.append(
            Note(
                f"GHS-BUILT-S 的 {projected} 年为推算值(最后实测年 {LAST_MEASURED_YEAR})",
                f"GHS-BUILT-S of {projected} is projected, the last epoch measured on images is "
                f"{LAST_MEASURED_YEAR}",
            )
        )
    lacking = ", ".join(str(year) for year in trend.index[trend["built_km2"].isna()])
    if lacking:
        notes.append(
            Note(
                f"GHS-BUILT-S {lacking} 年的栅格未覆盖整个建成区,不计",
                f"the rasters of GHS-BUILT-S for {lacking} do not cover the whole built-up area: no figure",
            )
        )
    return notes


def with_degurba(measured: Measurement, layers: CountyLayers) -> Measurement:
    """The measurement with the urban cluster at the seat, from a given grid and from the population."""
    if measured.quantity is None:
        return measured
    if layers.degurba is not None:
        measured = _beside(measured, layers, "degurba", layers.degurba, URBAN, DENSE)
    if layers.population is not None:
        persons = move_counts(layers.population, layers.crs, cell_m=KILOMETRE)
        classes, codes = degurba(persons).classes, (URBAN_CENTRE, URBAN_CLUSTER)
        measured = _beside(measured, layers, "population", classes, codes, (URBAN_CENTRE,))
    return measured


def _beside(
    measured: Measurement,
    layers: CountyLayers,
    source: str,
    grid: Grid,
    urban: Collection[int],
    dense: Collection[int],
) -> Measurement:
    """The cluster's area as details ``<prefix>_dense`` and ``<prefix>_all``, with what it stands for."""
    cluster = urban_cluster_at(grid, layers.seat, crs=layers.crs, urban=urban, dense=dense)
    if cluster is None:
        return measured
    prefix = "degurba" if source == "degurba" else "degurba_population"
    details = {
        f"{prefix}_dense": Quantity(cluster.dense_km2, "km2"),
        f"{prefix}_all": Quantity(cluster.all_km2, "km2"),
    }
    notes = [_envelope_note(source, cluster), *_reach_notes(cluster)]
    return replace(
        _resting_also_on(measured, layers, source),
        details={**measured.details, **details}, notes=(*measured.notes, *notes),
    )  # fmt: skip


def _envelope_note(source: str, cluster: SeatCluster) -> Note:
    of = {
        "degurba": ("城镇化程度栅格(DEGURBA)", "the degree-of-urbanisation grid"),
        "population": ("由人口栅格推算的城镇化程度", "the degree of urbanisation from the population raster"),
    }
    chinese, english = of[source]
    return Note(
        f"{chinese}:驻地所在城镇簇密集 {cluster.dense_km2:.0f} km²,全部 {cluster.all_km2:.0f} km²"
        "(1 km 格网,粗略外包范围,不是建成区面积)",
        f"by {english} the urban cluster at the seat has {cluster.dense_km2:.0f} km2 dense and "
        f"{cluster.all_km2:.0f} km2 in all (1 km cells: a coarse envelope, not the built-up area)",
    )


def _reach_notes(cluster: SeatCluster) -> list[Note]:
    notes = []
    if cluster.away_km > 0:
        notes.append(
            Note(
                f"该城镇簇距驻地 {cluster.away_km:.1f} km",
                f"that cluster is {cluster.away_km:.1f} km from the seat",
            )
        )
    if cluster.cut_off:
        notes.append(
            Note(
                "该城镇簇延伸到栅格边缘,面积为下限",
                "that cluster reaches the edge of the grid: at least so large",
            )
        )
    return notes


def _resting_also_on(measured: Measurement, layers: CountyLayers, name: str) -> Measurement:
    """The measurement with the provenance of a layer that only its details rest on."""
    if name not in layers.provenance:
        return measured
    return replace(measured, sources=tuple(dict.fromkeys([*measured.sources, layers.provenance[name]])))
