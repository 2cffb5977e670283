"""Runs one command in a process of its own and says how long it took and how much memory it held."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("qinshui-geo")
BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


class Run(NamedTuple):
    seconds: float
    megabytes: float
    output: str


def run(*words: str | Path) -> Run:
    """Wall time and peak memory of a command; the benchmark ends with its message if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    with process.stdout as stream:
        output = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{words[0]} failed with exit code {process.returncode}")
    return Run(seconds, usage.ru_maxrss * BYTES_PER_MAXRSS / 1e6, output)


def median(runs: list[Run]) -> Run:
    """The run of median time."""
    return sorted(runs)[len(runs) // 2]
