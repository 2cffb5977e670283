"""Options that the commands share, and the profile that they make up or change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from qinshui_geo.errors import ProfileError
from qinshui_geo.profile import Boundary, CountyProfile, Figure, load_profile

REFERENCE_PLAN = "qinshui"
"""Plan that an extract without a profile is held against, unless --plan names another."""

_FILES = ("osm", "landcover", "population", "ndvi", "dem", "rainfall", "statistics", "boundary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for: the profile, where to write, and in which language."""

    profile: CountyProfile
    out: Path
    lang: Any
    basemap: Any


class LonLat(click.ParamType[tuple[float, float]]):
    """Two numbers, longitude and latitude in WGS84 degrees."""

    name = "LON,LAT"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """Two floats from the text of the option."""
        if isinstance(value, tuple):
            return value
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not LON,LAT, write for example 112.187,35.690", param, ctx)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            self.fail(f"{value!r} is not longitude, latitude in degrees", param, ctx)
        return lon, lat


class Persons(click.FloatRange):
    """A finite number above 0."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number; what is not a count of persons is refused."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number of persons", param, ctx)
        return number


_path = click.Path(path_type=Path)
_OPTIONS = [
    click.argument("profile", required=False),
    click.option("--osm", type=_path, help="OpenStreetMap file: .osm, .osm.gz, .osm.bz2 or .osm.pbf."),
    click.option("--landcover", type=_path, help="Land-cover GeoTIFF (ESA WorldCover codes)."),
    click.option("--population-raster", "population", type=_path, help="GeoTIFF of persons per cell."),
    click.option("--ndvi", type=_path, help="NDVI GeoTIFF, leaf-on."),
    click.option("--dem", type=_path, help="Elevation GeoTIFF."),
    click.option("--rainfall", type=_path, help="Daily rainfall CSV (GHCN-Daily columns)."),
    click.option("--statistics", type=_path, help="Statistics CSV (id,value,unit,year,source)."),
    click.option("--boundary", type=_path, help="County boundary, any vector format."),
    click.option("--boundary-datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), help="Datum of it."),
    click.option("--population", "persons", type=Persons(min=0, min_open=True),
                 help="Residents of the town, persons."),
    click.option("--seat", type=LonLat(), help="County seat, WGS84 degrees: LON,LAT."),
    click.option("--plan", help="Plan whose targets are held against: name, .toml file or none."),
    click.option("--out", type=_path, help="Folder to write to; default data/processed/<profile>."),
    click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True),
    click.option("--basemap", type=click.Choice(["none", "osm"]), default="none", show_default=True,
                 help="Background of the map; osm needs internet when the page is opened."),
]  # fmt: skip


joint_option = click.option(
    "--joint", type=click.IntRange(min=0, max=10_000), default=0, show_default=True, metavar="N",
    help="Vary all parameters at once in N samples (for example 64) and give the joint range; 0 for none.",
)  # fmt: skip
"""Option of the commands that measure."""


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the profile argument and the options for sources and output."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def choice(options: dict[str, Any]) -> Choice:
    """The user's choice: a profile by name, changed by the options, or one made of the options alone.

    Raises
    ------
    ProfileError
        If there is neither a profile nor any source.
    """
    given = options["profile"]
    profile = load_profile(given) if given else _profile_of_options(options)
    profile = _changed(profile, options)
    out = options["out"] or Path("data") / "processed" / profile.id
    return Choice(profile=profile, out=out, lang=options["lang"], basemap=options["basemap"])


def _profile_of_options(options: dict[str, Any]) -> CountyProfile:
    first = options["osm"] or options["landcover"]
    if first is None:
        raise ProfileError(
            "neither a profile nor a source is given",
            mend="name a profile (qinshui, helsinki, a .toml file), or give --osm FILE, "
            "or --landcover TIF with --seat LON,LAT",
        )
    name = first.name.split(".")[0] or "extract"
    return CountyProfile(id="extract", name_zh=name, name_en=name, plan=REFERENCE_PLAN)


def _changed(profile: CountyProfile, options: dict[str, Any]) -> CountyProfile:
    """The profile with what the options say in the place of what it said."""
    files = {name: str(options[name].absolute()) for name in _FILES if options[name] is not None}
    update: dict[str, Any] = {"sources": profile.sources.model_copy(update=files)}
    if options["boundary"] is not None or options["boundary_datum"] is not None:
        update["boundary"] = _boundary(profile.boundary, options)
    if options["persons"] is not None:
        stated = Figure(value=options["persons"], year=date.today().year, source="--population")
        update["population"] = profile.population.model_copy(update={"town_resident": stated})
    update |= {name: options[name] for name in ("seat", "plan") if options[name] is not None}
    return profile.model_copy(update=update)


def _boundary(known: Boundary, options: dict[str, Any]) -> Boundary:
    return known.model_copy(update={"datum": options["boundary_datum"] or "wgs84"})
