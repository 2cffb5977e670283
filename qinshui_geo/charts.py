"""Charts of one indicator as small pieces of HTML: what moves its range, and its variants side by side.

Each is a table whose bars are drawn as SVG within its cells, so that it reads without sight of it,
folds on a phone and prints; nothing is computed here beyond the places of the bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from qinshui_geo.measurement import Measurement, Quantity, Swing
from qinshui_geo.pages import template
from qinshui_geo.sensitivity import tornado
from qinshui_geo.texts import Lang, figure, target_figure, term, words

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "built_up_area": ("vector_only", "landcover_only", "ghs_only", "survey_only"),
    "park_area_per_capita": ("without_water", "per_resident", "per_resident_and_temporary"),
    "park_service_coverage": ("walking_land", "straight_residents", "walking_residents"),
    "green_coverage": ("ndvi_route", "landcover_route", "error_adjusted"),
    "green_land_ratio": ("park_parcels", "planted_parcels"),
    "town_population": ("raster", "resident_and_temporary"),
}
"""Details that measure the same thing in another way, by indicator."""


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One parameter: its ends in words, and its places in percent of the chart's width."""

    name: str
    low_figure: str
    low_setting: str
    high_figure: str
    high_setting: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class VariantBar:
    """One way of measuring: its figure in words, and its length in percent of the chart's width."""

    name: str
    figure: str
    length: float
    central: bool


def tornado_chart(
    central: Quantity, swings: Sequence[Swing], *, lang: Lang, against: float | None = None
) -> str:
    """How far each parameter moves the figure, the widest first; empty without any sweep.

    Parameters
    ----------
    central : Quantity
        The figure at the central settings, a line through all bars.
    swings : sequence of Swing
        Sweeps of the parameters, with figures in the unit of ``central``.
    lang : {'zh', 'en'}
        Language of names and units.
    against : float, optional
        Target, from which no figure that differs may look the same.

    Returns
    -------
    str
        HTML to be set into a page as it is.
    """
    table = tornado(swings)
    if table.empty:
        return ""
    low = min(central.value, float(table["low_figure"].min()))
    high = max(central.value, float(table["high_figure"].max()))
    place = partial(_place, low=low, high=high)
    told = partial(figure, unit=central.unit, lang=lang, against=against)
    unit_of = {swing.parameter: swing.unit for swing in swings}
    bars = [_tornado_bar(row, unit_of[row["parameter"]], told, place, lang) for row in _records(table)]
    return template("tornado.html.j2").render(
        t=words("page", lang), bars=bars, centre=place(central.value), central=told(central.value)
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _tornado_bar(
    row: Mapping[str, Any], unit: str, told: Callable[..., str], place: Callable[..., float], lang: Lang
) -> TornadoBar:
    return TornadoBar(
        name=term("parameter", row["parameter"], lang),
        low_figure=told(row["low_figure"]), high_figure=told(row["high_figure"]),
        low_setting=target_figure(row["low_setting"], unit, lang),
        high_setting=target_figure(row["high_setting"], unit, lang),
        low=place(row["low_figure"]), high=place(row["high_figure"]),
    )  # fmt: skip


def variants_chart(measurement: Measurement, *, lang: Lang, against: float | None = None) -> str:
    """The central figure and its variants as bars from zero; empty where there is no variant."""
    central, others = measurement.quantity, variants(measurement)
    if central is None or not others:
        return ""
    names = [words("page", lang)["central"], *(term("detail", key, lang) for key in others)]
    quantities = [central, *others.values()]
    longest = max(abs(quantity.value) for quantity in quantities)
    bars = [
        VariantBar(
            name, figure(quantity.value, quantity.unit, lang, against=against),
            _place(quantity.value, 0.0, longest), quantity is central,
        )
        for name, quantity in zip(names, quantities, strict=True)
    ]  # fmt: skip
    return template("variants.html.j2").render(t=words("page", lang), bars=bars)


def variants(measurement: Measurement) -> dict[str, Quantity]:
    """Details that measure the same in another way, in the unit of the figure, by key."""
    unit = None if measurement.quantity is None else measurement.quantity.unit
    known = ((key, measurement.details.get(key)) for key in VARIANTS.get(measurement.indicator, ()))
    return {key: quantity for key, quantity in known if quantity is not None and quantity.unit == unit}


def _place(value: float, low: float, high: float) -> float:
    """Percent of the way from low to high; the middle where there is no way."""
    return 50.0 if high <= low else min(max(100 * (value - low) / (high - low), 0.0), 100.0)
