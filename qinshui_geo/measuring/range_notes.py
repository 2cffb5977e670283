"""What makes a range wide, in words: the parameter that moves the figure most."""

from __future__ import annotations

from dataclasses import replace

from qinshui_geo.measurement import Measurement, Note, Quantity, Swing
from qinshui_geo.sensitivity import tornado

PARAMETERS = {
    "link_m": ("连接距离 link_m", "linking distance link_m"),
    "min_patch_ha": ("最小斑块 min_patch_ha", "smallest piece min_patch_ha"),
    "ghs_threshold": ("GHS 阈值 ghs_threshold", "GHS threshold ghs_threshold"),
    "min_strip_m": ("最小宽度 min_strip_m", "least width min_strip_m"),
    "ndvi_threshold": ("NDVI 阈值 ndvi_threshold", "NDVI threshold ndvi_threshold"),
    "cell_m": ("格网边长 cell_m", "cell size cell_m"),
}
"""Names of the parameters in both languages, with the key of the profile."""

_SIGNS = {"percent": ("%", "%"), "km2": ("km²", "km2"), "m2/person": ("m²/人", "m2 per person")}

WORTH_TELLING = 0.05
"""Least span of a sweep, as a share of the figure, of which a note is made."""


def with_range_notes(measured: Measurement) -> Measurement:
    """The measurement with a note on the parameter that moves it most, where it moves it by 5 % or more.

    A built-up area that loses as much at the shortest linking distance is said to fall apart there.
    """
    bars = tornado(measured.swings)
    if measured.quantity is None or bars.empty:
        return measured
    widest, central = bars.iloc[0], measured.quantity
    if not widest["span"] >= WORTH_TELLING * abs(central.value) > 0:
        return measured
    swing = next(swing for swing in measured.swings if swing.parameter == widest["parameter"])
    notes = [
        _widest(swing, central.unit, *widest[["low_setting", "high_setting", "low_figure", "high_figure"]])
    ]
    if swing.parameter == "link_m":
        notes += _apart(swing, central)
    return replace(measured, notes=(*measured.notes, *notes))


def _widest(swing: Swing, unit: str, at_low: float, at_high: float, low: float, high: float) -> Note:
    chinese, english = PARAMETERS.get(swing.parameter, (swing.parameter, swing.parameter))
    sign, of = _SIGNS.get(unit, (unit, unit)), "" if swing.unit == "ratio" else f" {swing.unit}"
    return Note(
        f"各参数中{chinese} 影响最大:取 {at_low:g}{of} 时为 {low:.4g} {sign[0]},"
        f"取 {at_high:g}{of} 时为 {high:.4g} {sign[0]}",
        f"of the parameters, {english} moves the figure most: {low:.4g} {sign[1]} at {at_low:g}{of}, "
        f"{high:.4g} {sign[1]} at {at_high:g}{of}",
    )


def _apart(swing: Swing, central: Quantity) -> list[Note]:
    shortest, figure = swing.settings[0], swing.figures[0]
    lost = 0.0 if figure is None else central.value - figure.value
    if lost < WORTH_TELLING * central.value:
        return []
    percent = 100 * lost / central.value
    return [
        Note(
            f"连接距离取 {shortest:g} m 时城区断开:{lost:.2f} km²({percent:.0f} %)与驻地所在部分相隔更宽"
            "(如河道、铁路或未绘制地块),是否连成一体请现场核实",
            f"at a linking distance of {shortest:g} m the town falls apart: {lost:.2f} km2 ({percent:.0f} %) "
            "lie beyond wider gaps (a river, a railway, land not drawn); check on the ground whether it is "
            "one town",
        )
    ]
