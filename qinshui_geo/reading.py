"""Reads the sources that a profile names into the layers of its county, in one metric CRS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import shapely
from geopandas import GeoDataFrame
from pyproj import CRS, Transformer

from qinshui_geo.crs import metric_crs
from qinshui_geo.errors import SourceError
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Note, Provenance, Quantity, Statistic
from qinshui_geo.plan import Plan, load_plan, plan_names
from qinshui_geo.profile import CountyProfile
from qinshui_geo.sources import boundaries, county_index
from qinshui_geo.sources.county_grids import read_grids
from qinshui_geo.sources.osm import OsmLayers, read_osm
from qinshui_geo.sources.provenance import read_provenance
from qinshui_geo.sources.rainfall import read_rainfall
from qinshui_geo.sources.reference_points import read_reference_points
from qinshui_geo.sources.statistics import read_statistics
from qinshui_geo.sources.vectors import read_vector
from qinshui_geo.whereabouts import area_of_interest, seat_of

Tell = Callable[[str], None]

_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("buildings", "built_land", "green_areas", "water_areas"), "Polygon"),
    **dict.fromkeys(("townships", "land_survey", "sponge_units"), "Polygon"),
    **dict.fromkeys(("waterways", "streets", "paths", "railways"), "LineString"),
    "pois": "Point",
}
_KINDS: Mapping[str, str] = {
    "green_areas": "park, garden, square, grass, wood",
    "streets": "primary, secondary, tertiary, residential",
    "paths": "footway, cycleway, path",
    "pois": "charging_station, eldercare, childcare, parking",
    "sponge_facilities": "rain_garden, sunken_green, permeable_paving, green_roof, pond, tank",
}
"""Layers of the user that must say what each feature is, with some of the kinds."""

TEMPORARY_RESIDENTS = "town_population_temporary"
"""Id of the temporary residents (暂住) in the statistics, which no plan target asks for."""


@dataclass(slots=True)
class _Gathered:
    """Layers in WGS84 by name, with what is to be said of them, as they are read."""

    frames: dict[str, GeoDataFrame] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)


def read_layers(
    profile: CountyProfile, *, plan: Plan | None = None, tell: Tell | None = None
) -> CountyLayers:
    """Layers of the county that ``profile`` describes, validated and in its metric CRS.

    Sources that the profile neither names nor finds in its raw folder stay ``None``; the user's own
    vector layers replace those of OpenStreetMap. Features that do not touch the county are left out.

    Parameters
    ----------
    profile : CountyProfile
        Which county, which files.
    plan : Plan, optional
        Whose target units the statistics must have; the profile's plan by default.
    tell : callable, optional
        Called with the name of each step as it begins.

    Raises
    ------
    QinshuiGeoError
        If a source is missing, unreadable, on the wrong datum, or does not meet the county.
    """
    say = tell or (lambda step: None)
    gathered = _Gathered()
    say("osm")
    osm = _read_osm(profile, gathered)
    say("boundary")
    county = _read_county(profile, gathered)
    _read_own_vectors(profile, gathered)
    area = area_of_interest(profile, county, osm, gathered.frames)
    seat, gathered.notes["seat"] = seat_of(profile, osm, area)
    crs = CRS.from_user_input(profile.crs) if profile.crs else metric_crs(*seat)
    say("layers")
    _read_reference_points(profile, gathered)
    vectors = _projected(gathered.frames, county, crs)
    say("rasters")
    grids = read_grids(profile, bounds_wgs84=area, crs=crs)
    gathered.provenance |= grids.provenance
    say("tables")
    tables = _read_tables(profile, plan or load_plan(profile.plan), gathered)
    return CountyLayers(
        crs=crs, seat=_point(seat, crs), county=None if county is None else county.to_crs(crs),
        provenance=gathered.provenance, notes=gathered.notes, **vectors, **grids.layers, **tables,
    )  # fmt: skip


def _point(lonlat: tuple[float, float], crs: CRS) -> shapely.Point:
    return shapely.Point(Transformer.from_crs(4326, crs, always_xy=True).transform(*lonlat))


def _read_osm(profile: CountyProfile, gathered: _Gathered) -> OsmLayers | None:
    """The OpenStreetMap extract by theme, with its provenance and reservations."""
    path = profile.source_path("osm")
    if path is None:
        return None
    osm = read_osm(path)
    known = read_provenance(
        path, "osm", origin=f"OpenStreetMap ({path.name})", licence="ODbL-1.0", as_of=osm.as_of,
        synthetic=profile.synthetic,
    )  # fmt: skip
    for theme, frame in osm.layers.items():
        if theme != "places":
            gathered.frames[theme], gathered.provenance[theme] = frame, known
            gathered.notes[theme] = osm_notes(osm, theme)
    return osm


def osm_notes(osm: OsmLayers, theme: str) -> tuple[Note, ...]:
    """What was repaired or left out while a theme was read."""
    notes = []
    if osm.repaired.get(theme):
        count = osm.repaired[theme]
        notes.append(
            Note(f"OSM 中 {count} 个无效面已修复", f"{count} invalid areas of OpenStreetMap repaired")
        )
    if osm.clipped.get(theme):
        count = osm.clipped[theme]
        notes.append(
            Note(
                f"OSM 中 {count} 条线在数据边缘被截断({theme})",
                f"{count} lines of OpenStreetMap are cut off at the edge of the extract ({theme})",
            )
        )
    if osm.skipped.get(theme):
        count = osm.skipped[theme]
        notes.append(
            Note(
                f"OSM 中 {count} 个要素缺少节点,未能成形({theme})",
                f"{count} objects of OpenStreetMap lack nodes and were left out ({theme})",
            )
        )
    return tuple(notes)


def county_boundary(profile: CountyProfile) -> GeoDataFrame | None:
    """Boundary of the county in WGS84: the profile's file, else by adcode from the optional package.

    Returns
    -------
    GeoDataFrame or None
        One row; ``None`` without a file where there is no adcode or the package is not installed.
    """
    path = profile.source_path("boundary")
    if path is not None:
        box, datum = profile.boundary.bbox_wgs84, profile.boundary.datum
        return boundaries.read_boundary(path, datum=datum, bbox_wgs84=box, adcode=profile.adcode)
    if profile.adcode is None or not county_index.is_installed():
        return None
    return boundaries.county_boundary(profile.adcode)


def _read_county(profile: CountyProfile, gathered: _Gathered) -> GeoDataFrame | None:
    """The boundary, with its provenance, or the note which one to bring."""
    county, path = county_boundary(profile), profile.source_path("boundary")
    if path is not None and county is not None:
        gathered.provenance["county"] = read_provenance(path, "county", synthetic=profile.synthetic)
        box, said = profile.boundary.bbox_wgs84, profile.boundary.datum
        doubt = boundaries.unchecked_datum(county, bbox_wgs84=box) if said == "wgs84" else None
        if doubt is not None and not profile.synthetic:
            gathered.notes["county"] = (doubt,)
    elif county is not None and profile.adcode is not None:
        gathered.provenance["county"] = boundaries.county_provenance(profile.adcode)
    else:
        gathered.notes["county"] = (
            Note(
                '没有县界:请安装 pip install "qinshui-geo[boundaries]" 或提供 --boundary',
                'no county boundary: pip install "qinshui-geo[boundaries]", or bring --boundary',
            ),
        )
    return county


def _read_own_vectors(profile: CountyProfile, gathered: _Gathered) -> None:
    """Put the user's layers in the place of those of OpenStreetMap."""
    for name, source in profile.sources.vectors.items():
        path = profile.path(source.file)
        frame = read_vector(path, name=name, layer=source.layer, encoding=source.encoding, datum=source.datum)
        _require_form(frame, name, path)
        gathered.frames[name] = frame.to_crs(4326)
        gathered.provenance[name] = read_provenance(
            path, name, synthetic=source.synthetic or profile.synthetic
        )


def _read_reference_points(profile: CountyProfile, gathered: _Gathered) -> None:
    name: Final = "reference_points"
    path = profile.source_path(name)
    if path is not None:
        found = read_reference_points(path)
        gathered.frames[name], gathered.notes[name] = found.points, found.notes
        gathered.provenance[name] = read_provenance(path, name, synthetic=profile.synthetic)


def _require_form(frame: GeoDataFrame, name: str, path: Path) -> None:
    """Refuse lines where areas are asked, and a layer that does not say what its features are."""
    where, form = f"{path}, layer {name}", _FORMS.get(name)
    if form is not None and not set(frame.geom_type) <= {form, f"Multi{form}"}:
        found = ", ".join(sorted(set(frame.geom_type)))
        raise SourceError(f"the layer holds {found}", where=where, mend=f"bring a layer of {form} only")
    if name in _KINDS and frame["kind"].isna().all():
        raise SourceError(
            "no column kind, which says what each feature is", where=where,
            mend=f"add a text column kind, with for example {_KINDS[name]}",
        )  # fmt: skip


def _projected(
    frames: Mapping[str, GeoDataFrame], county: GeoDataFrame | None, crs: CRS
) -> dict[str, GeoDataFrame]:
    """Layers in the metric CRS, without the features that do not touch the county.

    Of the townships only those that lie in the county: its neighbours' touch it along their common edge.
    """
    outline = None if county is None else county.geometry.iloc[0]
    if outline is not None:
        shapely.prepare(outline)
    projected = {}
    for name, frame in frames.items():
        shapes = frame.geometry.to_numpy()
        places = shapely.point_on_surface(shapes) if name == "townships" else shapes
        inside = frame if outline is None else frame[shapely.intersects(outline, places)]
        projected[name] = inside.to_crs(crs).reset_index(drop=True)
    return projected


def _read_tables(profile: CountyProfile, plan: Plan, gathered: _Gathered) -> dict[str, Any]:
    """Daily rainfall, and the official figures: the profile's own, outranked by the file's."""
    tables: dict[str, Any] = {"statistics": _known_statistics(profile)}
    path = profile.source_path("rainfall")
    if path is not None:
        rain = read_rainfall(path)
        tables["rainfall"] = rain.series
        gathered.notes["rainfall"] = rain.notes
        gathered.provenance["rainfall"] = read_provenance(path, "rainfall", synthetic=profile.synthetic)
    path = profile.source_path("statistics")
    if path is not None:
        found = read_statistics(path, units=_units_asked(plan))
        if profile.synthetic:
            found = {key: _marked_synthetic(figure) for key, figure in found.items()}
        tables["statistics"] |= found
        gathered.provenance["statistics"] = read_provenance(path, "statistics", synthetic=profile.synthetic)
    return tables


def _units_asked(plan: Plan) -> dict[str, str]:
    """Unit by id: of the plan's targets, of the population, and of the targets of the plans that come along.

    So the statistics of a county can stay as they are when another plan, or none, is held against.
    """
    plans = [*(load_plan(name) for name in plan_names()), plan]
    units = {target.id: str(target.unit) for known in plans for target in known.targets}
    further = {"town_population": "person", TEMPORARY_RESIDENTS: "person", "green_land_ratio": "percent"}
    return {**further, **units}


def _known_statistics(profile: CountyProfile) -> dict[str, Statistic]:
    known = {}
    for figure in profile.statistics:
        origin = Provenance("statistics", figure.source, as_of=str(figure.year), synthetic=profile.synthetic)
        known[figure.id] = Statistic(Quantity(figure.value, figure.unit), figure.year, origin)
    return known


def _marked_synthetic(figure: Statistic) -> Statistic:
    return replace(figure, provenance=replace(figure.provenance, synthetic=True))
