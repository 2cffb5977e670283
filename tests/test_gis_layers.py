import pandas as pd
import pytest
from plane import METRIC, frame, green, line, paths
from shapely import Point, box

from qinshui_geo.gis_layers import COLUMNS, gis_layers
from qinshui_geo.indicators.built_up import built_up_area
from qinshui_geo.indicators.design_rainfall import capture_curve
from qinshui_geo.indicators.greenways import classify_greenways, greenway_connectivity
from qinshui_geo.indicators.parks import park_area_per_capita
from qinshui_geo.indicators.sponge import sponge_share
from qinshui_geo.measurement import Measurement

TOWN = frame([box(0, 0, 1000, 1000)])
UNITS = frame([box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], unit_id=[1, 2])
MEASURED = {"built_up", "built_up_patches", "parks", "sponge_units", "greenways"}
SURFACES = pd.DataFrame({"grass": [1.0, 0.4], "unknown": [0.0, 0.6]})


def measured(*, full: bool) -> dict[str, Measurement]:
    """The four indicators that have a layer, of a small town or of nothing at all."""
    rows = slice(None) if full else slice(0, 0)
    curve = capture_curve(pd.Series([10.0, 20.0])) if full else None
    parks = green([box(0, 0, 100, 100), box(0, 0, 5, 90)]).iloc[rows]
    drawn = paths([line((0, 0), (90, 0)), line((0, 5000), (90, 5000))]).iloc[rows]
    places = classify_greenways(drawn, green_or_water=TOWN)
    return {
        "built_up_area": built_up_area(TOWN.iloc[rows], seat=Point(5, 5)),
        "park_area_per_capita": park_area_per_capita(parks, built_up=TOWN, population=10),
        "sponge_share": sponge_share(UNITS.iloc[rows], SURFACES.iloc[rows], curve=curve),
        "greenway_connectivity": greenway_connectivity(places),
    }


@pytest.mark.parametrize("full", [True, False])
def test_every_layer_has_its_columns_types_and_crs(full: bool) -> None:
    layers = gis_layers(measured(full=full), METRIC)
    assert list(layers) == list(COLUMNS)
    for name, layer in layers.items():
        assert layer.columns.tolist() == [*COLUMNS[name], "geometry"]
        assert {column: str(layer[column].dtype) for column in COLUMNS[name]} == dict(COLUMNS[name])
        assert layer.crs == METRIC
        assert layer.empty == (not full or name not in MEASURED)


def test_nothing_measured_gives_the_same_empty_layers() -> None:
    blank = Measurement("built_up_area", None, "建成区", "Built-up area")
    for measurements in ({}, {"built_up_area": blank}):
        layers = gis_layers(measurements, METRIC)
        assert list(layers) == list(COLUMNS)
        assert all(layer.empty and layer.crs == METRIC for layer in layers.values())


def test_what_is_not_known_stays_unknown() -> None:
    layers = gis_layers(measured(full=True), METRIC)
    assert layers["sponge_units"]["compliant"].isna().tolist() == [False, True]
    assert layers["sponge_units"]["compliant"].iloc[0]
    assert layers["greenways"]["component"].isna().tolist() == [False, True]
    assert layers["greenways"]["in_largest"].tolist() == [True, False]
    assert layers["greenways"]["source_ids"].isna().all()
    assert layers["parks"]["class_g1"].tolist() == ["G12", None]
    no_rain = gis_layers({"sponge_share": sponge_share(UNITS, SURFACES)}, METRIC)
    assert no_rain["sponge_units"]["required_m3"].isna().all()


def test_rows_stay_together_and_the_measurement_is_left_as_it_was() -> None:
    measurements = measured(full=True)
    parks = measurements["park_area_per_capita"].features
    assert parks is not None
    before = parks.copy(deep=True)
    layer = gis_layers(measurements, METRIC)["parks"]
    assert layer["area_ha"].tolist() == pytest.approx((layer.geometry.area / 1e4).tolist())
    assert parks.equals(before)


def test_further_layers_are_those_of_their_measurement() -> None:
    links = frame([line((0, 0), (60, 0))], from_patch=[2], to_patch=[1], length_m=[60.0])
    joined = Measurement("built_up_area", None, "建成区", "Built-up area", layers={"built_up_links": links})
    layers = gis_layers({"built_up_area": joined}, METRIC)
    assert layers["built_up_links"]["from_patch"].tolist() == [2]
    assert layers["built_up_links"].geometry.length.tolist() == [60.0]
    assert layers["built_up_patches"].empty
    assert layers["built_up"].empty
