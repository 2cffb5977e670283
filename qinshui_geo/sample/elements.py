"""What an OpenStreetMap file is made of, drawn in local metres: points, lines and relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qinshui_geo.sample.frame import Points, along_across

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A tagged node; ``point`` is east, north in local metres."""

    point: Points
    tags: Tags


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A way, closed where its first and last points are the same.

    ``dangling`` adds a reference to a node that the file does not hold, as clipped extracts do.
    """

    points: Points
    tags: Tags = field(default_factory=dict)
    dangling: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A relation: members with their roles."""

    members: tuple[tuple[Line, str], ...]
    tags: Tags


Element = Place | Line | Group


def ring(points: Points, tags: Tags | None = None) -> Line:
    """Closed way through ``points``."""
    return Line(np.vstack((points, points[:1])), tags or {})


def course(stops: npt.ArrayLike, tags: Tags | None = None, *, step_m: float = 40.0) -> Line:
    """Way through stops given as (along, across) pairs, bending with the river in between."""
    return Line(along_across(*_densified(np.asarray(stops, dtype=float), step_m).T), tags or {})


def patch(west: float, east: float, south: float, north: float, tags: Tags | None = None) -> Line:
    """Closed way around a piece of the valley, given along and across the river."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return course(corners, tags)


def _densified(stops: Points, step_m: float) -> Points:
    pieces = [stops[:1]]
    for start, end in pairwise(stops):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / step_m)))
        share = (np.arange(1, count + 1) / count)[:, None]
        pieces.append(start + share * (end - start))
    return np.vstack(pieces)
