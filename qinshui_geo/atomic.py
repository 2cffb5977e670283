"""Writes a file whole or not at all: under a temporary name beside it, then renamed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qinshui_geo.errors import OutputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Temporary path in the folder of ``path``; it takes the place of ``path`` when the block ends well.

    Missing folders are made. The temporary name keeps the suffix, since writers choose the format by it.
    If the block fails, the temporary file is removed and what stood at ``path`` is untouched.

    Raises
    ------
    OutputError
        If the folder cannot be written to, the disk is full or the file is open elsewhere.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "page.html") as temporary:
    ...         _ = temporary.write_text("whole", encoding="utf-8")
    ...     (Path(folder) / "page.html").read_text(encoding="utf-8")
    'whole'
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".writing-", dir=path.parent, ignore_cleanup_errors=True
        ) as room:
            temporary = Path(room) / path.name
            yield temporary
            temporary.replace(path)
    except OSError as fault:
        raise OutputError(
            f"cannot write the file: {fault.strerror or fault}", where=str(path),
            mend="close programs that hold it open, check the folder's rights and the free space",
        ) from fault  # fmt: skip
