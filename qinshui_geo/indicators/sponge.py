"""Sponge-city share (海绵城市达标面积比例): drainage units whose runoff control reaches the target.

Reference: GB/T 51345-2018 海绵城市建设评价标准 and the volume method of the 2014 technical guide.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_metric
from qinshui_geo.errors import LayerError
from qinshui_geo.indicators.design_rainfall import CaptureCurve
from qinshui_geo.indicators.facilities import SURFACES, facility_effects
from qinshui_geo.measurement import Measurement, Note, Quantity
from qinshui_geo.zonal import UNKNOWN

POTENTIAL_ZH, POTENTIAL_EN = "径流控制潜力面积比例", "Runoff-control potential share of the built-up area"
SUPPLIED_ZH, SUPPLIED_EN = (
    "达标面积比例(按用户提供的设施)",
    "Share of compliant area (facilities supplied by the user)",
)

PHI: Mapping[str, float] = {
    "roof": 0.85, "paved": 0.85, "built": 0.85, "green": 0.15, "tree": 0.15, "shrub": 0.15, "grass": 0.15,
    "moss": 0.15, "crop": 0.30, "bare": 0.30, "water": 1.00, "wetland": 1.00, "snow": 1.00,
    "permeable paving": 0.20, "green roof": 0.35,
}  # fmt: skip
"""Runoff coefficient of volume by surface class; overridable. Recipe table after GB/T 51345-2018:
hard roofs, concrete and asphalt 0.85, green space 0.15, unpaved soil 0.30, water 1.00, permeable
paving 0.20, green roof 0.35."""

PERVIOUS = frozenset(
    {"green", "tree", "shrub", "grass", "moss", "crop", "bare", "permeable paving", "green roof"}
)
"""Classes that retain 1 - phi of the rain without any facility; all others count as 0."""

_ROUNDING = 1e-9
"""Percent by which a unit that has exactly the storage needed may come out lower in floating point."""

MAX_UNKNOWN = 0.5
"""Above this unknown share of the built-up area no figure is given."""


def sponge_share(
    units: GeoDataFrame,
    surfaces: pd.DataFrame,
    *,
    curve: CaptureCurve | None = None,
    facilities: GeoDataFrame | None = None,
    alpha_target_percent: float = 80.0,
    phi: Mapping[str, float] = PHI,
) -> Measurement:
    """Share of the built-up area, in percent, in units that reach the target control of annual runoff.

    Per unit: ``phi = sum(F_i phi_i) / sum(F_i)``; need ``V = 10 H phi F`` (m3; mm, ha); with storage,
    ``H_eff = V_installed / (10 phi F)`` and the unit's alpha is read from the curve. Without storage
    a unit controls what its pervious surfaces retain, ``sum(F_i (1 - phi_i)) / F``, impervious ones
    counting as 0; the greater of the two holds. Surfaces that are unknown count as impervious in the
    figure and as green in its high bound.

    Parameters
    ----------
    units : GeoDataFrame
        Drainage units in a metric CRS with ``unit_id``; they cover the built-up area.
    surfaces : DataFrame
        On the index of ``units``: share (0 to 1) by surface class and ``unknown``.
    curve : CaptureCurve, optional
        From the daily rainfall; without it no volumes, and facilities cannot be credited.
    facilities : GeoDataFrame, optional
        The user's facilities: ``kind``, ``area_m2``, ``depth_m``, ``volume_m3``; same CRS.
    alpha_target_percent : float
        Control of annual runoff to reach. Zones II and III meet in Shanxi, 75 to 85 [m].
    phi : Mapping of str to float
        Runoff coefficient by surface class.

    Returns
    -------
    Measurement
        ``quantity`` in percent, named as potential unless facilities are given; ``None`` where more
        than half of the area is unknown; ``features`` are the units with their reckoning.

    Raises
    ------
    CRSError
        If the units are not in a metric CRS, or the facilities in another one.
    LayerError
        If a unit has no surfaces, a surface class no runoff coefficient, or a facility does not hold.
    """
    require_metric(units, "drainage units")
    _require_surfaces(units, surfaces)
    _require_phi(surfaces, phi)
    if facilities is not None and facilities.empty:
        facilities = None
    surfaces = surfaces.loc[units.index]
    table = _reckon(units, surfaces, curve=curve, facilities=facilities, target=alpha_target_percent, phi=phi)
    supplied = facilities is not None and curve is not None
    unknown = float(np.average(surfaces[UNKNOWN], weights=table["area_ha"])) if len(table) else 1.0
    low, high = _share(table, certain=True), _share(table, certain=False)
    known = unknown <= MAX_UNKNOWN
    return Measurement(
        "sponge_share", Quantity(low, "percent") if known else None,
        SUPPLIED_ZH if supplied else POTENTIAL_ZH, SUPPLIED_EN if supplied else POTENTIAL_EN,
        range=(Quantity(low, "percent"), Quantity(high, "percent")) if known else None,
        denominator=Quantity(float(table["area_ha"].sum()) / 100, "km2"),
        notes=_notes(curve, facilities, alpha_target_percent, unknown),
        details=_details(table, curve, alpha_target_percent, unknown), features=table,
    )  # fmt: skip


def _require_surfaces(units: GeoDataFrame, surfaces: pd.DataFrame) -> None:
    complete = UNKNOWN in surfaces and units.index.isin(surfaces.index).all()
    if not complete or surfaces.loc[units.index].isna().any(axis=None):
        raise LayerError(
            f"every unit needs its shares and the column {UNKNOWN!r}, none of them NaN", where="surfaces",
            mend="take them from class_shares or drawn_surfaces on the same units",
        )  # fmt: skip


def _require_phi(surfaces: pd.DataFrame, phi: Mapping[str, float]) -> None:
    needed = {*surfaces.columns, *SURFACES.values(), "paved", "green"} - {UNKNOWN}
    lacking = sorted(needed - set(phi))
    if lacking:
        raise LayerError(
            f"no runoff coefficient for the surface class {', '.join(lacking)}", where="phi",
            mend="add it, for example phi={**PHI, 'class': 0.5}",
        )  # fmt: skip


def _reckon(
    units: GeoDataFrame,
    surfaces: pd.DataFrame,
    *,
    curve: CaptureCurve | None,
    facilities: GeoDataFrame | None,
    target: float,
    phi: Mapping[str, float],
) -> GeoDataFrame:
    """Units with surfaces, phi, volumes, alpha and whether they comply (NA where not certain)."""
    effect = facility_effects(units, facilities, surfaces)
    table = _with_surfaces(units, effect.surfaces, phi)
    table["storage_m3"] = effect.storage_m3
    runoff_m3_per_mm = 10 * table["phi"] * table["area_ha"]
    table["required_m3"] = runoff_m3_per_mm * (np.nan if curve is None else curve.depth(target))
    stored = _stored_alpha(effect.storage_m3, runoff_m3_per_mm, curve)
    retained = _retained(effect.surfaces, phi)
    table["alpha_percent"] = np.maximum(stored, retained)
    best = _best_alpha(table, retained, curve, phi)
    certain = table["alpha_percent"] >= target - _ROUNDING
    table["compliant"] = certain.astype("boolean").mask(~certain & (best >= target - _ROUNDING))
    table["reason"], table["reason_zh"] = _reasons(table, target)
    return table


def _best_alpha(
    table: GeoDataFrame, retained: pd.Series[float], curve: CaptureCurve | None, phi: Mapping[str, float]
) -> pd.Series[float]:
    """Alpha of each unit if all its unknown surface were green."""
    if_green = table["phi"] - table["unknown_percent"] / 100 * (phi["paved"] - phi["green"])
    stored = _stored_alpha(table["storage_m3"], 10 * if_green * table["area_ha"], curve)
    return pd.Series(np.maximum(stored, retained + table["unknown_percent"] * (1 - phi["green"])))


def _with_surfaces(units: GeoDataFrame, shares: pd.DataFrame, phi: Mapping[str, float]) -> GeoDataFrame:
    table = units[["unit_id", "geometry"]].copy()
    table["area_ha"] = units.geometry.area / 1e4
    table["phi"] = _phi(shares, phi)
    table["impervious_percent"] = 100 * _total(shares, {"roof", "paved", "built"})
    table["green_percent"] = 100 * _total(shares, {"green", "tree", "shrub", "grass", "moss"})
    table["water_percent"] = 100 * _total(shares, {"water", "wetland"})
    table["unknown_percent"] = 100 * shares[UNKNOWN]
    return table


def _phi(shares: pd.DataFrame, phi: Mapping[str, float]) -> pd.Series[float]:
    """Area-weighted runoff coefficient, unknown surfaces taken as paved."""
    known = [name for name in shares.columns if name != UNKNOWN]
    weighted = sum((shares[name] * phi[name] for name in known), start=shares[UNKNOWN] * phi["paved"])
    return pd.Series(weighted, index=shares.index, dtype=float)


def _retained(shares: pd.DataFrame, phi: Mapping[str, float]) -> pd.Series[float]:
    kept = sum((shares[n] * (1 - phi[n]) for n in shares.columns if n in PERVIOUS), start=0 * shares[UNKNOWN])
    return pd.Series(100 * kept, index=shares.index, dtype=float)


def _stored_alpha(
    storage_m3: pd.Series[float], runoff_m3_per_mm: pd.Series[float], curve: CaptureCurve | None
) -> pd.Series[float]:
    if curve is None:
        return 0 * storage_m3
    depth_mm = (storage_m3 / runoff_m3_per_mm).where(runoff_m3_per_mm > 0, 0.0)
    return pd.Series(curve.alpha(depth_mm.to_numpy(dtype=np.float64)), index=storage_m3.index)


def _total(shares: pd.DataFrame, names: set[str]) -> pd.Series[float]:
    return shares[[name for name in shares.columns if name in names]].sum(axis=1)


def _share(table: GeoDataFrame, *, certain: bool) -> float:
    """Percent of the area that complies; uncertain units count only in the high bound."""
    complies = table["compliant"].fillna(not certain).astype(bool)
    total = float(table["area_ha"].sum())
    return 100 * float(table.loc[complies, "area_ha"].sum()) / total if total > 0 else 0.0


def _reasons(table: GeoDataFrame, target: float) -> tuple[list[str], list[str]]:
    english, chinese = [], []
    for alpha, complies in zip(table["alpha_percent"], table["compliant"], strict=True):
        if pd.isna(complies):
            english.append(f"controls at least {alpha:.0f} %; the unknown surfaces decide")
            chinese.append(f"至少控制 {alpha:.0f}%,取决于未知下垫面")
        else:
            english.append(f"controls {alpha:.0f} % of annual runoff, target {target:g} %")
            chinese.append(f"年径流总量控制率 {alpha:.0f}%,目标 {target:g}%")
    return english, chinese


def _details(
    table: GeoDataFrame, curve: CaptureCurve | None, target: float, unknown: float
) -> dict[str, Quantity]:
    details = {
        "units": Quantity(len(table), "count"),
        "unknown_surface": Quantity(100 * unknown, "percent"),
        "storage": Quantity(float(table["storage_m3"].sum()), "m3"),
    }
    if len(table):
        details["mean_phi"] = Quantity(float(np.average(table["phi"], weights=table["area_ha"])), "ratio")
    if curve is not None:
        details["design_depth"] = Quantity(curve.depth(target), "mm")
        details["required_storage"] = Quantity(float(table["required_m3"].sum()), "m3")
    return details


def _notes(
    curve: CaptureCurve | None, facilities: GeoDataFrame | None, target: float, unknown: float
) -> tuple[Note, ...]:
    notes = [
        Note(
            f"按 GB/T 51345-2018 的排水分区计算,年径流总量控制率目标 {target:g}%;官方达标须有一年以上监测",
            f"by drainage unit after GB/T 51345-2018, target {target:g} % of annual runoff; official "
            "compliance needs a year of monitoring",
        )
    ]
    if curve is None:
        notes.append(
            Note(
                "没有日降雨数据,不计算设计降雨量与所需容积:请提供 --rainfall",
                "no daily rainfall, so no design depth and no volumes: bring --rainfall",
            )
        )
    if facilities is None:
        notes.append(
            Note(
                "没有海绵设施图层,只计自然下垫面的滞蓄能力:请提供 sponge_facilities 图层",
                "no layer of sponge facilities; only what natural surfaces retain is counted: bring the "
                "layer sponge_facilities",
            )
        )
    if unknown > 0.005:
        notes.append(
            Note(
                f"下垫面未知占 {100 * unknown:.0f}%,本值按不透水计,高值按绿地计",
                f"{100 * unknown:.0f} % of the surface is unknown: impervious in the figure, green in its "
                "high bound",
            )
        )
    if unknown > MAX_UNKNOWN:
        notes.append(
            Note(
                "未知下垫面过半,不给出数值:请提供地表覆盖栅格(--landcover)",
                "more than half of the surface is unknown, so no figure: bring a land-cover raster "
                "(--landcover)",
            )
        )
    return tuple(notes)
