"""Converts an extract to XML that osmnx can read: every reference resolves.

Extracts are clipped: ways miss nodes and relations miss ways, on which osmnx stops with a KeyError. Here ways
lose the nodes that are missing (and go when fewer than two stay), and relations with a missing way go.
"""

from pathlib import Path

import osmium


def write_whole_xml(extract: Path, path: Path) -> None:
    """Write ``extract`` (any format of osmium) as ``path`` (.osm), with whole references only."""
    nodes: set[int] = set()
    ways: set[int] = set()
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for thing in osmium.FileProcessor(str(extract)):  # nodes, then ways, then relations
        if thing.is_node():
            nodes.add(thing.id)
            writer.add_node(thing)
        elif thing.is_way():
            refs = [node.ref for node in thing.nodes if node.ref in nodes]
            if len(refs) >= 2:
                ways.add(thing.id)
                writer.add_way(thing.replace(nodes=refs))
        elif all(member.type != "w" or member.ref in ways for member in thing.members):
            writer.add_relation(thing)
    writer.close()


def write_highways_xml(whole: Path, path: Path) -> None:
    """Write only the highways of a file with whole references, and the nodes that they use."""
    roads = osmium.FileProcessor(str(whole), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    used = {node.ref for road in roads for node in road.nodes}
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for thing in osmium.FileProcessor(str(whole), osmium.osm.NODE | osmium.osm.WAY):
        if thing.is_node() and thing.id in used:
            writer.add_node(thing)
        elif thing.is_way() and "highway" in thing.tags:
            writer.add_way(thing)
    writer.close()
