"""Brings the OpenStreetMap data of a county into its raw folder."""

from __future__ import annotations

from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from qinshui_geo.errors import ProfileError
from qinshui_geo.profile import USUAL_FILES, CountyProfile
from qinshui_geo.reading import county_boundary
from qinshui_geo.sources.overpass import Progress, fetch_osm

AROUND_SEAT_DEGREES = 0.1


def fetch_county(
    profile: CountyProfile, *, endpoint: str | None = None, progress: Progress | None = None
) -> Path:
    """Download the county's OpenStreetMap features through Overpass.

    The area is the county's boundary, or without one the surroundings of the seat (0.1 degrees each
    way). The file lands in the raw folder under its usual name, where every command finds it.

    Parameters
    ----------
    profile : CountyProfile
        A profile with a folder, and with a boundary, an adcode or a seat.
    endpoint : str, optional
        Another Overpass server.
    progress : callable, optional
        As :func:`qinshui_geo.sources.overpass.fetch_osm` wants it.

    Returns
    -------
    Path
        The file, with its provenance beside it.

    Raises
    ------
    ProfileError
        If the profile says neither where to write nor where the county is.
    SourceError
        If the download fails; an earlier file is untouched.
    """
    if profile.folder is None:
        raise ProfileError("the profile has no folder to fetch into", where=f"profile {profile.id}")
    target = profile.folder / USUAL_FILES["osm"][0]
    return fetch_osm(_area(profile), target, endpoint=endpoint, progress=progress)


def _area(profile: CountyProfile) -> BaseGeometry:
    boundary = county_boundary(profile)
    if boundary is not None:
        outline: BaseGeometry = boundary.geometry.iloc[0]
        return outline
    if profile.seat is None:
        raise ProfileError(
            "the profile says neither the county's boundary nor its seat", where=f"profile {profile.id}",
            mend='give a boundary, a seat, or the adcode and pip install "qinshui-geo[boundaries]"',
        )  # fmt: skip
    lon, lat = profile.seat
    reach = AROUND_SEAT_DEGREES
    return shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)
