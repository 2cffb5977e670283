"""The embedded sample: a small synthetic county town (合成示例), in the formats of the real sources."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from qinshui_geo.atomic import replacing
from qinshui_geo.sample.documents import write_profile, write_readme, write_sidecar
from qinshui_geo.sample.drawing import SEED, draw_town
from qinshui_geo.sample.osm_writer import write_osm
from qinshui_geo.sample.points import write_reference_points
from qinshui_geo.sample.rain import write_rainfall
from qinshui_geo.sample.rasters import (
    paint_landcover,
    write_dem,
    write_landcover,
    write_ndvi,
    write_population,
)
from qinshui_geo.sample.settlement import EPOCHS, write_built_surface, write_degurba
from qinshui_geo.sample.sponge import sponge_facilities
from qinshui_geo.sample.tables import write_boundary, write_facilities, write_statistics

__all__ = ["write_sample"]


def write_sample(folder: Path) -> list[Path]:
    """Write the synthetic county town into ``folder``: the same bytes anywhere and at any time.

    Each file is written whole or not at all; files of the same names are replaced, others are left alone.

    Parameters
    ----------
    folder : Path
        Folder to write to; it is made where it is missing.

    Returns
    -------
    list of Path
        Files written: the sources, each followed by its provenance sidecar, then profile and description.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    written: list[Path] = []
    for name, write in _sources().items():
        path, sidecar = folder / name, folder / f"{name}.provenance.json"
        with replacing(path) as temporary:
            write(temporary)
        with replacing(sidecar) as temporary:
            write_sidecar(temporary, path, _layer(name))
        written += [path, sidecar]
    for name, write in {"profile.toml": write_profile, "README.md": write_readme}.items():
        with replacing(folder / name) as temporary:
            write(temporary)
        written.append(folder / name)
    return written


def _sources() -> dict[str, Callable[[Path], None]]:
    """What writes each source, by file name; each draws its chance from a stream of its own."""
    drawing = draw_town()
    codes = paint_landcover(drawing, _chance(1))
    return {
        "osm.osm.pbf": partial(write_osm, elements=drawing.elements),
        "landcover.tif": partial(write_landcover, codes=codes),
        "ndvi.tif": partial(write_ndvi, codes=codes, rng=_chance(2)),
        "dem.tif": write_dem,
        "population.tif": partial(write_population, drawing=drawing),
        **{
            f"ghs_built_s_{year}.tif": partial(write_built_surface, drawing=drawing, share=share)
            for year, share in EPOCHS.items()
        },
        "degurba.tif": partial(write_degurba, drawing=drawing),
        "rainfall.csv": partial(write_rainfall, rng=_chance(3)),
        "statistics.csv": write_statistics,
        "reference_points.csv": partial(write_reference_points, codes=codes, rng=_chance(4)),
        "boundary.geojson": write_boundary,
        "sponge_facilities.geojson": partial(write_facilities, facilities=sponge_facilities(drawing.blocks)),
    }


def _layer(name: str) -> str:
    """Layer that a source is read as; all epochs of the built surface are one."""
    stem = name.split(".", maxsplit=1)[0]
    return "built_fraction" if stem.startswith("ghs_built_s_") else stem


def _chance(stream: int) -> np.random.Generator:
    return np.random.default_rng([SEED, stream])
