"""Measures a county town's planning targets from open map data, with verdicts, maps and GIS layers.

>>> import qinshui_geo as qg
>>> qg.load_plan("qinshui").target("sponge_share").value
30.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qinshui_geo.assessment import Finding, assess
    from qinshui_geo.county import CountyResult, measure_county
    from qinshui_geo.errors import QinshuiGeoError, QinshuiGeoWarning
    from qinshui_geo.layers import CountyLayers
    from qinshui_geo.maps import county_map, write_map
    from qinshui_geo.measurement import Measurement, Provenance, Quantity
    from qinshui_geo.plan import Plan, Target, load_plan
    from qinshui_geo.profile import CountyProfile, load_profile
    from qinshui_geo.reading import read_layers
    from qinshui_geo.report import write_report
    from qinshui_geo.sample import write_sample
    from qinshui_geo.storage import write_layers, write_scorecard_csv, write_scorecard_json

_MODULES = {
    "assessment": ("Finding", "assess"),
    "county": ("CountyResult", "measure_county"),
    "errors": ("QinshuiGeoError", "QinshuiGeoWarning"),
    "layers": ("CountyLayers",),
    "maps": ("county_map", "write_map"),
    "measurement": ("Measurement", "Provenance", "Quantity"),
    "plan": ("Plan", "Target", "load_plan"),
    "profile": ("CountyProfile", "load_profile"),
    "reading": ("read_layers",),
    "report": ("write_report",),
    "sample": ("write_sample",),
    "storage": ("write_layers", "write_scorecard_csv", "write_scorecard_json"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "CountyLayers",
    "CountyProfile",
    "CountyResult",
    "Finding",
    "Measurement",
    "Plan",
    "Provenance",
    "QinshuiGeoError",
    "QinshuiGeoWarning",
    "Quantity",
    "Target",
    "assess",
    "county_map",
    "load_plan",
    "load_profile",
    "measure_county",
    "read_layers",
    "write_layers",
    "write_map",
    "write_report",
    "write_sample",
    "write_scorecard_csv",
    "write_scorecard_json",
]


def __getattr__(name: str) -> Any:
    """Public name, its module imported at first use: the package itself imports in milliseconds."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
