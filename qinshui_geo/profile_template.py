"""Writes the text of a new county profile, commented, for a user to fill in."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from string import Template

from pydantic import ValidationError

from qinshui_geo.errors import ProfileError
from qinshui_geo.profile import CountyProfile


def new_profile(
    id: str,
    *,
    name_zh: str,
    name_en: str,
    adcode: str | None = None,
    seat: tuple[float, float] | None = None,
    crs: str | None = None,
) -> str:
    """Text of a new profile; what is not known yet stands in it as a comment.

    Parameters
    ----------
    id : str
        Short name of lower-case letters, digits and underscores.
    name_zh, name_en : str
        The county's names; any characters.
    adcode : str, optional
        Administrative code, six digits.
    seat : tuple of float, optional
        Longitude and latitude of the seat in WGS84 degrees.
    crs : str, optional
        Metric CRS, for example ``EPSG:4546``.

    Returns
    -------
    str
        TOML that `qinshui_geo.profile.load_profile` reads, to be saved as UTF-8.

    Raises
    ------
    ProfileError
        If a value would not hold in a profile; the key is named.

    Examples
    --------
    >>> text = new_profile("yangcheng", name_zh="阳城县", name_en="Yangcheng County", adcode="140522")
    >>> [line for line in text.splitlines() if "140522" in line or "seat =" in line]
    ['adcode = "140522"', '# seat = [112.187, 35.690]']
    """
    place = None if seat is None else f"[{float(seat[0])!r}, {float(seat[1])!r}]"
    text = Template(_template()).substitute(
        id=_quoted(id),
        name_zh=_quoted(name_zh),
        name_en=_quoted(name_en),
        adcode_line=_line("adcode", None if adcode is None else _quoted(adcode), example='"140521"'),
        seat_line=_line("seat", place, example="[112.187, 35.690]"),
        crs_line=_line("crs", None if crs is None else _quoted(crs), example='"EPSG:4546"'),
    )
    _check(text)
    return text


def _template() -> str:
    return (resources.files("qinshui_geo") / "templates" / "profile.toml").read_text(encoding="utf-8")


def _line(key: str, value: str | None, *, example: str) -> str:
    return f"# {key} = {example}" if value is None else f"{key} = {value}"


def _quoted(text: str) -> str:
    """TOML basic string: JSON's form, with DEL escaped too, which JSON leaves bare and TOML forbids."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ProfileError(
            f"{text!r} is not valid Unicode text", mend="give the name in UTF-8, without lone surrogates"
        ) from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check(text: str) -> None:
    """Refuse values that the reader of profiles would refuse later."""
    try:
        CountyProfile.model_validate(tomllib.loads(text))
    except ValidationError as fault:
        said = "; ".join(
            f"key '{item['loc'][0]}': {item['msg'].removeprefix('Value error, ')}" for item in fault.errors()
        )
        mend = "give other values for the named keys"
        if any(item["loc"][0] == "id" for item in fault.errors()):
            mend = "name it in small Latin letters, digits and _ (yangcheng); --zh takes its Chinese name"
        raise ProfileError(said, mend=mend) from None
