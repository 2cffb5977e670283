"""Built surface by epoch and degree of urbanisation of the sample, in the forms of the GHSL products."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from affine import Affine

from qinshui_geo.sample.buildings import Building
from qinshui_geo.sample.drawing import Drawing
from qinshui_geo.sample.frame import Points, mollweide_to_degrees
from qinshui_geo.sample.rasters import (
    TOWN_PERSONS,
    VILLAGE_PERSONS,
    cell_centres,
    mollweide_grid,
    outside,
    residents,
    spread,
    write_band,
)  # fmt: skip

EPOCHS = {1990: 0.38, 2000: 0.52, 2010: 0.78, 2020: 1.0}
"""Year, and the share of today's buildings that stood then: those nearest to the middle of the town."""

_SEEN = 1.5
"""Built surface that the satellite sees for each m2 of a drawn building: sheds, porches, blurred edges."""

_CELL_M2, _NO_SURFACE = 10_000, 65_535
_URBAN_CENTRE, _SUBURBAN, _RURAL, _EMPTY, _NO_CLASS = 30, 21, 12, 11, 255
_DENSE, _LOOSE, _FEW = 1500.0, 300.0, 50.0
"""Persons per km2 from which a cell is of the urban centre, of the suburbs, of the inhabited country."""

_MARGIN_CELLS = 2


def write_built_surface(path: Path, drawing: Drawing, share: float) -> None:
    """Write m2 of built surface per 100 m cell as GHS-BUILT-S does, of the first ``share`` of buildings."""
    standing = _oldest([*drawing.town, *drawing.villages], share)
    transform, shape = mollweide_grid(100.0)
    ground_m2 = _SEEN * np.array([building.area_m2 for building in standing])
    surface = np.minimum(np.round(spread(standing, ground_m2, transform, shape)), _CELL_M2)
    surface[_beyond(transform, shape)] = _NO_SURFACE
    write_band(path, surface.astype("uint16"), transform, "ESRI:54009", _NO_SURFACE, "GTiff")


def write_degurba(path: Path, drawing: Drawing) -> None:
    """Write degree-of-urbanisation codes of 1 km cells (GHS-SMOD level 2), by persons per cell alone."""
    transform, shape = mollweide_grid(1000.0, margin_cells=_MARGIN_CELLS)
    persons = residents(drawing.town, TOWN_PERSONS, transform, shape)
    persons += residents(drawing.villages, VILLAGE_PERSONS, transform, shape)
    steps = [persons >= _DENSE, persons >= _LOOSE, persons >= _FEW]
    codes = np.select(steps, [_URBAN_CENTRE, _SUBURBAN, _RURAL], _EMPTY).astype("uint8")
    write_band(path, codes, transform, "ESRI:54009", _NO_CLASS, "GTiff")


def _oldest(buildings: list[Building], share: float) -> list[Building]:
    """The share of the buildings that are nearest to the middle of all of them."""
    middles = np.array([building.line.points[:4].mean(axis=0) for building in buildings])
    away_m = np.hypot(*(middles - np.median(middles, axis=0)).T)
    count = round(share * len(buildings))
    return [buildings[i] for i in np.argsort(away_m, kind="stable")[:count]]


def _beyond(transform: Affine, shape: tuple[int, int]) -> Points:
    return outside(*mollweide_to_degrees(*cell_centres(transform, shape)))
