"""The interactive map of a measured county: one page that opens without internet."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, Literal

import folium
import geopandas as gpd
import shapely
from jinja2 import Template

from qinshui_geo.atomic import replacing
from qinshui_geo.cartography import LAYERS, frame_of, view_bounds
from qinshui_geo.county import CountyResult
from qinshui_geo.features import feature_collection, merged_collection
from qinshui_geo.pages import PagePart, page_facts, render_page, template
from qinshui_geo.symbols import MapClass, MapLayer, Symbol
from qinshui_geo.texts import Lang, words
from qinshui_geo.webassets import jquery_js, leaflet_css, leaflet_js

Basemap = Literal["none", "osm"]

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OSM_CREDIT = '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors'


def county_map(
    result: CountyResult,
    *,
    lang: Lang = "zh",
    basemap: Basemap = "none",
    review_mark: bool = True,
    scorecard: bool = True,
) -> folium.Map:
    """Map of a county with a toggle, legend and popups for each layer, and the scorecard beside it.

    Everything the page needs is inside it; only ``basemap="osm"`` asks the internet, for tiles.

    Parameters
    ----------
    result : CountyResult
        Measured county.
    lang : {'zh', 'en'}
        Language of titles, legends and popups.
    basemap : {'none', 'osm'}
        Plain background, or the tiles of openstreetmap.org.
    review_mark : bool
        Bear the mark that the map is for internal use and has not been through map review.
    scorecard : bool
        Show the panel with title, scorecard and sources.

    Returns
    -------
    folium.Map
        More elements can be added to it.
    """
    snap = 1.0 if basemap == "osm" else 0.25  # tiles are sharp at whole zooms only
    drawn = folium.Map(tiles=None, prefer_canvas=True, zoom_control=False, max_zoom=20, zoom_snap=snap)
    _bring_own_assets(drawn)
    if basemap == "osm":
        folium.TileLayer(OSM_TILES, attr=OSM_CREDIT, name="OpenStreetMap", max_zoom=19).add_to(drawn)
    shown = [_add_layer(drawn, result, layer, lang) for layer in LAYERS]
    control = folium.LayerControl(collapsed=False)
    if any(shown):
        control.add_to(drawn)
    facts = page_facts(result, lang) | {"review_mark": review_mark, "scorecard": scorecard}
    _add_chrome(drawn, control if any(shown) else None, result, facts)
    return drawn


def write_map(
    result: CountyResult,
    path: Path | str,
    *,
    lang: Lang = "zh",
    basemap: Basemap = "none",
    review_mark: bool = True,
) -> Path:
    """Write the map as one HTML file, whole or not at all; parameters as in :func:`county_map`.

    Raises
    ------
    OutputError
        If the file cannot be written; what stood there is untouched.
    """
    drawn = county_map(result, lang=lang, basemap=basemap, review_mark=review_mark)
    facts = page_facts(result, lang) | {"map": map_parts(drawn), "tiles": basemap == "osm"}
    page = render_page("map.html.j2", facts)
    with replacing(Path(path)) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def map_parts(drawn: folium.Map) -> PagePart:
    """Head, body and script of a map, to be set into a page."""
    drawn.render()  # type: ignore[no-untyped-call]
    figure = _figure(drawn)
    return PagePart(figure.header.render(), figure.html.render(), figure.script.render())


class _Verbatim(folium.Element):
    """Element whose text is not read as a template, as folium reads every other."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def _figure(drawn: folium.Map) -> folium.Figure:
    figure = drawn.get_root()
    assert isinstance(figure, folium.Figure)  # folium sets every map into one
    return figure


def _bring_own_assets(drawn: folium.Map) -> None:
    """Put Leaflet and jQuery into the page in place of folium's links, on this map only."""
    drawn.default_js, drawn.default_css = [], []
    head = _figure(drawn).header
    for name, text in (("leaflet", leaflet_js()), ("jquery", jquery_js())):
        head.add_child(_Verbatim(f"<script>{text}</script>"), name=f"{name}_js")
    style = leaflet_css() + template("map.css").render()
    head.add_child(_Verbatim(f"<style>{style}</style>"), name="map_css")


def _add_layer(drawn: folium.Map, result: CountyResult, layer: MapLayer, lang: Lang) -> bool:
    """Add a layer where it has anything to show, and say whether it has."""
    frame = frame_of(result, layer)
    if frame is None:
        return False
    group = folium.FeatureGroup(name=_legend(layer, frame, lang), show=layer.shown)
    for kind in layer.classes:
        chosen = frame[kind.takes(frame)]
        if not chosen.empty:
            _shapes(chosen, kind.symbol, layer, lang).add_to(group)
    group.add_to(drawn)
    return True


def _shapes(frame: gpd.GeoDataFrame, symbol: Symbol, layer: MapLayer, lang: Lang) -> folium.GeoJson:
    def style(_feature: object) -> dict[str, Any]:
        return symbol.path_options()

    if not layer.fields:
        return folium.GeoJson(merged_collection(frame), style_function=style, interactive=False)
    labels = words("field", lang)
    popup = folium.GeoJsonPopup(
        fields=list(layer.fields), aliases=[labels[name] for name in layer.fields], localize=False,
        max_width=340,
    )  # fmt: skip
    return folium.GeoJson(feature_collection(frame, layer.fields, lang), style_function=style, popup=popup)


def _legend(layer: MapLayer, frame: gpd.GeoDataFrame, lang: Lang) -> str:
    """Title of a layer in the control, with a swatch for each class that occurs."""
    present = [kind for kind in reversed(layer.classes) if kind.takes(frame).any()]
    return template("legend.html.j2").render(
        title=words("layer", lang)[layer.key],
        entries=[(words("class", lang)[kind.key], kind, _count(layer, kind, frame)) for kind in present],
    )


def _count(layer: MapLayer, kind: MapClass, frame: gpd.GeoDataFrame) -> int | None:
    return int(kind.takes(frame).sum()) if layer.fields else None


def _add_chrome(
    drawn: folium.Map, control: folium.LayerControl | None, result: CountyResult, facts: dict[str, Any]
) -> None:
    """Panels, scale bar, north arrow and opening view."""
    names = {"map": drawn.get_name(), "control": control.get_name() if control else ""}
    panel = template("map_panel.html.j2").render(**facts, names=names)
    script = template("map.js.j2").render(
        **facts, names=names, bounds=_bounds_degrees(result), credit=_credit(result)
    )
    figure = _figure(drawn)
    figure.html.add_child(_Verbatim(panel), name="panel")
    figure.script.add_child(_Verbatim(script), name="chrome")


def _bounds_degrees(result: CountyResult) -> list[list[float]]:
    box = gpd.GeoSeries([shapely.box(*view_bounds(result))], crs=result.layers.crs).to_crs(4326)
    west, south, east, north = (round(float(edge), 6) for edge in box.total_bounds)
    return [[south, west], [north, east]]


def _credit(result: CountyResult) -> str:
    """Origins and licences to be named on the map itself, each once, as HTML."""
    credits: dict[str, None] = {}
    for source in result.layers.provenance.values():
        if "openstreetmap" in source.origin.lower() or "odbl" in (source.licence or "").lower():
            credits[f"{OSM_CREDIT} (ODbL)"] = None
        elif source.licence:
            credits[html.escape(f"{source.origin} ({source.licence})")] = None
    return " · ".join(credits)
