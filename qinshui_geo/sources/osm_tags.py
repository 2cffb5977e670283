"""Which OpenStreetMap tags make an object part of which theme, as data.

Themes need not exclude one another: a school is ``built_land`` (education) and a ``poi`` (school).
Within one theme an object counts once, under the first rule below that it satisfies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

AREA_THEMES = ("buildings", "built_land", "green_areas", "water_areas", "townships")
"""Themes of polygons."""
LINE_THEMES = ("streets", "paths", "waterways", "railways")
"""Themes of lines."""
POINT_THEMES = ("pois", "places")
"""Themes of points; of an area object a point on its surface stands for it."""
ROUTE_KINDS = frozenset({"hiking", "bicycle", "foot"})
"""Values of ``route`` whose member ways are marked in ``paths.route``."""

ANY = "*"
"""Value that stands for every value but ``no``."""
SAME = "="
"""Kind that stands for the value of the tag itself."""


@dataclass(frozen=True, slots=True)
class TagRule:
    """One key, with the kind that each of its values gives.

    Parameters
    ----------
    key : str
        Key of the tag.
    kinds : Mapping of str to str
        Kind by value; the value ``ANY`` and the kind ``SAME`` are wildcards.
    also : tuple of (str, frozenset of str), optional
        A second tag that the object must have; of a list of values (``a;b``) one is enough.
    refine : str, optional
        Key whose value, where there is one, is the kind.
    """

    key: str
    kinds: Mapping[str, str]
    also: tuple[str, frozenset[str]] | None = None
    refine: str | None = None


class Tags(Protocol):
    """What is asked of the tags of an object: a ``dict`` has it, and so have osmium's own."""

    def get(self, key: str, default: None = None, /) -> str | None:
        """Value of a key."""


def _same(*values: str) -> dict[str, str]:
    return dict.fromkeys(values, SAME)


def _as(kind: str, *values: str) -> dict[str, str]:
    return dict.fromkeys(values, kind)


_OLD = frozenset({"senior", "elderly", "seniors"})
_CARE = frozenset({"nursing_home", "assisted_living", "retirement_home"})
_YOUNG = frozenset({"child", "children", "toddler"})

RULES: Mapping[str, tuple[TagRule, ...]] = {
    "buildings": (TagRule("building", {ANY: SAME}),),
    "built_land": (
        TagRule("landuse", {
            **_same("residential", "commercial", "retail", "industrial", "education", "religious", "military",
                    "construction", "railway", "farmyard", "garages", "port", "brownfield", "depot"),
            **_as("public", "institutional", "civic_admin"), **_as("medical", "healthcare"),
        }),
        TagRule("amenity", {
            **_as("education", "school", "university", "college", "kindergarten", "childcare", "library"),
            **_as("medical", "hospital", "clinic"), **_as("religious", "place_of_worship", "monastery"),
            **_as("public", "townhall", "courthouse", "police", "fire_station", "community_centre",
                  "social_facility", "nursing_home", "prison", "public_building"),
            **_as("retail", "marketplace"), **_as("commercial", "fuel"),
            **_as("transport", "bus_station", "ferry_terminal"), **_same("parking"),
        }),
        TagRule("leisure", _as("sports", "pitch", "track", "sports_centre", "stadium", "sports_hall")),
        TagRule("man_made", _as("industrial", "works", "wastewater_plant", "water_works")),
        TagRule("power", _as("industrial", "plant", "substation")),
        TagRule("aeroway", _as("transport", "aerodrome", "terminal", "apron")),
    ),
    "green_areas": (
        TagRule("leisure", _as("botanical", "garden"), also=("garden:type", frozenset({"botanical"}))),
        TagRule("tourism", _same("zoo", "theme_park")),
        TagRule("leisure", _same("park", "garden", "playground", "recreation_ground", "nature_reserve",
                                 "dog_park", "golf_course", "common")),
        TagRule("place", _same("square")),
        TagRule("highway", _as("square", "pedestrian")),
        TagRule("landuse", _same("cemetery", "allotments", "village_green", "recreation_ground", "orchard",
                                 "flowerbed", "grass", "meadow", "forest")),
        TagRule("landuse", _as("orchard", "vineyard")),
        TagRule("amenity", _as("cemetery", "grave_yard")),
        TagRule("natural", {**_same("wood", "scrub"), "grassland": "meadow", "heath": "scrub"}),
    ),
    "water_areas": (
        TagRule("natural", {"water": "water"}, refine="water"),
        TagRule("landuse", _same("reservoir", "basin")),
        TagRule("waterway", {"riverbank": "river", "dock": "dock"}),
        TagRule("natural", _same("wetland")),
    ),
    "townships": (
        TagRule("boundary", _as("township", "administrative"), also=("admin_level", frozenset({"8"}))),
    ),
    "streets": (
        TagRule("highway", _same(
            "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
            "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
            "service", "road", "busway",
        )),
    ),
    "paths": (
        TagRule("highway", _same("footway", "path", "cycleway", "pedestrian", "track", "steps", "bridleway")),
    ),
    "waterways": (TagRule("waterway", _same("river", "stream", "canal", "drain", "ditch")),),
    "railways": (
        TagRule("railway", _same("rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail")),
    ),
    "pois": (
        TagRule("amenity", _as("eldercare", "social_facility"), also=("social_facility:for", _OLD)),
        TagRule("amenity", _as("eldercare", "social_facility"), also=("social_facility", _CARE)),
        TagRule("amenity", _as("eldercare", "nursing_home", "retirement_home")),
        TagRule("amenity", _as("childcare", "social_facility"), also=("social_facility:for", _YOUNG)),
        TagRule("amenity", _same(
            "charging_station", "childcare", "kindergarten", "school", "college", "university", "library",
            "hospital", "clinic", "doctors", "pharmacy", "social_facility", "community_centre", "townhall",
            "police", "fire_station", "post_office", "bank", "marketplace", "parking", "bicycle_parking",
            "bus_station", "fuel", "toilets", "place_of_worship", "theatre", "cinema", "arts_centre",
            "restaurant", "cafe", "recycling", "waste_transfer_station",
        )),
        TagRule("highway", _same("bus_stop")),
        TagRule("railway", _same("station", "halt")),
        TagRule("shop", _same("supermarket", "convenience", "mall", "department_store")),
        TagRule("tourism", _same("museum", "hotel", "attraction", "information", "viewpoint")),
        TagRule("leisure", _same("sports_centre", "fitness_centre", "stadium")),
        TagRule("man_made", _same("wastewater_plant", "water_works")),
        TagRule("healthcare", _same("hospital", "clinic", "centre")),
    ),
    "places": (
        TagRule("place", _same("city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet",
                               "isolated_dwelling", "locality")),
    ),
}  # fmt: skip
"""The rules of each theme, in the order in which they are tried."""

_Hit = tuple[int, str, str, TagRule]


def _index() -> dict[str, dict[str, list[_Hit]]]:
    """Rules by key and value, so that an object is asked once for each key."""
    index: dict[str, dict[str, list[_Hit]]] = {}
    for theme, rules in RULES.items():
        for rank, rule in enumerate(rules):
            for value, kind in rule.kinds.items():
                index.setdefault(rule.key, {}).setdefault(value, []).append((rank, theme, kind, rule))
    return index


_BY_KEY = _index()
KEYS = tuple(_BY_KEY)
"""Keys of which an object needs at least one to belong to any theme."""
POINT_TAGS = tuple(
    (rule.key, value) for theme in POINT_THEMES for rule in RULES[theme] for value in rule.kinds
)
"""Tags of which a node needs at least one."""


def classify(tags: Tags) -> dict[str, str]:
    """Kind of an object in each theme that its tags put it in.

    Parameters
    ----------
    tags : Tags
        Tags of the object.

    Examples
    --------
    >>> classify({"amenity": "school", "building": "yes"})
    {'buildings': 'yes', 'built_land': 'education', 'pois': 'school'}
    >>> classify({"landuse": "grass", "leisure": "park"})
    {'green_areas': 'park'}
    >>> classify({"natural": "water", "water": "pond"})
    {'water_areas': 'pond'}
    """
    best: dict[str, tuple[int, str]] = {}
    for key, by_value in _BY_KEY.items():
        value = tags.get(key)
        if value is None or value == "no":
            continue
        for rank, theme, kind, rule in (*by_value.get(value, ()), *by_value.get(ANY, ())):
            if (theme not in best or rank < best[theme][0]) and _has_second(tags, rule):
                best[theme] = rank, _kind(tags, rule, kind, value)
    return {theme: best[theme][1] for theme in RULES if theme in best} if best else {}


def _has_second(tags: Tags, rule: TagRule) -> bool:
    if rule.also is None:
        return True
    key, values = rule.also
    return not values.isdisjoint(part.strip() for part in (tags.get(key) or "").split(";"))


def _kind(tags: Tags, rule: TagRule, kind: str, value: str) -> str:
    refined = tags.get(rule.refine) if rule.refine else None
    return refined or (value if kind == SAME else kind)
