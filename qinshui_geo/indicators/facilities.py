"""What sponge facilities do to a drainage unit: storage, or a better surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.errors import LayerError
from qinshui_geo.zonal import UNKNOWN

STORAGE_DEPTH_M: Mapping[str, float | None] = {
    "sunken_green": 0.15, "rain_garden": 0.25, "bioretention": 0.25, "pond": None, "tank": None,
}  # fmt: skip
"""Depth used where a facility gives neither volume nor depth: sunken green 100-200 mm, bioretention
and rain garden 200-300 mm [m]; ponds and tanks count by their stated volume only."""

SURFACES = {"permeable_paving": "permeable paving", "green_roof": "green roof"}
"""Facilities that act through the runoff coefficient only."""


@dataclass(frozen=True, slots=True, eq=False)
class FacilityEffects:
    """Effect of the facilities on each unit.

    Parameters
    ----------
    storage_m3 : Series
        Installed storage by unit.
    surfaces : DataFrame
        Shares by surface class after permeable paving and green roofs have replaced hard ones.
    """

    storage_m3: pd.Series[float]
    surfaces: pd.DataFrame


def storage_m3(facilities: GeoDataFrame) -> pd.Series[float]:
    """Storage of each facility in m3: its volume, else area x depth, else area x default depth.

    Facilities that act through the surface, and ponds and tanks without a volume, store 0.

    Raises
    ------
    LayerError
        If a kind is not known, or a volume, area or depth is negative or no number.
    """
    known = set(STORAGE_DEPTH_M) | set(SURFACES)
    unknown = sorted({str(kind) for kind in facilities["kind"]} - known)
    if unknown:
        raise LayerError(
            f"unknown kind of facility: {', '.join(unknown)}", where="sponge_facilities, column kind",
            mend=f"use one of {', '.join(sorted(known))}",
        )  # fmt: skip
    default = facilities["kind"].map(STORAGE_DEPTH_M).astype(float)
    depth = _first_known(_numbers(facilities, "depth_m"), default)
    volume = _first_known(_numbers(facilities, "volume_m3"), _areas_m2(facilities) * depth)
    return volume.where(volume.notna() & ~facilities["kind"].isin(SURFACES), 0.0)


def facility_effects(
    units: GeoDataFrame, facilities: GeoDataFrame | None, surfaces: pd.DataFrame
) -> FacilityEffects:
    """Storage per unit, and the surfaces after green roofs and permeable paving.

    A facility belongs to the unit that holds its representative point; one outside all units is
    without effect.

    Parameters
    ----------
    units : GeoDataFrame
        Drainage units in a metric CRS.
    facilities : GeoDataFrame, optional
        ``kind``, ``area_m2``, ``depth_m``, ``volume_m3``; same CRS.
    surfaces : DataFrame
        Shares by surface class on the index of ``units``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a facility is of an unknown kind, or one of its figures is negative or no number.
    """
    nothing = pd.Series(0.0, index=units.index)
    if facilities is None or facilities.empty:
        return FacilityEffects(nothing, surfaces)
    require_same_crs({"drainage units": units, "sponge_facilities": facilities})
    owner = _owners(units, facilities)
    stored = storage_m3(facilities).groupby(owner.to_numpy()).sum()
    return FacilityEffects(nothing.add(stored, fill_value=0.0), _improved(units, facilities, owner, surfaces))


def _owners(units: GeoDataFrame, facilities: GeoDataFrame) -> pd.Series[float]:
    """Index of the unit that holds each facility; NaN outside all units."""
    points = shapely.point_on_surface(facilities.geometry.to_numpy())
    which, unit = shapely.STRtree(units.geometry.to_numpy()).query(points, predicate="intersects")
    owner = pd.Series(np.nan, index=facilities.index)
    first = ~pd.Series(which).duplicated().to_numpy()
    owner.iloc[which[first]] = units.index.to_numpy()[unit[first]]
    return owner


def _improved(
    units: GeoDataFrame, facilities: GeoDataFrame, owner: pd.Series[float], surfaces: pd.DataFrame
) -> pd.DataFrame:
    """Hard surface replaced, as far as there is any, by the facilities' better one."""
    better = surfaces.copy()
    areas = _areas_m2(facilities)
    for kind, surface in SURFACES.items():
        added = areas.where(facilities["kind"] == kind).groupby(owner.to_numpy()).sum().reindex(units.index)
        wish = (added / units.geometry.area).where(added.notna(), 0.0)
        hard = [name for name in ("built", "paved", "roof", UNKNOWN) if name in better]
        there = better[hard].sum(axis=1)
        share = np.minimum(wish, there)
        better[hard] = better[hard].mul(1 - (share / there).where(there > 0, 0.0), axis=0)
        better[surface] = share + better.get(surface, 0.0)
    return better


def _areas_m2(facilities: GeoDataFrame) -> pd.Series[float]:
    drawn = facilities.geometry.area
    return _first_known(_numbers(facilities, "area_m2"), drawn.where(drawn > 0))


def _first_known(wanted: pd.Series[float], otherwise: pd.Series[float]) -> pd.Series[float]:
    """Row by row (not by index, which may hold a label twice), ``wanted`` unless it is NaN."""
    known = np.where(wanted.notna(), wanted, otherwise)
    return pd.Series(known, index=wanted.index, dtype=float)


def _numbers(facilities: GeoDataFrame, column: str) -> pd.Series[float]:
    if column not in facilities:
        return pd.Series(np.nan, index=facilities.index)
    given = facilities[column].replace(r"^\s*$", np.nan, regex=True)
    numbers = pd.Series(pd.to_numeric(given, errors="coerce"), dtype=float)
    wrong = numbers.lt(0) | np.isinf(numbers) | (numbers.isna() & given.notna())
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        raise LayerError(
            f"{str(facilities[column].iloc[row])!r} is no number of 0 or more",
            where=f"sponge_facilities, row {row + 1}, column {column}",
            mend="correct it, or leave it empty if unknown",
        )  # fmt: skip
    return numbers
