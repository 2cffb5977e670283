"""Walking distance from homes to park entrances in Las Palmas, against networkx and the osmnx recipe.

1. The search alone, from the same nodes up to 500 m, each on its prepared graph: the toolkit's holds the
   lines between junctions and is searched by SciPy, networkx's one edge for every straight segment drawn.
   Both must reach the same junctions at the same distances. What merging the lines alone brings shows in the
   time of networkx on the merged graph, which is printed beside; the goal is held against the drawn one.
2. The whole question "how far is each home": the toolkit's one call, which moves homes and entrances to the
   network, builds the graph and searches, against one ``ego_graph`` per entrance on a prepared graph, as
   osmnx's example of isochrones does it (moving the homes and building the graph are not counted for it).
3. The cost of the call on 1 to 10 copies of the network, side by side.
"""

import sys

import networkx
import numpy as np
import shapely
from las_palmas import copies, growth_exponent, las_palmas, timed
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from qinshui_geo.indicators.park_entrances import park_entrances
from qinshui_geo.indicators.walking import WalkingNetwork, walkable, walking_distance, walking_network

GOAL, GOAL_EXPONENT = 20.0, 1.2
LIMIT_M = 500.0


def shortest_edges(network: WalkingNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ends and length of every edge, of parallel ones the shortest."""
    low, high = np.minimum(network.start, network.end), np.maximum(network.start, network.end)
    order = np.lexsort((network.length_m, high, low))
    first = np.unique(np.column_stack([low, high])[order], axis=0, return_index=True)[1]
    keep = order[first]
    return low[keep], high[keep], network.length_m[keep]


def plain_graph(network: WalkingNetwork) -> networkx.Graph:
    """Every straight segment an edge; junctions keep their numbers."""
    graph = networkx.Graph()
    number = network.nodes
    for line, start, end in zip(network.lines, network.start.tolist(), network.end.tolist(), strict=True):
        places = shapely.get_coordinates(line)
        length = np.hypot(*np.diff(places, axis=0).T).tolist()
        nodes = [start, *range(number, number + len(length) - 1), end]
        number += len(length) - 1
        for one, two, metres in zip(nodes[:-1], nodes[1:], length, strict=True):
            known = graph.get_edge_data(one, two)
            if known is None or metres < known["weight"]:
                graph.add_edge(one, two, weight=metres)
    return graph


def search_alone(network: WalkingNetwork, gates: np.ndarray) -> tuple[float, networkx.Graph, np.ndarray]:
    """Ratio of the two searches from the junctions nearest to the entrances; the graph and those nodes."""
    start, end, length = shortest_edges(network)
    ends = np.concatenate([start, end]), np.concatenate([end, start])
    sparse = coo_array((np.tile(length, 2), ends), shape=(network.nodes, network.nodes)).tocsr()
    plain = plain_graph(network)
    nodes = np.unique(network.start[network.ground[network.tree.nearest(gates)]])
    fast, found = timed(
        lambda: dijkstra(sparse, directed=True, indices=nodes, min_only=True, limit=LIMIT_M), runs=9
    )
    slow, reached = timed(
        lambda: networkx.multi_source_dijkstra_path_length(plain, set(nodes.tolist()), cutoff=LIMIT_M)
    )
    ours = {int(node): float(found[node]) for node in np.flatnonzero(np.isfinite(found))}
    theirs = {node: metres for node, metres in reached.items() if node < network.nodes}
    same = ours.keys() == theirs.keys() and all(abs(ours[n] - theirs[n]) < 1e-6 for n in theirs)
    print(f"search alone: SciPy {1e3 * fast:.1f} ms, networkx {1e3 * slow:.0f} ms, ratio {slow / fast:.1f}")
    print(f"    {len(ours)} junctions reached, {'the same' if same else 'NOT THE SAME'}")
    merged = networkx.Graph()
    merged.add_weighted_edges_from(zip(start.tolist(), end.tolist(), length.tolist(), strict=True))
    again, _ = timed(
        lambda: networkx.multi_source_dijkstra_path_length(merged, set(nodes.tolist()), cutoff=LIMIT_M)
    )
    print(f"    networkx on the toolkit's merged graph {1e3 * again:.0f} ms, ratio {again / fast:.1f}")
    return (slow / fast if same else 0.0), plain, nodes


def by_ego_graphs(graph: networkx.Graph, nodes: np.ndarray) -> set[int]:
    reached: set[int] = set()
    for node in nodes.tolist():
        reached.update(networkx.ego_graph(graph, node, radius=LIMIT_M, distance="weight"))
    return reached


def main() -> int:
    layers = las_palmas()
    parks = layers.green_areas[layers.green_areas["kind"] == "park"]
    lines = walkable(layers.streets, layers.paths)
    network = walking_network(lines)
    gates, _ = park_entrances(parks.geometry.to_numpy(), network)
    homes = shapely.point_on_surface(layers.buildings.geometry.to_numpy())
    size = f"{len(network.lines)} lines between {network.nodes} junctions"
    print(f"{size}, {len(gates)} entrances, {len(homes)} homes")
    ratio, graph, nodes = search_alone(network, gates)
    fast, metres = timed(lambda: walking_distance(network, gates, homes, limit_m=LIMIT_M))
    slow, _ = timed(lambda: by_ego_graphs(graph, nodes), runs=1)
    print(f"whole question: ours {fast:.2f} s ({int(np.isfinite(metres).sum())} homes reached), "
          f"one ego_graph per entrance {slow:.1f} s, ratio {slow / fast:.1f}")  # fmt: skip
    sizes, seconds = [1, 2, 5, 10], []
    for size in sizes:
        many = walking_network(copies(lines, size, step_m=40_000.0))
        seconds.append(timed(lambda many=many: walking_distance(many, gates, homes, limit_m=LIMIT_M))[0])
        print(f"{size:3} x the network: {seconds[-1]:.2f} s")
    exponent = growth_exponent(sizes, seconds)
    print(f"goals: ratio of the search at least {GOAL:.0f}; cost over size to the power {exponent:.2f}")
    return int(ratio < GOAL or exponent > GOAL_EXPONENT)


if __name__ == "__main__":
    sys.exit(main())
