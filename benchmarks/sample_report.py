"""The whole report of the sample, in a process of its own, against the limits of 15 s and 1.5 GB."""

import sys
import tempfile
from pathlib import Path

from running import COMMAND, REPOSITORY, median, run

LIMIT_S = 15.0
LIMIT_MB = 1500.0
SAMPLE = REPOSITORY / "data/raw/qinshui_sample"


def main() -> int:
    with tempfile.TemporaryDirectory() as out:
        took = median([run(COMMAND, "report", SAMPLE, "--out", Path(out) / "sample") for _ in range(3)])
    print(
        f"sample report: {took.seconds:.1f} s = {took.seconds / LIMIT_S:.2f} of the limit of {LIMIT_S:.0f} s"
    )
    print(f"               {took.megabytes:.0f} MB = {took.megabytes / LIMIT_MB:.2f} of {LIMIT_MB:.0f} MB")
    return int(took.seconds > LIMIT_S or took.megabytes > LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
