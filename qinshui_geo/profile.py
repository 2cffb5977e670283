"""A county's profile: who and where it is, where its files lie, and by which options it is measured."""

from __future__ import annotations

from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from qinshui_geo.crs import is_metric
from qinshui_geo.errors import ProfileError
from qinshui_geo.method import Method, StrictModel, Thresholds
from qinshui_geo.tomlfile import read_model

RAW = Path("data") / "raw"
"""Folder, under the current one, that holds a folder of raw files for each county."""

Datum = Literal["wgs84", "gcj02", "bd09"]
FileSource = Literal[
    "osm", "landcover", "population", "dem", "ndvi", "rainfall", "statistics", "boundary", "degurba",
    "reference_points",
]  # fmt: skip
VectorLayer = Literal[
    "buildings", "built_land", "green_areas", "water_areas", "waterways", "streets", "paths", "railways",
    "pois", "townships", "land_survey", "sponge_units", "sponge_facilities",
]  # fmt: skip

USUAL_FILES: dict[str, tuple[str, ...]] = {
    "osm": ("osm.osm.pbf", "osm.osm", "osm.osm.gz", "osm.osm.bz2"),
    "landcover": ("landcover.tif",),
    "population": ("population.tif",),
    "dem": ("dem.tif",),
    "ndvi": ("ndvi.tif",),
    "rainfall": ("rainfall.csv", "rainfall.csv.gz"),
    "statistics": ("statistics.csv",),
    "boundary": ("boundary.geojson", "boundary.gpkg", "boundary.shp"),
    "degurba": ("degurba.tif",),
    "reference_points": ("reference_points.csv",),
}
"""File names under which a source is found in the raw folder when the profile names none."""


class Figure(StrictModel):
    """A number of persons with its year and source."""

    value: float = Field(ge=0)
    year: int = Field(ge=1900, le=2100)
    source: str = Field(min_length=1)


class Population(StrictModel):
    """What is known of the population; what is not known is left out, never zero."""

    county: Figure | None = None
    county_urban: Figure | None = None
    town_resident: Figure | None = None
    town_temporary: Figure | None = None

    @model_validator(mode="after")
    def _part_of_the_county(self) -> Self:
        if self.county and self.county_urban and self.county_urban.value > self.county.value:
            raise ValueError("county_urban is greater than county")
        return self


class KnownStatistic(StrictModel):
    """One official figure of the statistics, by the id of the plan target that it answers."""

    id: str
    value: float
    unit: str
    year: int = Field(ge=1900, le=2100)
    source: str = Field(min_length=1)


class Boundary(StrictModel):
    """How to check a boundary: the datum of the file, and the county's extent in WGS84 degrees."""

    datum: Datum = "wgs84"
    bbox_wgs84: tuple[float, float, float, float] | None = None

    @field_validator("bbox_wgs84")
    @classmethod
    def _west_before_east(cls, box: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if box is not None and not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90):
            raise ValueError(f"{list(box)} is not [west, south, east, north] in degrees")
        return box


class VectorSource(StrictModel):
    """The user's own layer, which replaces the OpenStreetMap one of the same name."""

    file: str = Field(min_length=1)
    layer: str | None = None
    encoding: str | None = None
    datum: Datum = "wgs84"
    synthetic: bool = False


class Sources(StrictModel):
    """Files of the county, relative to the raw folder; ``package:NAME/PATH`` is inside a Python package."""

    osm: str | None = None
    landcover: str | None = None
    landcover_legend: str = "worldcover"
    population: str | None = None
    dem: str | None = None
    ndvi: str | None = None
    rainfall: str | None = None
    statistics: str | None = None
    boundary: str | None = None
    degurba: str | None = None
    reference_points: str | None = None
    ghs_built: dict[Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}$")], str] = Field(default_factory=dict)
    vectors: dict[VectorLayer, VectorSource] = Field(default_factory=dict)


class CountyProfile(StrictModel):
    """A county-level unit as the toolkit sees it.

    ``folder`` is where its raw files lie: the folder of the profile file, and for the profiles that
    come with the package ``data/raw/<id>`` under the current folder. Without a folder (a profile made
    in Python) only the files that it names are read.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    adcode: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    seat: tuple[float, float] | None = None
    seat_source: str = ""
    crs: str | None = None
    plan: str = "none"
    synthetic: bool = False
    folder: Path | None = None
    population: Population = Population()
    boundary: Boundary = Boundary()
    sources: Sources = Sources()
    method: Method = Method()
    thresholds: Thresholds = Thresholds()
    statistics: tuple[KnownStatistic, ...] = ()

    @field_validator("statistics")
    @classmethod
    def _statistics_are_unique(cls, figures: tuple[KnownStatistic, ...]) -> tuple[KnownStatistic, ...]:
        ids = [figure.id for figure in figures]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"figure given twice: {', '.join(twice)}")
        return figures

    @field_validator("crs")
    @classmethod
    def _crs_is_metric(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            crs = CRS.from_user_input(text)
        except ProjError:
            raise ValueError(f"{text!r} is not a CRS, write for example 'EPSG:4546'") from None
        if not is_metric(crs):
            raise ValueError(f"{text!r} is not a metric CRS of true area, write for example 'EPSG:4546'")
        return text

    @field_validator("seat")
    @classmethod
    def _seat_is_on_earth(cls, seat: tuple[float, float] | None) -> tuple[float, float] | None:
        if seat is not None and not (-180 <= seat[0] <= 180 and -90 <= seat[1] <= 90):
            raise ValueError(f"{list(seat)} is not [longitude, latitude] in degrees")
        return seat

    def path(self, name: str) -> Path:
        """Path of a file that the profile names relative to its folder."""
        return (self.folder or Path()) / name

    def source_path(self, source: FileSource) -> Path | None:
        """File of a source: the one the profile names, else the usual one if it is there.

        Raises
        ------
        ProfileError
            If the profile names a file that is not there, or a package that is not installed.
        """
        named: str | None = getattr(self.sources, source)
        if named is None:
            usual = [] if self.folder is None else [self.folder / name for name in USUAL_FILES[source]]
            return next((path for path in usual if path.is_file()), None)
        path = _inside_package(named) if named.startswith("package:") else self.path(named)
        if not (path.is_file() or (source == "boundary" and path.is_dir())):  # a FileGDB is a folder
            raise ProfileError(
                f"the file of the source {source} does not exist", where=str(path),
                mend=f"correct the path (profile key sources.{source}, or the option) or leave it out",
            )  # fmt: skip
        return path

    def ghs_built_paths(self) -> dict[int, Path]:
        """GHS-BUILT-S files by epoch: those the profile names, else ``ghs_built_s_<year>.tif`` in its folder.

        Raises
        ------
        ProfileError
            If the profile names a file that is not there.
        """
        named = {int(year): self.path(name) for year, name in self.sources.ghs_built.items()}
        missing = next((path for path in named.values() if not path.is_file()), None)
        if missing is not None:
            raise ProfileError(
                "the file of the source ghs_built does not exist", where=str(missing),
                mend="correct the path (profile key sources.ghs_built) or leave it out",
            )  # fmt: skip
        found = {} if self.folder is None else self.folder.glob("ghs_built_s_[12][0-9][0-9][0-9].tif")
        usual = {int(path.stem[-4:]): path for path in found}
        return dict(sorted((usual | named).items()))


def _inside_package(address: str) -> Path:
    package, _, inner = address.removeprefix("package:").partition("/")
    if not package.isidentifier() or ".." in Path(inner).parts:
        raise ProfileError(
            "not the address of a file in a Python package", where=address, mend="write package:NAME/PATH"
        )
    if find_spec(package) is None:
        raise ProfileError(
            f"the profile reads a file of the Python package {package}, which is not installed",
            where=address, mend=f"pip install {package}",
        )  # fmt: skip
    return Path(str(resources.files(package))) / inner


def profile_names() -> list[str]:
    """Names of the profiles that come with the package."""
    folder = resources.files("qinshui_geo") / "profiles"
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def load_profile(name: str | Path) -> CountyProfile:
    """Profile by name, or by the path of its file or of the folder that holds ``profile.toml``.

    A name is first looked for in ``data/raw/<name>``, where ``qinshui-geo init`` writes new profiles, then
    among those that come with the package. Files that the profile names are relative to its folder.

    Raises
    ------
    ProfileError
        If there is no such profile, or its file does not hold (file, key and mend are named).

    Examples
    --------
    >>> load_profile("qinshui").adcode
    '140521'
    """
    folders = (Path(name), RAW / name)
    path = next((f / "profile.toml" for f in folders if (f / "profile.toml").is_file()), Path(name))
    if path.suffix == ".toml":
        return _anchored(read_model(path, CountyProfile, ProfileError), path.parent)
    if str(name) in profile_names():
        with resources.as_file(resources.files("qinshui_geo") / "profiles" / f"{name}.toml") as inside:
            profile = read_model(inside, CountyProfile, ProfileError)
        return _anchored(profile, RAW / profile.id)
    known = ", ".join(profile_names())
    is_path = Path(name).name != str(name)
    raise ProfileError(
        f"no profile named {str(name)!r}",
        where=str((Path(name) if is_path else RAW / name) / "profile.toml"),
        mend=f"use one of {known}, the path of a .toml file or of a folder with profile.toml, or write a new "
        "profile: qinshui-geo init NAME",
    )  # fmt: skip


def _anchored(profile: CountyProfile, folder: Path) -> CountyProfile:
    """The profile with its folder; a plan file is looked for beside the profile, a legend in the folder."""
    home = folder / (profile.folder or "")
    sources = profile.sources
    if Path(sources.landcover_legend).suffix:
        sources = sources.model_copy(update={"landcover_legend": str(home / sources.landcover_legend)})
    plan = str(folder / profile.plan) if Path(profile.plan).suffix == ".toml" else profile.plan
    return profile.model_copy(update={"folder": home, "sources": sources, "plan": plan})
