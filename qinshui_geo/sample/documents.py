"""Profile, description and provenance sidecars of the sample."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from qinshui_geo.sample.frame import CRS_CODE, SEAT
from qinshui_geo.sample.tables import county_extent

ORIGIN, LICENCE, AS_OF = "qinshui_geo synthetic sample / 合成示例", "CC0-1.0", "2026-01-01"

_PROFILE = """\
# Profile of the synthetic sample (合成示例): a made-up county town at Qinshui's place, to try things on.
# No figure here or in the files beside it says anything about the real Qinshui County.

id = "qinshui_sample"
name_zh = "沁水县城(合成示例)"
name_en = "Qinshui county town (synthetic sample)"
synthetic = true

seat = [{lon}, {lat}]  # longitude, latitude in WGS84 degrees
seat_source = "GeoNames; the town drawn around it is made up (合成示例)"
crs = "{crs}"
plan = "qinshui"

# The files have their usual names (osm.osm.pbf, landcover.tif, ...) and are found without being named.
# The town population stands in statistics.csv and, independent of it, in population.tif.

[boundary]
datum = "wgs84"
bbox_wgs84 = {extent}

[sources.vectors.sponge_facilities]
file = "sponge_facilities.geojson"
synthetic = true

[thresholds]
greenway_connectivity = 80  # percent in the largest component; the plan itself gives no number
"""

_README = """\
# qinshui_sample: 合成示例 / synthetic sample

A small made-up county town at the place of Qinshui's county seat (112.187E 35.690N), in the very formats of
the real sources. Nothing in it is real: no street, building, park, person or drop of rain.
本文件夹全部为合成示例数据,不反映沁水县的真实情况。

Written by `qinshui-geo sample DIR`, or in Python `qinshui_geo.write_sample(DIR)`: the same bytes anywhere.
Licence: CC0-1.0. Each file has its `.provenance.json` with `"synthetic": true`.

| file | what | form |
|---|---|---|
| `osm.osm.pbf` | streets, buildings, land use, parks, paths, river, services, townships | OpenStreetMap PBF |
| `landcover.tif` | land cover, codes of ESA WorldCover | 1/12000 degree COG, EPSG:4326 |
| `ndvi.tif` | NDVI of the growing season | 1/12000 degree COG, EPSG:4326 |
| `dem.tif` | terrain in metres | 1 arc-second, EPSG:4326 |
| `population.tif` | persons per cell, as GHS-POP | 100 m, ESRI:54009 |
| `ghs_built_s_<year>.tif` | built m2 per cell in 1990, 2000, 2010, 2020, as GHS-BUILT-S | 100 m, ESRI:54009 |
| `degurba.tif` | degree of urbanisation, codes of GHS-SMOD | 1 km, ESRI:54009 |
| `rainfall.csv` | daily rain 1981-2020, five flagged days | GHCN-Daily columns |
| `statistics.csv` | figures for most statistical targets, and for three others | id,value,unit,year,source |
| `reference_points.csv` | 800 places drawn at random, green or not | lon,lat,class; WGS84 |
| `boundary.geojson` | a made-up county around it | WGS84 |
| `sponge_facilities.geojson` | rain gardens, sunken greens, tanks, permeable paving | WGS84 |
| `profile.toml` | the profile that reads them | |

How it was made: a curved river; a street grid bent along it; blocks with a use each; buildings set along the
streets; parks of every class of CJJ/T 85-2017; a riverside greenway with three gaps; rasters painted from the
same drawing; rain from a two-state chain with mixed exponential amounts. All chance is seeded.

The dirt of real data is in it on purpose: a park ring that crosses itself, a park over the edge of another,
a private garden, a park mapped as a way and again as a relation, a park with a pond (and an island in it), a
park way that is not closed, a greenway piece mapped twice, a street whose last node is missing, buildings
without levels or type, a park without a name, and a name with quotes, a `<script>` and an emoji, which must
be shown as plain text.
"""


def write_profile(path: Path) -> None:
    """Write the profile of the sample."""
    text = _PROFILE.format(lon=SEAT[0], lat=f"{SEAT[1]:.3f}", crs=CRS_CODE, extent=list(county_extent()))
    path.write_bytes(text.encode())


def write_readme(path: Path) -> None:
    """Write the description of the sample."""
    path.write_bytes(_README.encode())


def write_sidecar(path: Path, of: Path, layer: str) -> None:
    """Write the sidecar of the file ``of`` at ``path``: origin, licence, checksum, and that it is made up."""
    content = {
        "layer": layer, "origin": ORIGIN, "licence": LICENCE, "as_of": AS_OF,
        "sha256": hashlib.sha256(of.read_bytes()).hexdigest(), "synthetic": True,
    }  # fmt: skip
    path.write_bytes((json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())
