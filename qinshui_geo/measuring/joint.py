"""Joint range of the figures: every parameter of their sweeps varied at once, on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geopandas import GeoDataFrame

from qinshui_geo.indicators import green_cover, parks
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Quantity
from qinshui_geo.measuring.built_up_range import built_up_joint_range
from qinshui_geo.measuring.range_notes import PARAMETERS
from qinshui_geo.profile import CountyProfile
from qinshui_geo.sensitivity import Figure, JointRange, latin_hypercube

_ENDS = ("joint_low", "joint_median", "joint_high")


def with_joint_ranges(
    found: Mapping[str, Measurement], layers: CountyLayers, profile: CountyProfile, *, samples: int
) -> dict[str, Measurement]:
    """The measurements, those of built-up area, parks and green coverage with their joint range.

    The parameters are those of the indicator's sweep, between the ends of the sweep; parks and green are
    varied within the central built-up area.

    Parameters
    ----------
    found : Mapping of str to Measurement
        See :func:`qinshui_geo.measuring.measure_indicators`.
    layers, profile : CountyLayers, CountyProfile
        What they were measured from.
    samples : int
        Size of the Latin hypercube; 0 leaves the measurements as they are.

    Returns
    -------
    dict of str to Measurement
        With the details ``joint_low``, ``joint_median`` and ``joint_high`` (5th, 50th and 95th percentile)
        and a note that names the parameters.
    """
    ranged = dict(found)
    if samples == 0:
        return ranged
    built = found["built_up_area"]
    if built.swings:
        joint = built_up_joint_range(layers, profile.method.built_up, samples=samples)
        ranged["built_up_area"] = _with(built, joint)
    town: GeoDataFrame | None = built.features
    for name, figure in _figures(found, layers, town).items():
        bounds = {swing.parameter: (swing.settings[0], swing.settings[-1]) for swing in found[name].swings}
        if bounds:
            ranged[name] = _with(found[name], latin_hypercube(figure, bounds, samples=samples))
    return ranged


def _figures(
    found: Mapping[str, Measurement], layers: CountyLayers, town: GeoDataFrame | None
) -> dict[str, Figure]:
    if town is None or town.empty:
        return {}
    return {
        "park_area_per_capita": _park_area(found["park_area_per_capita"], town),
        "green_coverage": _green_coverage(layers, town),
    }


def _park_area(measured: Measurement, town: GeoDataFrame) -> Figure:
    classified, persons = measured.features, measured.denominator

    def figure(at: Mapping[str, float]) -> Quantity | None:
        assert classified is not None and persons is not None  # there is no sweep without them
        (area_m2,) = parks.areas_by_strip(classified, built_up=town, widths_m=[at["min_strip_m"]])
        return Quantity(area_m2 / persons.value, "m2/person") if area_m2 > 0 else None

    return figure


def _green_coverage(layers: CountyLayers, town: GeoDataFrame) -> Figure:
    def figure(at: Mapping[str, float]) -> Quantity | None:
        return green_cover.green_coverage(
            town, ndvi=layers.ndvi, ndvi_threshold=at["ndvi_threshold"]
        ).quantity

    return figure


def _with(measured: Measurement, joint: JointRange) -> Measurement:
    ends = zip(_ENDS, (joint.low, joint.median, joint.high), strict=True)
    details = {name: quantity for name, quantity in ends if quantity is not None}
    return replace(
        measured, details={**measured.details, **details}, notes=(*measured.notes, _note(measured, joint))
    )


def _note(measured: Measurement, joint: JointRange) -> Note:
    spans = [
        ", ".join(
            f"{PARAMETERS[swing.parameter][lang]} {swing.settings[0]:g}–{swing.settings[-1]:g}"
            for swing in measured.swings
        )
        for lang in (0, 1)
    ]
    count = len(joint.samples)
    return Note(
        f"联合区间:各参数同时变化({spans[0]}),拉丁超立方抽样 {count} 次,取第 5、50、95 百分位",
        f"joint range: all parameters vary at once ({spans[1]}), Latin hypercube of {count} samples, "
        "5th, 50th and 95th percentile",
    )
