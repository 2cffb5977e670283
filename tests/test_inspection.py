"""What `check` says of the layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pages
import pandas as pd
from affine import Affine
from pyproj import CRS

from qinshui_geo.grid import Grid
from qinshui_geo.inspection import describe_layers
from qinshui_geo.measurement import Note, Provenance


def test_each_kind_of_layer_in_its_own_words() -> None:
    layers = replace(
        pages.county_layers(),
        dem=Grid(np.zeros((2, 3)), Affine.identity(), CRS.from_epsg(32649)),
        rainfall=pd.Series([1.0, 0.0], index=pd.to_datetime(["1981-01-01", "2010-12-31"])),
        provenance={"dem": Provenance("dem", "SRTM", None, "2000", synthetic=True)},
        notes={"rainfall": (Note("太短", "too short"),)},
    )
    said = list(describe_layers(layers, lang="en"))
    assert said[0].startswith("CRS: EPSG:4546 (CGCS2000")
    dem = "dem                Elevation: 2 x 3 cells, EPSG:32649  <- SRTM (?, 2000, 合成示例 / synthetic)"
    assert dem in said
    assert "rainfall           Daily rainfall: 2 days, 1981-01-01 to 2010-12-31" in said
    assert "streets            Streets: 18 features" in said
    assert said[-1] == "  rainfall: too short"
    assert list(describe_layers(layers))[-1] == "  rainfall: 太短"


def test_a_missing_layer_names_the_file_to_bring() -> None:
    layers = replace(pages.county_layers(), landcover=None, pois=None, provenance={})
    said = list(describe_layers(layers, lang="en", folder=Path("data/raw/qinshui")))
    assert said[0] == f"Folder of the files: {Path('data/raw/qinshui')}"
    assert "landcover          Land cover: missing, bring landcover.tif" in said
    assert "statistics         Statistics: missing, bring statistics.csv" in said
    assert "pois               Points of interest: missing, bring osm.osm.pbf" in said
    assert any("[sources.vectors.land_survey]" in line for line in said)
    assert any("optional" in line and "ghs_built_s_<year>.tif" in line for line in said)
    osm = {"osm": Provenance("osm", "OpenStreetMap", None, None)}
    assert any(
        line.startswith("pois") and "none in the OpenStreetMap file" in line
        for line in describe_layers(replace(layers, provenance=osm), lang="en")
    )
