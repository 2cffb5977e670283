"""Writes drawn elements as an OpenStreetMap file whose bytes depend on nothing but the drawing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import osmium
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Relation, Way

from qinshui_geo.sample.elements import Element, Group, Line, Place
from qinshui_geo.sample.frame import Points, to_degrees

GENERATOR = "qinshui_geo synthetic sample"
_FORMAT = "pbf,pbf_compression=none,add_metadata=false"
_FIRST_NODE, _FIRST_WAY, _FIRST_RELATION = 9_000_000_001, 900_000_001, 9_000_001
_MISSING_NODE = 8_999_999_999


class _Numbering:
    """Ids of nodes, ways and relations in the order in which they are met; one place is one node."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], tuple[int, dict[str, str]]] = {}
        self.ways: dict[int, tuple[int, Line, list[int]]] = {}
        self.relations: list[tuple[int, Group]] = []

    def add(self, element: Element) -> None:
        if isinstance(element, Place):
            self._node(to_degrees(element.point), dict(element.tags))
        elif isinstance(element, Line):
            self._way(element)
        else:
            for line, _ in element.members:
                self._way(line)
            self.relations.append((_FIRST_RELATION + len(self.relations), element))

    def way_id(self, line: Line) -> int:
        return self.ways[id(line)][0]

    def _way(self, line: Line) -> None:
        if id(line) not in self.ways:
            refs = [self._node(degrees, {}) for degrees in to_degrees(line.points)]
            refs += [_MISSING_NODE] if line.dangling else []
            self.ways[id(line)] = (_FIRST_WAY + len(self.ways), line, refs)

    def _node(self, degrees: Points, tags: dict[str, str]) -> int:
        at = (float(degrees[0]), float(degrees[1]))
        number, known = self.nodes.setdefault(at, (_FIRST_NODE + len(self.nodes), {}))
        known.update(tags)
        return number


def write_osm(path: Path, elements: Iterable[Element]) -> None:
    """Write ``elements`` as uncompressed ``.osm.pbf``: nodes, ways, relations, each by id.

    Points at the same place become one node, so that ways which meet are joined.
    """
    numbering = _Numbering()
    for element in elements:
        numbering.add(element)
    with osmium.SimpleWriter(osmium.io.File(str(path), _FORMAT), header=_header(numbering)) as writer:
        for at, (number, tags) in numbering.nodes.items():
            writer.add_node(Node(id=number, location=at, tags=tags))
        for number, line, refs in numbering.ways.values():
            writer.add_way(Way(id=number, nodes=refs, tags=dict(line.tags)))
        for number, group in numbering.relations:
            members = [("w", numbering.way_id(line), role) for line, role in group.members]
            writer.add_relation(Relation(id=number, members=members, tags=dict(group.tags)))


def _header(numbering: _Numbering) -> osmium.io.Header:
    lons, lats = zip(*numbering.nodes, strict=True)
    header = osmium.io.Header()
    header.set("generator", GENERATOR)
    header.add_box(Box(Location(min(lons), min(lats)), Location(max(lons), max(lats))))
    return header
