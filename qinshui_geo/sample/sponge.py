"""The sponge facilities of the sample: rain gardens, sunken greens, tanks, permeable paving."""

from __future__ import annotations

from typing import Any

import numpy as np

from qinshui_geo.sample.elements import Line, ring
from qinshui_geo.sample.town import Block

STORAGE_M3_PER_HA = 175.0
"""Storage of a fitted block, per hectare out to the street axes; enough for 80 % where phi is up to 0.75."""
PARK_STORAGE_M3_PER_HA = 80.0
"""Storage of a fitted park, per hectare."""
FITTED_COLUMNS = (1, 2, 3, 18, 19, 22)
"""Columns of blocks that were built or renewed with sponge facilities."""
HALF_FITTED_COLUMNS = (13, 14)
"""Columns where works have begun: a third of the storage, so not enough."""

_SHARES = (("rain_garden", 0.45, 0.25), ("sunken_green", 0.35, 0.15), ("tank", 0.2, 2.0))
"""Kind, share of the storage, and depth in metres."""
_NAMES = {"rain_garden": "雨水花园", "sunken_green": "下沉式绿地", "tank": "蓄水池",
          "permeable_paving": "透水铺装", "pond": "调蓄塘"}  # fmt: skip

Facility = tuple[Line, dict[str, Any]]


def sponge_facilities(blocks: list[Block]) -> list[Facility]:
    """Facilities as areas inside their block, with ``kind``, ``area_m2``, ``depth_m``, ``volume_m3``.

    Parks hold rain in a sunken green; homes and public buildings in three kinds and under paving.
    """
    found: list[Facility] = []
    for block in blocks:
        if block.use in ("park", "big_park") and block.column % 2 == 0:
            found.append(_store(block, "sunken_green", 0.2, PARK_STORAGE_M3_PER_HA * _hectares(block), 0.15))
        elif block.use in ("housing", "old_housing", "commercial", "school", "hospital", "government"):
            found += _fitted(block)
    return found


def _fitted(block: Block) -> list[Facility]:
    share = 1.0 if block.column in FITTED_COLUMNS else 0.33 if block.column in HALF_FITTED_COLUMNS else 0.0
    if not share:
        return []
    storage = share * STORAGE_M3_PER_HA * _hectares(block)
    stores = [_store(block, kind, 0.06 + 0.3 * i, part * storage, depth)
              for i, (kind, part, depth) in enumerate(_SHARES)]  # fmt: skip
    return [*stores, _facility(block, "permeable_paving", 0.9, round(150 * share), None, None)]


def _store(block: Block, kind: str, v: float, volume_m3: float, depth_m: float) -> Facility:
    """Facility of this volume; tanks give it themselves, green ones by area and depth."""
    area = round(volume_m3 / depth_m)
    return _facility(block, kind, v, area, depth_m, round(volume_m3) if kind == "tank" else None)


def _facility(block: Block, kind: str, v: float, area_m2: int, depth_m: float | None,
              volume_m3: int | None) -> Facility:  # fmt: skip
    width, depth = block.size_m()
    long = min(0.9 * width, area_m2 / 8.0)
    u, w = long / width / 2, area_m2 / long / depth / 2
    corners = [block.point(0.5 + a * u, v + w + b * w) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    name = f"{_NAMES[kind]}(示例)"
    fields = {"kind": kind, "area_m2": area_m2, "depth_m": depth_m, "volume_m3": volume_m3, "name": name}
    return ring(np.array(corners)), fields


def _hectares(block: Block) -> float:
    points = block.reach().points
    x, y = points[:, 0], points[:, 1]
    return float(abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2e4)
