"""The layers that a measurement hands to GIS: fixed names and columns, empty where nothing was found."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from geopandas import GeoDataFrame
from pyproj import CRS

from qinshui_geo.measurement import Measurement

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "built_up": {"piece": "int64", "area_ha": "float64", "holds_seat": "bool"},
    "parks": {
        "source_id": "object", "name": "object", "kind": "object", "class_g1": "object", "area_ha": "float64",
        "width_m": "float64", "counted": "bool", "counted_ha": "float64", "reason": "object",
        "reason_zh": "object",
    },
    "sponge_units": {
        "unit_id": "int64", "area_ha": "float64", "phi": "float64", "impervious_percent": "float64",
        "green_percent": "float64", "water_percent": "float64", "unknown_percent": "float64",
        "required_m3": "float64", "storage_m3": "float64", "alpha_percent": "float64",
        "compliant": "boolean", "reason": "object", "reason_zh": "object",
    },
    "greenways": {
        "edge_id": "int64", "source_ids": "object", "name": "object", "kind": "object",
        "greenway_class": "object", "component": "Int64", "length_m": "float64", "in_largest": "bool",
        "reason": "object", "reason_zh": "object",
    },
    "greenway_links": {
        "link_id": "int64", "name": "object", "length_m": "float64", "from_component": "int64",
        "to_component": "int64",
    },
    "built_up_patches": {
        "patch": "int64", "area_ha": "float64", "joined": "bool", "step": "Int64", "link_to": "Int64",
        "link_m": "float64", "reason": "object", "reason_zh": "object",
    },
    "built_up_links": {"from_patch": "int64", "to_patch": "int64", "length_m": "float64"},
    "park_parts": {
        "part": "int64", "name": "object", "area_ha": "float64", "park_ha": "float64", "persons": "float64",
        "m2_per_person": "float64",
    },
    "residential_areas": {
        "area_id": "int64", "name": "object", "area_ha": "float64", "persons": "float64",
        "persons_unserved": "float64", "straight_served": "bool", "straight_share_percent": "float64",
        "walk_served": "boolean", "walk_share_percent": "float64", "walk_m": "float64",
        "nearest_park": "object", "reason": "object", "reason_zh": "object",
    },
    "completeness": {
        "cell_id": "int64", "osm_building_m2": "float64", "mapped_m2": "float64", "built_land_m2": "float64",
        "completeness_percent": "float64", "low": "bool",
    },
}  # fmt: skip
"""Columns and types of each layer, beside ``geometry``."""

_INDICATORS = {
    "built_up": "built_up_area",
    "parks": "park_area_per_capita",
    "sponge_units": "sponge_share",
    "greenways": "greenway_connectivity",
    "built_up_patches": "built_up_area",
    "built_up_links": "built_up_area",
    "park_parts": "park_area_per_capita",
    "residential_areas": "park_service_coverage",
    "completeness": "osm_completeness",
}
"""The measurement that each layer belongs to."""

_FEATURES = frozenset({"built_up", "parks", "sponge_units", "greenways"})
"""Layers that are the features of their measurement; the others are among its further layers."""


def gis_layers(measurements: Mapping[str, Measurement], crs: CRS) -> dict[str, GeoDataFrame]:
    """Every layer of :data:`COLUMNS`, from the features of the measurements.

    ``greenway_links`` holds no proposal yet.

    Parameters
    ----------
    measurements : Mapping of str to Measurement
        By indicator id.
    crs : pyproj.CRS
        Metric CRS of the county.
    """
    layers = {}
    for name, columns in COLUMNS.items():
        measured = measurements.get(_INDICATORS.get(name, ""))
        features = None if measured is None else _of(measured, name)
        layers[name] = _empty(columns, crs) if features is None else _selected(features, columns)
    return layers


def _of(measured: Measurement, name: str) -> GeoDataFrame | None:
    return measured.features if name in _FEATURES else measured.layers.get(name)


def _selected(features: GeoDataFrame, columns: Mapping[str, str]) -> GeoDataFrame:
    """Features with exactly these columns; one that they lack is empty."""
    given = {name: features[name] for name in columns if name in features}
    table = pd.DataFrame(given, index=features.index, columns=list(columns)).astype(dict(columns))
    return GeoDataFrame(table, geometry=features.geometry.to_numpy(), crs=features.crs)


def _empty(columns: Mapping[str, str], crs: CRS) -> GeoDataFrame:
    return GeoDataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()}, geometry=[], crs=crs)
