"""Reads the user's vector layers: GeoPackage, Shapefile, GeoJSON, FileGDB, FlatGeobuf."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyogrio
import shapely
from geopandas import GeoDataFrame
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
from pyproj import CRS

from qinshui_geo.crs import to_wgs84
from qinshui_geo.errors import SourceError

_GUESSED_ENCODINGS = ("UTF-8", "GB18030")
"""Attribute encodings tried on a Shapefile without .cpg: strictly, in this order (GB18030 contains GBK)."""


def read_vector(
    path: Path,
    *,
    name: str,
    layer: str | None = None,
    encoding: str | None = None,
    datum: str = "wgs84",
    required: Sequence[str] = (),
) -> GeoDataFrame:
    """One layer of a vector file, with valid two-dimensional geometries.

    Columns ``source_id`` (``<name>/<row>``, from 1), ``name`` and ``kind`` (both ``None``) are added
    where the file has none. ``attrs`` tells ``repaired`` (invalid geometries mended) and ``dropped``
    (rows without geometry).

    Parameters
    ----------
    path : Path
        File, or folder of a FileGDB.
    name : str
        Name of the layer in the toolkit, for messages and ids.
    layer : str, optional
        Layer within the file; needed where it holds several.
    encoding : str, optional
        Encoding of the attributes. A Shapefile without ``.cpg`` is tried as UTF-8, then as GB18030.
    datum : {'wgs84', 'gcj02', 'bd09'}
        Datum of the coordinates.
    required : sequence of str
        Columns that must be there.

    Returns
    -------
    GeoDataFrame
        In the CRS of the file; from an offset datum, in EPSG:4326.

    Raises
    ------
    SourceError
        File and mend: missing or unreadable file, no CRS, several layers and none named, no geometry, no
        feature, a required column missing, coordinates that are no degrees in a geographic CRS.
    """
    where = f"{path}, layer {name}"
    if not path.exists():
        raise SourceError("the file does not exist", where=where, mend="check the path")
    frame = _read(path, _layer_to_read(path, where, layer), where, encoding)
    _require_crs(frame, where)
    missing = [column for column in required if column not in frame.columns]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}, only {', '.join(map(str, frame.columns.drop('geometry')))}",
            where=where, mend="rename the columns of the layer",
        )  # fmt: skip
    frame = _with_sound_geometry(frame, where)
    if datum != "wgs84":
        frame = to_wgs84(frame.to_crs(4326), datum)
    return _with_usual_columns(frame, name)


def _layer_to_read(path: Path, where: str, layer: str | None) -> str:
    try:
        listed = pyogrio.list_layers(path)
    except DataSourceError as fault:
        raise SourceError(
            "not a vector file that GDAL can read, or damaged", where=where,
            mend="bring GeoPackage, Shapefile, GeoJSON, FileGDB or FlatGeobuf",
        ) from fault  # fmt: skip
    spatial = [str(entry) for entry, geometry in listed if geometry is not None]
    if not spatial:
        raise SourceError("the file holds no geometry", where=where, mend="bring a layer with geometry")
    if layer is None and len(spatial) == 1:
        return spatial[0]
    if layer in spatial:
        return str(layer)
    what = "several layers and none is named" if layer is None else f"no layer {layer!r} with geometry"
    raise SourceError(f"{what}; it holds {', '.join(spatial)}", where=where, mend="name one of them as layer")


def _read(path: Path, layer: str, where: str, encoding: str | None) -> GeoDataFrame:
    for attempt in _encodings(path, encoding):
        try:
            frame = pyogrio.read_dataframe(path, layer=layer, encoding=attempt, force_2d=True)
        except (UnicodeDecodeError, LookupError):
            continue
        except (DataSourceError, DataLayerError, FieldError, GeometryError) as fault:
            raise SourceError(
                f"cannot read the layer: {fault}", where=where, mend="open and save it anew in a GIS"
            ) from fault
        if not isinstance(frame, GeoDataFrame):
            raise SourceError("the layer has no geometry", where=where, mend="bring a layer with geometry")
        return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    raise SourceError(
        "the attributes cannot be decoded", where=where,
        mend="name their encoding, for example encoding = 'gb18030', and see that the .cpg file is right",
    )  # fmt: skip


def _encodings(path: Path, encoding: str | None) -> tuple[str | None, ...]:
    if encoding is not None:
        return (encoding,)
    if path.suffix.lower() == ".shp" and not any(
        path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")
    ):
        return _GUESSED_ENCODINGS
    return (None,)


def _require_crs(frame: GeoDataFrame, where: str) -> None:
    if frame.crs is None:
        raise SourceError(
            "the layer has no CRS", where=where,
            mend="bring its .prj file, or save it with the CRS in which it was drawn (often EPSG:4490)",
        )  # fmt: skip
    if frame.empty:
        raise SourceError("the layer holds no feature", where=where, mend="bring a layer with features")
    west, south, east, north = frame.total_bounds
    if CRS(frame.crs).is_geographic and (west < -180 or east > 180 or south < -90 or north > 90):
        raise SourceError(
            f"the layer is said to be in degrees, but its coordinates run to {max(east, north):.0f}",
            where=where, mend="set the CRS in which it was drawn (often EPSG:4546)",
        )  # fmt: skip


def _with_sound_geometry(frame: GeoDataFrame, where: str) -> GeoDataFrame:
    """Rows that have a geometry, each valid and of its own dimension."""
    geometries = frame.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    mended = geometries.copy()
    mended[invalid] = shapely.make_valid(geometries[invalid], method="structure", keep_collapsed=False)
    there = ~(shapely.is_missing(mended) | shapely.is_empty(mended))
    if not there.any():
        raise SourceError("no row has a geometry", where=where, mend="bring a layer with geometry")
    kept = frame.set_geometry(mended, crs=frame.crs)[there].reset_index(drop=True)
    kept.attrs = {"repaired": int(invalid.sum()), "dropped": int((~there).sum())}
    return kept


def _with_usual_columns(frame: GeoDataFrame, name: str) -> GeoDataFrame:
    usual = {"source_id": [f"{name}/{row}" for row in range(1, len(frame) + 1)], "name": None, "kind": None}
    return frame.assign(**{column: value for column, value in usual.items() if column not in frame.columns})
