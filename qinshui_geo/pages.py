"""The templates of the pages and the facts that every page states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from qinshui_geo.county import CountyResult
from qinshui_geo.measurement import Provenance
from qinshui_geo.scorecard import SYMBOLS, main_lines, verdict_counts
from qinshui_geo.texts import Lang, term, words


@dataclass(frozen=True, slots=True)
class PagePart:
    """What an embedded element brings to a page: trusted HTML for its head, its body and its script."""

    head: str
    body: str
    script: str


@cache
def _templates() -> Environment:
    """Templates of the package; every value is escaped, a misspelt name is an error."""
    return Environment(
        loader=PackageLoader("qinshui_geo", "templates"), autoescape=_is_markup, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith((".css", ".js.j2"))


def template(name: str) -> Template:
    """Template of the package by file name."""
    return _templates().get_template(name)


def render_page(name: str, facts: Mapping[str, Any]) -> str:
    """Page from a template and its facts."""
    return template(name).render(**facts)


def page_facts(result: CountyResult, lang: Lang) -> dict[str, Any]:
    """What every page states of a result: names, date, marks, main lines, sources and words."""
    profile, plan = result.profile, result.plan
    return {
        "lang": lang,
        "t": words("page", lang),
        "verdict_words": words("verdict", lang),
        "symbols": SYMBOLS,
        "county": profile.name_zh if lang == "zh" else profile.name_en,
        "adcode": profile.adcode,
        "plan": plan.name_zh if lang == "zh" else plan.name_en,
        "generated": result.generated.isoformat(),
        "crs": result.layers.crs.to_string(),
        "synthetic": result.synthetic,
        "main": main_lines(result, lang),
        "counts": verdict_counts(result.findings),
        "sources": source_rows(result.layers.provenance.values(), lang),
    }


def source_rows(sources: Any, lang: Lang) -> list[dict[str, Any]]:
    """Sources by origin, each once, with the layers that came from it."""
    layers: dict[Provenance, list[str]] = {}
    for source in sources:
        alike = Provenance("", source.origin, source.licence, source.as_of, None, source.synthetic)
        layers.setdefault(alike, []).append(term("source", source.layer, lang))
    unknown = words("page", lang)["unknown"]
    return [
        {
            "layers": ("、" if lang == "zh" else ", ").join(dict.fromkeys(names)),
            "origin": source.origin, "date": source.as_of or unknown,
            "licence": source.licence or unknown, "synthetic": source.synthetic,
        }
        for source, names in layers.items()
    ]  # fmt: skip
