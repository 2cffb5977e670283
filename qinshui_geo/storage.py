"""Writes a measured county as GIS layers and as a scorecard for other programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from qinshui_geo.atomic import replacing
from qinshui_geo.crs import require_metric
from qinshui_geo.errors import OutputError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from qinshui_geo.assessment import Finding
    from qinshui_geo.county import CountyResult
    from qinshui_geo.measurement import Provenance


class LayerForm(NamedTuple):
    """How a layer is written: geometry type and, in both languages, its title and description."""

    geometry: str
    title: str
    description: str


LAYER_FORMS = {
    "built_up": LayerForm(
        "Polygon", "建成区 / built-up area",
        "城区实体地域(开放数据近似),每个图斑一行 / urban extent approximated from open data, one row a piece",
    ),
    "parks": LayerForm(
        "MultiPolygon", "公园绿地 / parks",
        "所有公园类用地,counted 为计入人均公园绿地 / every park-like area; counted = part of the park figure",
    ),
    "sponge_units": LayerForm(
        "Polygon", "海绵城市单元 / sponge units",
        "排水单元的径流控制潜力 / runoff-control potential of each drainage unit",
    ),
    "greenways": LayerForm(
        "LineString", "绿道 / greenways",
        "绿道及候选路径,component 1 为最大连通部分 / greenways and candidates; component 1 = largest",
    ),
    "greenway_links": LayerForm(
        "LineString", "绿道建议连接 / proposed greenway links",
        "建议的连接线,可为空 / proposed links between components, may be empty",
    ),
    "built_up_patches": LayerForm(
        "Polygon", "建成区候选图斑 / candidate patches",
        "每个图斑是否并入建成区及原因 / whether each patch joined the built-up area, and why",
    ),
    "built_up_links": LayerForm(
        "LineString", "图斑连接 / links between patches",
        "图斑并入建成区所经的最短间距 / the gap over which each patch was joined",
    ),
    "park_parts": LayerForm(
        "MultiPolygon", "分片区人均公园绿地 / parks by town part",
        "各片区的公园绿地与人口 / park area and persons of each part of the town",
    ),
    "residential_areas": LayerForm(
        "MultiPolygon", "居住用地与公园服务 / residential land and park service",
        "公园绿地服务半径覆盖情况(直线与步行) / within the service radius of a park, straight and on foot",
    ),
    "completeness": LayerForm(
        "Polygon", "地图完整度 / completeness of the map",
        "OSM 建筑与独立建设用地之比,按格网 / mapped buildings against independent built-up land, by cell",
    ),
}  # fmt: skip
"""The layers of ``layers.gpkg``, in their order."""

DATASET_OPTIONS = {"VERSION": "1.2"}  # opens in every QGIS 3 and ArcGIS Pro, without a warning
SYNTHETIC_MARK = "合成示例 / synthetic sample. "
SOURCE_COLUMNS = ("layer", "origin", "licence", "as_of", "sha256", "synthetic")
FINDING_KEYS = (
    "id", "name_zh", "name_en", "kind", "value", "low", "high", "unit", "target", "sense", "year",
    "verdict", "gap", "years_left", "confidence", "clause", "sources", "notes",
)  # fmt: skip
_NUMBERS = ("value", "low", "high", "target", "gap")
_WRITE_FAULTS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


def write_layers(result: CountyResult, path: Path) -> None:
    """Write the GIS layers as one GeoPackage, which QGIS and ArcGIS open.

    Every layer of :data:`LAYER_FORMS` is there, with its columns and geometry type, even when it is
    empty; a layer that holds multi-part geometries is written as multi-part throughout. The table
    ``sources`` names what the figures rest on.

    Parameters
    ----------
    result : CountyResult
        County measured; its layers are in the county's metric CRS.
    path : Path
        File to write, for example ``layers.gpkg``; replaced as a whole or not at all.

    Raises
    ------
    OutputError
        If a layer is missing or the file cannot be written.
    CRSError
        If a layer is not in a metric CRS.
    """
    missing = [name for name in LAYER_FORMS if name not in result.gis_layers]
    if missing:
        raise OutputError(
            f"the result lacks the layers {', '.join(missing)}", where=str(path),
            mend="measure the county with measure_county, which always gives them",
        )  # fmt: skip
    with replacing(path) as temporary:
        try:
            for name, form in LAYER_FORMS.items():
                _write_layer(result.gis_layers[name], temporary, name, form, synthetic=result.synthetic)
            _write_sources(_provenance(result), temporary, synthetic=result.synthetic)
        except _WRITE_FAULTS as fault:
            raise OutputError(
                f"cannot write the layers: {fault}", where=str(path),
                mend="check the folder's rights and the free space",
            ) from fault  # fmt: skip


def _write_layer(frame: GeoDataFrame, path: Path, name: str, form: LayerForm, *, synthetic: bool) -> None:
    require_metric(frame, name)
    single = form.geometry.removeprefix("Multi")
    found = set(frame.geom_type.dropna())
    if not found <= {single, f"Multi{single}"}:  # GDAL would write it, against the GeoPackage standard
        raise OutputError(
            f"the layer holds {', '.join(sorted(found))}",
            where=name,
            mend=f"give it only {single} geometries",
        )
    multi = form.geometry != single or f"Multi{single}" in found
    pyogrio.write_dataframe(
        frame, path, layer=name, driver="GPKG", geometry_type=f"Multi{single}" if multi else single,
        promote_to_multi=multi, dataset_options=DATASET_OPTIONS,
        layer_options=_titles(form.title, form.description, synthetic=synthetic),
    )  # fmt: skip


def _write_sources(sources: Iterable[Provenance], path: Path, *, synthetic: bool) -> None:
    table = pd.DataFrame([asdict(source) for source in sources], columns=list(SOURCE_COLUMNS))
    texts = table.columns.drop("synthetic")
    table = table.astype(dict.fromkeys(texts, "str") | {"synthetic": "bool"})
    description = "每个图层的来源、许可与校验和 / origin, licence and checksum of every layer"
    pyogrio.write_dataframe(
        table, path, layer="sources", driver="GPKG", dataset_options=DATASET_OPTIONS,
        layer_options=_titles("数据来源 / sources", description, synthetic=synthetic),
    )  # fmt: skip


def _titles(title: str, description: str, *, synthetic: bool) -> dict[str, str]:
    mark = SYNTHETIC_MARK if synthetic else ""
    return {"IDENTIFIER": title, "DESCRIPTION": mark + description}


def _provenance(result: CountyResult) -> tuple[Provenance, ...]:
    """Sources of the layers, then those that only a finding names, each once."""
    named = (source for finding in result.findings for source in finding.sources)
    return tuple(dict.fromkeys([*result.layers.provenance.values(), *named]))


def scorecard(result: CountyResult) -> dict[str, Any]:
    """Scorecard as plain data: what ``scorecard.json`` holds.

    Keys are ``profile`` (id), ``generated`` (ISO date), ``synthetic`` and ``findings``, a list with the
    keys of :data:`FINDING_KEYS` in the plan's order. A ``value`` without data is ``None``; each source
    has the fields of :class:`qinshui_geo.measurement.Provenance`; notes are "zh / en" strings.

    Raises
    ------
    OutputError
        If a finding holds a number that is not finite.
    """
    return {
        "profile": result.profile.id,
        "generated": result.generated.isoformat(),
        "synthetic": result.synthetic,
        "findings": [_finding_record(finding) for finding in result.findings],
    }


def _finding_record(finding: Finding) -> dict[str, Any]:
    record = {key: getattr(finding, key) for key in FINDING_KEYS}
    record |= {key: _finite(record[key], finding.id, key) for key in _NUMBERS}
    record["sources"] = [asdict(source) for source in finding.sources]
    record["notes"] = [str(note) for note in finding.notes]
    return record


def _finite(number: float | None, indicator: str, key: str) -> float | None:
    if number is None:
        return None
    if not math.isfinite(number):
        raise OutputError(
            f"{key} is {number}, which no scorecard can hold", where=indicator,
            mend="report it: what cannot be measured must be None",
        )  # fmt: skip
    return float(number)


def write_scorecard_json(result: CountyResult, path: Path) -> None:
    """Write :func:`scorecard` as UTF-8 JSON.

    Raises
    ------
    OutputError
        If the file cannot be written or a number is not finite.
    """
    text = json.dumps(scorecard(result), ensure_ascii=False, allow_nan=False, indent=2)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_scorecard_csv(result: CountyResult, path: Path) -> None:
    """Write the findings as CSV that a spreadsheet opens with its Chinese text intact.

    UTF-8 with byte-order mark; one row a finding, columns as in :data:`FINDING_KEYS` and ``synthetic``;
    sources and notes are joined with "; ". Text that a spreadsheet would run as a formula gets a
    leading apostrophe.

    Raises
    ------
    OutputError
        If the file cannot be written or a number is not finite.
    """
    rows = [_csv_row(finding, result) for finding in result.findings]
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow([*FINDING_KEYS, "synthetic"])
        writer.writerows(rows)


def _csv_row(finding: Finding, result: CountyResult) -> list[str | float]:
    record = _finding_record(finding)
    record["sources"] = "; ".join(f"{source.layer}: {source.origin}" for source in finding.sources)
    record["notes"] = "; ".join(record["notes"])
    synthetic = finding.synthetic or result.profile.synthetic
    return [*(_cell(record[key]) for key in FINDING_KEYS), "true" if synthetic else "false"]


def _cell(value: str | float | None) -> str | float:
    """Cell of a CSV row; text that begins like a formula is defused (the sense '=' alone is none).

    >>> _cell("=HYPERLINK(1)"), _cell("="), _cell(-1.5), _cell(None)
    ("'=HYPERLINK(1)", '=', -1.5, '')
    """
    if value is None:
        return ""
    if isinstance(value, str) and value != "=" and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
