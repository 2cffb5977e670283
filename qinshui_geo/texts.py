"""The words and numbers of the pages, in Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

Lang = Literal["zh", "en"]

DIGITS = {
    "km2": 2, "km2/year": 3, "m2": 0, "m3": 0, "ha": 2, "m2/person": 2, "percent": 1, "percent_points": 1,
    "person": 0, "person/km2": 0, "m": 0, "km": 2, "mm": 1, "km/km2": 2, "ratio": 3, "count": 0,
}  # fmt: skip
"""Decimals in which a figure of each unit is shown."""

MOST_DIGITS = 6
_CLOSE_TO_NUMBER = {"%"}


@cache
def _table(file: str) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = (resources.files("qinshui_geo") / "templates" / file).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, lang: Lang) -> Mapping[str, str]:
    """One section of the table of words, by key.

    Examples
    --------
    >>> words("verdict", "zh")["NO_DATA"]
    '无数据'
    """
    return {key: both[lang] for key, both in _table("texts.toml")[section].items()}


def method_text(indicator: str, lang: Lang) -> Mapping[str, str] | None:
    """How a main indicator is measured (``text``) and by which ``standard``; ``None`` for others."""
    entry: Mapping[str, object] | None = _table("methods.toml").get(indicator)
    if entry is None:
        return None
    return {"text": str(entry[lang]), "standard": str(entry[f"standard_{lang}"])}


def term(section: str, key: str, lang: Lang) -> str:
    """Word for a key of the data; an unknown key is shown itself, its underscores as spaces.

    Examples
    --------
    >>> term("term", "garden", "zh"), term("term", "nobody_heard_of", "zh")
    ('花园', 'nobody heard of')
    """
    return words(section, lang).get(key, key.replace("_", " "))


def number(value: float, digits: int) -> str:
    """Number with thousands separators and a true minus sign.

    Examples
    --------
    >>> number(80000, 0), number(-1234.5, 2)
    ('80,000', '−1,234.50')
    """
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def figure(value: float | None, unit: str, lang: Lang, *, against: float | None = None) -> str:
    """Figure with its unit as readers write it; without a value, the words for no data.

    Decimals are added until a figure that differs from ``against`` also looks different, so that
    41.96 % beside a target of 42 % is not shown as 42.0 %.

    Examples
    --------
    >>> figure(80000, "person", "zh"), figure(None, "km2", "en"), figure(7.5, "m2/person", "en")
    ('80,000 人', 'no data', '7.50 m² per person')
    >>> figure(41.96, "percent", "en", against=42.0)
    '41.96%'
    """
    if value is None:
        return words("verdict", lang)["NO_DATA"]
    if unit == "yes_no":
        return words("phrase", lang)["yes" if value else "no"]
    digits = DIGITS.get(unit, 2)
    if against is not None and value != against:
        while digits < MOST_DIGITS and float(f"{value:.{digits}f}") == float(f"{against:.{digits}f}"):
            digits += 1
    return _with_unit(number(value, digits), unit, lang)


def target_figure(value: float, unit: str, lang: Lang) -> str:
    """Target with its unit, in no more decimals than the plan writes.

    Examples
    --------
    >>> target_figure(8.0, "km2", "en"), target_figure(34.5, "percent", "en")
    ('8 km²', '34.5%')
    """
    if unit == "yes_no":
        return figure(value, unit, lang)
    return _with_unit(shortest(value), unit, lang)


def shortest(value: float) -> str:
    """Number in no more decimals than it has, up to six.

    Examples
    --------
    >>> shortest(2.5), shortest(80_000.0)
    ('2.5', '80,000')
    """
    return number(value, MOST_DIGITS).rstrip("0").rstrip(".")


def _with_unit(text: str, unit: str, lang: Lang) -> str:
    name = words("unit", lang).get(unit, unit)
    return text + name if name in _CLOSE_TO_NUMBER else f"{text} {name}".rstrip()


def gap_phrase(gap: float | None, sense: str | None, unit: str, lang: Lang) -> str:
    """How far a figure is from its target, in words; empty without one.

    A positive ``gap`` is what is missing to the target; for the sense ``=`` it is target minus value.

    Examples
    --------
    >>> gap_phrase(0.5, ">=", "km2", "en"), gap_phrase(-2, "<=", "percent", "zh")
    ('short by 0.50 km²', '富余 2.0 个百分点')
    """
    if gap is None or unit == "yes_no":
        return ""
    phrase = words("phrase", lang)
    amount = figure(abs(gap), "percent_points" if unit == "percent" else unit, lang, against=0.0)
    if gap == 0:
        return phrase["reached"]
    if sense == "=":
        return phrase["off_by"].format(amount=amount)
    if gap < 0:
        return phrase["to_spare"].format(amount=amount)
    return phrase["too_much_by" if sense == "<=" else "short_by"].format(amount=amount)


def years_phrase(years_left: int | None, lang: Lang) -> str:
    """Years left to a target, in words; empty without a year.

    Examples
    --------
    >>> years_phrase(1, "en"), years_phrase(-1, "zh"), years_phrase(0, "en")
    ('1 year left', '已过 1 年', 'due this year')
    """
    if years_left is None:
        return ""
    phrase = words("phrase", lang)
    if years_left == 0:
        return phrase["this_year"]
    if abs(years_left) == 1:
        return phrase["one_year_to_go" if years_left > 0 else "one_year_past"]
    key = "years_to_go" if years_left > 0 else "years_past"
    return phrase[key].format(count=abs(years_left))
