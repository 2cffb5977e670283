"""The report of a measured county: one page with map, scorecard, methods and sources."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

from qinshui_geo.atomic import replacing
from qinshui_geo.county import CountyResult
from qinshui_geo.explanations import reconciliation_table
from qinshui_geo.maps import Basemap, county_map, map_parts
from qinshui_geo.pages import page_facts, render_page, template
from qinshui_geo.scorecard import lines, note_texts
from qinshui_geo.sections import sections
from qinshui_geo.texts import Lang


def write_report(
    result: CountyResult,
    path: Path | str,
    *,
    lang: Lang = "zh",
    basemap: Basemap = "none",
    review_mark: bool = True,
) -> Path:
    """Write the report as one HTML file, whole or not at all.

    It holds everything it needs, so it opens without internet and can be sent by mail; it prints on A4.

    Parameters
    ----------
    result : CountyResult
        Measured county.
    path : Path or str
        File to write; what stands there is replaced.
    lang : {'zh', 'en'}
        Language of the page.
    basemap : {'none', 'osm'}
        Background of the map; ``osm`` needs internet when the page is read.
    review_mark : bool
        Bear the mark that the map is for internal use and has not been through map review.

    Raises
    ------
    OutputError
        If the file cannot be written; what stood there is untouched.
    """
    page = render_page("report.html.j2", _facts(result, lang, basemap, review_mark))
    with replacing(Path(path)) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _facts(result: CountyResult, lang: Lang, basemap: Basemap, review_mark: bool) -> dict[str, Any]:
    drawn = county_map(result, lang=lang, basemap=basemap, review_mark=review_mark, scorecard=False)
    findings = lines(result.findings, lang)
    return page_facts(result, lang) | {
        "map": map_parts(drawn),
        "tiles": basemap == "osm",
        "style": template("report.css").render(),
        "lines": findings,
        "sections": sections(result, lang),
        "reconciliation": reconciliation_table(result, lang),
        "missing": [line for line in findings if line.verdict == "NO_DATA"],
        "plan_source": result.plan.source,
        "reading_notes": note_texts(chain.from_iterable(result.layers.notes.values()), lang),
        "review_mark": review_mark,
    }
