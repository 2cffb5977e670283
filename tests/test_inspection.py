"""What `check` says of the layers."""

from __future__ import annotations

from dataclasses import replace

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
    assert "dem                2 x 3 cells, EPSG:32649  <- SRTM (?, 2000, 合成示例 / synthetic)" in said
    assert "rainfall           2 days, 1981-01-01 to 2010-12-31" in said
    assert "streets            18 features" in said
    assert "landcover          -" in said
    assert "statistics         0" in said
    assert said[-1] == "  rainfall: too short"
    assert list(describe_layers(layers))[-1] == "  rainfall: 太短"
