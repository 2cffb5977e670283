import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from qinshui_geo.crs import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    metric_crs,
    require_metric,
    require_same_crs,
    to_wgs84,
    wgs84_to_gcj02,
)
from qinshui_geo.errors import CRSError

GEOD = Geod(ellps="WGS84")
LON, LAT = st.floats(73.5, 134.8), st.floats(18.0, 53.6)  # mainland China
SEAT = (112.187, 35.690)


def _metres(lon: np.ndarray, lat: np.ndarray, other_lon: np.ndarray, other_lat: np.ndarray) -> float:
    return float(np.max(GEOD.inv(lon, lat, other_lon, other_lat)[2]))


def _frame(geometry: shapely.Geometry, crs: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[geometry], crs=crs)


# --- offset datums


@settings(deadline=None)
@given(LON, LAT)
def test_gcj02_and_back_is_under_a_centimetre(lon: float, lat: float) -> None:
    point = np.array([lon]), np.array([lat])
    assert _metres(*point, *gcj02_to_wgs84(*wgs84_to_gcj02(*point))) < 0.01


@settings(deadline=None)
@given(LON, LAT)
def test_bd09_and_back_is_under_a_centimetre(lon: float, lat: float) -> None:
    point = np.array([lon]), np.array([lat])
    assert _metres(*point, *bd09_to_gcj02(*gcj02_to_bd09(*point))) < 0.01


@settings(deadline=None)
@given(LON, LAT)
def test_the_offset_of_gcj02_is_a_few_hundred_metres(lon: float, lat: float) -> None:
    point = np.array([lon]), np.array([lat])
    assert 20 < _metres(*point, *wgs84_to_gcj02(*point)) < 1000


def test_the_known_offset_at_qinshui() -> None:
    point = np.array([SEAT[0]]), np.array([SEAT[1]])
    assert _metres(*point, *wgs84_to_gcj02(*point)) == pytest.approx(571, abs=5)


def test_the_published_example_of_the_offset() -> None:
    # Tiananmen as the widely used coordtransform package converts it: 116.404, 39.915 -> these degrees
    lon, lat = wgs84_to_gcj02(np.array([116.404]), np.array([39.915]))
    assert float(lon[0]) == pytest.approx(116.41024449916938, abs=1e-7)
    assert float(lat[0]) == pytest.approx(39.91640428150164, abs=1e-7)
    lon, lat = gcj02_to_bd09(np.array([116.404]), np.array([39.915]))
    assert float(lon[0]) == pytest.approx(116.41036949371029, abs=1e-7)
    assert float(lat[0]) == pytest.approx(39.92133699351021, abs=1e-7)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_layer_is_moved_back_whatever_its_crs_says(datum: str) -> None:
    lon, lat = wgs84_to_gcj02(np.array([SEAT[0]]), np.array([SEAT[1]]))
    if datum == "bd09":
        lon, lat = gcj02_to_bd09(lon, lat)
    offset = _frame(shapely.Point(lon[0], lat[0]), 4490)
    moved = to_wgs84(offset, datum)
    assert moved.crs.to_epsg() == 4326
    assert _metres(*(np.array([v]) for v in (*SEAT, moved.geometry.x[0], moved.geometry.y[0]))) < 0.01
    assert offset.geometry.x[0] == lon[0]  # the input is untouched


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(CRSError, match=r"'wgs72'.*use wgs84, gcj02 or bd09"):
        to_wgs84(_frame(shapely.Point(*SEAT), 4326), "wgs72")


# --- the zone of a place


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (112.187, 35.690, 4546),  # Qinshui: CM 111E
        (112.499, 35.7, 4546),  # just west of the edge of the zone at 112.5E
        (112.501, 35.7, 4547),  # just east of it: CM 114E
        (117.22, 28.29, 4548),  # Guixi: CM 117E
        (116.32, 40.0, 4548),  # Beijing
        (87.6, 43.8, 4538),  # Urumqi: CM 87E
        (73.6, 39.4, 4534),  # the far west: the first zone, CM 75E
        (134.7, 48.3, 4554),  # the far east: the last zone, CM 135E
        (24.94, 60.17, 32635),  # Helsinki: UTM 35N
        (1.52, 42.51, 32631),  # Andorra: UTM 31N
        (-15.43, 28.12, 32628),  # Las Palmas: UTM 28N
        (-70.6, -33.4, 32719),  # Santiago: UTM 19S
    ],
)
def test_zone_of_a_place(lon: float, lat: float, epsg: int) -> None:
    assert metric_crs(lon, lat).to_epsg() == epsg


@settings(deadline=None)
@given(st.floats(74.0, 135.0), st.floats(18.0, 53.6))
def test_a_place_in_china_is_within_a_degree_and_a_half_of_its_meridian(lon: float, lat: float) -> None:
    crs = metric_crs(lon, lat)
    assert crs.coordinate_operation is not None
    params = {param.name: param.value for param in crs.coordinate_operation.params}
    meridian = params["Longitude of natural origin"]
    assert abs(lon - meridian) <= 1.5 + 1e-9
    assert params["False easting"] == 500_000  # no zone number in front


def test_no_zone_at_the_pole() -> None:
    with pytest.raises(CRSError, match="name a metric CRS in the profile"):
        metric_crs(0.0, 89.0)


# --- what may be measured


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        (None, "no CRS"),
        (4326, "in degrees"),
        (4490, "in degrees"),
        (3857, "Web Mercator"),
        ("ESRI:102100", "Web Mercator"),
        (2263, "not in metres"),  # New York, US survey feet
    ],
)
def test_a_crs_that_would_measure_wrongly_is_refused(crs: object, said: str) -> None:
    with pytest.raises(CRSError, match=f"{said}.*parks.*Mend: "):
        require_metric(_frame(shapely.Point(0, 0), crs), "parks")


@pytest.mark.parametrize("crs", [4546, 4547, 32635, 3067, "ESRI:54009"])
def test_a_metric_crs_is_accepted(crs: object) -> None:
    require_metric(_frame(shapely.Point(0, 0), crs), "parks")


def test_layers_in_two_zones_are_refused() -> None:
    point = shapely.Point(0, 0)
    require_same_crs({"parks": _frame(point, 4546), "streets": _frame(point, 4546)})
    with pytest.raises(CRSError, match="parks and streets are in different CRS"):
        require_same_crs({"parks": _frame(point, 4546), "streets": _frame(point, 4547)})


def test_why_web_mercator_is_refused() -> None:
    x, y = gpd.GeoSeries([shapely.Point(*SEAT)], crs=4326).to_crs(4546)[0].coords[0]
    square = gpd.GeoSeries([shapely.box(x - 500, y - 500, x + 500, y + 500)], crs=4546)  # 1 km2
    # 1 / cos(35.69)^2 = 1.516 on the sphere; the ellipsoid adds 0.3 %
    assert square.to_crs(3857).area[0] / square.area[0] == pytest.approx(1.52, abs=0.01)
    geodesic = abs(GEOD.geometry_area_perimeter(square.to_crs(4326)[0])[0])
    assert square.area[0] == pytest.approx(geodesic, rel=5e-4)  # the Gauss-Kruger zone is true to 0.03 %
