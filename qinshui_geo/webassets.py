"""Leaflet and jQuery as text from the installed packages, so that pages open without internet."""

from __future__ import annotations

import base64
import mimetypes
import re
from functools import cache
from importlib import metadata
from pathlib import Path

from qinshui_geo.errors import OutputError


def leaflet_js() -> str:
    """Script of Leaflet."""
    return _script("XStatic-Leaflet", "xstatic/pkg/leaflet/data/leaflet.js")


def jquery_js() -> str:
    """Script of jQuery, which folium's elements may call."""
    return _script("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js")


@cache
def leaflet_css() -> str:
    """Leaflet's style sheet with its pictures inside, as ``data:`` addresses."""
    sheet = _file("XStatic-Leaflet", "xstatic/pkg/leaflet/data/leaflet.css")
    text = sheet.read_text(encoding="utf-8")
    return re.sub(r"url\(([\w./-]+)\)", lambda found: _data_address(sheet.parent / found[1]), text)


@cache
def _script(package: str, inner: str) -> str:
    """Script without its reference to a source map, which browsers' tools would ask for."""
    text = _file(package, inner).read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def _file(package: str, inner: str) -> Path:
    """File of an installed package, found without importing it (its import warns)."""
    mend = f"pip install {package}"
    try:
        path = Path(str(metadata.distribution(package).locate_file(inner)))
    except metadata.PackageNotFoundError:
        raise OutputError(f"the package {package} is not installed", where=package, mend=mend) from None
    if not path.is_file():
        raise OutputError(f"the package {package} lacks a file", where=str(path), mend=mend)
    return path


def _data_address(picture: Path) -> str:
    kind = mimetypes.types_map[picture.suffix]
    return f"url(data:{kind};base64,{base64.b64encode(picture.read_bytes()).decode('ascii')})"
