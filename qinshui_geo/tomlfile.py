"""Reads a TOML file into a checked model; every fault is named with its file and key."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from qinshui_geo.errors import QinshuiGeoError

Model = TypeVar("Model", bound=BaseModel)


def read_model(path: Path, model: type[Model], error: type[QinshuiGeoError]) -> Model:
    """Read ``path`` as TOML and check it against ``model``.

    Raises
    ------
    QinshuiGeoError
        Of the kind ``error``: missing file, invalid TOML, unknown key (with the nearest known one),
        missing key, or a value out of bounds; all faults of the file in one message.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise error("the file does not exist", where=str(path), mend="check the path") from None
    except UnicodeDecodeError:
        raise error("the file is not UTF-8", where=str(path), mend="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise error(f"not valid TOML: {fault}", where=str(path), mend="mend the named line") from None
    except (OSError, ValueError) as fault:
        raise error(f"cannot read: {fault}", where=str(path), mend="check the path") from None
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        faults = "; ".join(_say(model, item["loc"], item["type"], item["msg"]) for item in fault.errors())
        raise error(faults, where=str(path), mend="correct the named keys and run again") from None


def _say(model: type[BaseModel], loc: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), _keys_at(model, loc[:-1]), n=1)
        return f"unknown key '{key}'" + (f", did you mean '{near[0]}'?" if near else "")
    if kind == "missing":
        return f"key '{key}' is missing"
    return f"key '{key}': {message.removeprefix('Value error, ')}"


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Known keys of the table at ``loc``, or none where it is not a plain sub-model."""
    current: type[BaseModel] = model
    for part in loc:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part)
        inner = field.annotation if field else None
        models = [c for c in (inner, *getattr(inner, "__args__", ())) if isinstance(c, type)]
        sub = next((c for c in models if issubclass(c, BaseModel)), None)
        if sub is not None:
            current = sub
    return list(current.model_fields)
