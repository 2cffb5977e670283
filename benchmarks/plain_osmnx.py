"""The plain way, which the toolkit is compared with: osmnx, geopandas and networkx as their guides show.

Reads OpenStreetMap XML (osmnx reads no .pbf; one call for all themes, the quickest way) and prints as JSON:
built-up area by buffering buildings and built land, the parks within it by union and per person, and the
share of the largest connected part of the paths that run in or along parks and water.
"""

import json
import sys
from pathlib import Path

import geopandas
import networkx
import osmnx

TAGS = {
    "building": True,
    "landuse": ["residential", "commercial", "retail", "industrial", "construction", "education"],
    "leisure": ["park", "garden", "playground", "pitch"],
    "natural": "water",
    "waterway": True,
}
PATHS = ["footway", "path", "cycleway", "pedestrian", "track"]
CLOSE_M, LINK_M, ALONG_M = 50.0, 100.0, 30.0


def read_features(path: Path) -> geopandas.GeoDataFrame:
    found = osmnx.features_from_xml(path, tags=TAGS)
    metric = found.to_crs(found.estimate_utm_crs())
    return metric.set_geometry(metric.make_valid())


def built_up(land: geopandas.GeoDataFrame) -> geopandas.GeoSeries:
    """The pieces of closed built land that hang together, within the link distance, with the largest."""
    closed = land.buffer(CLOSE_M / 2).union_all().buffer(-CLOSE_M / 2)
    pieces = geopandas.GeoSeries([closed], crs=land.crs).explode(ignore_index=True)
    zones = geopandas.GeoSeries([pieces.buffer(LINK_M / 2).union_all()], crs=land.crs).explode()
    zone = zones.loc[zones.area == zones.area.max()].iloc[0]
    return pieces[pieces.intersects(zone)]


def largest_share_percent(path: Path, beside: geopandas.GeoDataFrame) -> float:
    """Length share, in percent, of the largest connected part of the paths beside parks and water."""
    graph = osmnx.graph_from_xml(path, retain_all=True)
    edges = osmnx.graph_to_gdfs(graph, nodes=False).to_crs(beside.crs)
    paths = edges[edges["highway"].isin(PATHS)]
    greenways = paths[paths.intersects(beside.buffer(ALONG_M).union_all())].reset_index()
    network = networkx.from_pandas_edgelist(greenways, "u", "v", edge_attr="length")
    parts = (network.subgraph(nodes) for nodes in networkx.connected_components(network))
    lengths = [part.size(weight="length") for part in parts]
    return 100.0 * max(lengths) / sum(lengths)


def main(features: Path, highways: Path, population: float) -> None:
    found = read_features(features)
    areas = found[found.geom_type.isin(["Polygon", "MultiPolygon"])]
    parks = areas[areas["leisure"] == "park"]
    town = built_up(areas[areas[["building", "landuse", "leisure"]].notna().any(axis=1)])
    park_m2 = parks.union_all().intersection(town.union_all()).area
    beside = found[(found["leisure"] == "park") | found["natural"].notna() | found["waterway"].notna()]
    figures = {
        "built_up_area": town.area.sum() / 1e6,
        "all_parks_ha": parks.union_all().area / 1e4,
        "park_area_per_capita": park_m2 / population,
        "greenway_connectivity": largest_share_percent(highways, beside),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
