"""How far the built-up area moves with its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qinshui_geo.indicators.built_up import grown_area
from qinshui_geo.indicators.growth_graph import GrowthGraph, growth_graph
from qinshui_geo.indicators.land_patches import built_cells, closed, dilated
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Quantity, Swing
from qinshui_geo.measuring.town_land import TownLand, present_fraction, town_land
from qinshui_geo.method import BuiltUpMethod
from qinshui_geo.sensitivity import JointRange, latin_hypercube, sweep

SETTINGS = {
    "link_m": (50.0, 100.0, 200.0), "min_patch_ha": (0.5, 1.0, 2.0), "ghs_threshold": (0.10, 0.20, 0.50)
}  # fmt: skip
"""Settings tried beside the central one; ``close_m`` is left out, as every setting costs a new closing."""

UNITS = {"link_m": "m", "min_patch_ha": "ha", "ghs_threshold": "ratio"}


def reach_m(options: BuiltUpMethod) -> float:
    """Largest linking distance of the sweep."""
    return max(options.link_m, *SETTINGS["link_m"])


def built_up_swings(
    land: TownLand, graph: GrowthGraph, layers: CountyLayers, options: BuiltUpMethod
) -> tuple[Swing, ...]:
    """One-at-a-time sweep of the linking distance, the small-piece rule and, where used, the GHS threshold.

    Parameters
    ----------
    land : TownLand
        See :func:`~qinshui_geo.measuring.town_land.town_land`.
    graph : GrowthGraph
        Of its central patches, up to :func:`reach_m`.
    layers : CountyLayers
        For other thresholds of the built-up fraction.
    options : BuiltUpMethod
        Central settings.
    """
    names = _parameters(land)
    central = {name: getattr(options, name) for name in names}
    figure = _area_at(land, graph, layers, options)
    return sweep(figure, central, {name: SETTINGS[name] for name in names}, units=UNITS)


def built_up_joint_range(
    layers: CountyLayers, options: BuiltUpMethod, *, samples: int = 64, seed: int = 20270101
) -> JointRange:
    """Built-up area while all parameters of the sweep vary at once, between its ends (on request).

    Parameters
    ----------
    layers : CountyLayers
        See :func:`qinshui_geo.reading.read_layers`.
    options : BuiltUpMethod
        Central settings; the ends widen to them where they lie outside the sweep.
    samples, seed : int
        See :func:`~qinshui_geo.sensitivity.latin_hypercube`.
    """
    land = town_land(layers, options)
    graph = growth_graph(land.patches(), seat=layers.seat, reach_m=reach_m(options))
    tried = {name: (*SETTINGS[name], float(getattr(options, name))) for name in _parameters(land)}
    bounds = {name: (min(values), max(values)) for name, values in tried.items()}
    return latin_hypercube(_area_at(land, graph, layers, options), bounds, samples=samples, seed=seed)


def _parameters(land: TownLand) -> list[str]:
    return [name for name in SETTINGS if name != "ghs_threshold" or "ghs" in land.central]


def _area_at(
    land: TownLand, graph: GrowthGraph, layers: CountyLayers, options: BuiltUpMethod
) -> Callable[[Mapping[str, float]], Quantity | None]:
    def area(setting: Mapping[str, float]) -> Quantity | None:
        threshold = setting.get("ghs_threshold", options.ghs_threshold)
        known = threshold == options.ghs_threshold
        grown_from = graph if known else _graph_at(threshold, land, layers, options)
        return grown_area(grown_from, link_m=setting["link_m"], min_patch_ha=setting["min_patch_ha"])

    return area


def _graph_at(threshold: float, land: TownLand, layers: CountyLayers, options: BuiltUpMethod) -> GrowthGraph:
    """Distance graph at another threshold; the vectors are not widened again."""
    fraction = present_fraction(layers)
    assert fraction is not None
    cells = built_cells(fraction, layers.crs, threshold=threshold)
    ghs = dilated([cells], close_m=options.close_m)
    others = [land.widened[name] for name in land.central if name != "ghs"]
    return growth_graph(closed([*others, ghs]), seat=layers.seat, reach_m=reach_m(options))
