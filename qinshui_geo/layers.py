"""The layers of one county, validated and in one metric CRS: what every measurement starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from geopandas import GeoDataFrame
from pyproj import CRS
from shapely import Point

from qinshui_geo.grid import Grid
from qinshui_geo.measurement import Note, Provenance, Statistic


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountyLayers:
    """Everything that is known of a county, each layer with its provenance.

    A layer that is ``None`` has no source; an empty one has a source that holds nothing of the kind.
    Every vector layer is in ``crs`` with valid geometries and has the columns ``source_id`` (for
    example ``way/123``), ``name`` and ``kind``.

    Parameters
    ----------
    crs : pyproj.CRS
        Metric CRS of all vector layers.
    seat : shapely.Point
        County seat, in ``crs``.
    county : GeoDataFrame, optional
        Boundary of the county, one row.
    buildings, built_land, green_areas, water_areas, townships, land_survey, sponge_units : GeoDataFrame
        Polygons. ``kind`` is the building type, the land use, the kind of green (park, garden, grass,
        wood, ...); ``green_areas`` also has ``access``.
    waterways, streets, paths, railways : GeoDataFrame
        Lines. ``streets`` and ``paths`` have ``kind`` = highway class, ``layer`` (int), ``bridge`` and
        ``tunnel`` (bool) and ``access``; ``paths`` has ``route`` (bool: member of a hiking, foot or
        bicycle route).
    pois : GeoDataFrame
        Points; ``kind`` is charging_station, eldercare, childcare, school, hospital, ...
    sponge_facilities : GeoDataFrame
        The user's facilities: ``kind``, ``area_m2``, ``depth_m`` or ``volume_m3``.
    landcover, population, ndvi, dem : Grid
        Rasters; ``population`` is in ``crs`` (moved mass-preserving), the others in their own CRS.
    degurba : Grid
        Degree-of-urbanisation classes (GHS-SMOD codes) of 1 km cells.
    built_fraction : Mapping of int to Grid
        Built-up fraction of the cell, 0 to 1, by year (GHS-BUILT-S).
    reference_points : GeoDataFrame
        The user's checked points with ``is_green`` (bool).
    rainfall : Series
        Daily rainfall in mm on a DatetimeIndex, flagged days removed.
    statistics : Mapping of str to Statistic
        Official figures by id of the plan target.
    provenance : Mapping of str to Provenance
        By layer name.
    notes : Mapping of str to tuple of Note
        Reservations found while reading, by layer name.
    """

    crs: CRS
    seat: Point
    county: GeoDataFrame | None = None
    buildings: GeoDataFrame | None = None
    built_land: GeoDataFrame | None = None
    green_areas: GeoDataFrame | None = None
    water_areas: GeoDataFrame | None = None
    waterways: GeoDataFrame | None = None
    streets: GeoDataFrame | None = None
    paths: GeoDataFrame | None = None
    railways: GeoDataFrame | None = None
    pois: GeoDataFrame | None = None
    townships: GeoDataFrame | None = None
    land_survey: GeoDataFrame | None = None
    sponge_units: GeoDataFrame | None = None
    sponge_facilities: GeoDataFrame | None = None
    landcover: Grid | None = None
    population: Grid | None = None
    ndvi: Grid | None = None
    dem: Grid | None = None
    degurba: Grid | None = None
    built_fraction: Mapping[int, Grid] = field(default_factory=dict)
    reference_points: GeoDataFrame | None = None
    rainfall: pd.Series[float] | None = None
    statistics: Mapping[str, Statistic] = field(default_factory=dict)
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
