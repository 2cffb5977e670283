"""Fixtures that more than one test module needs: where the real extracts are."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No time limits: a busy machine is no fault. In CI the examples are the same in every run.
settings.register_profile(
    "project", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

REPOSITORY = Path(__file__).resolve().parent.parent


def _shared(folder: str, variable: str) -> Path:
    """The folder named by an environment variable, else the one beside the repository."""
    named = os.environ.get(variable)
    return Path(named) if named else REPOSITORY.parent / "shared" / folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root folder of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real extracts; the test is skipped where they are absent."""
    folder = _shared("data", "QINSHUI_GEO_REAL_DATA")
    if not folder.is_dir():
        pytest.skip(f"no real extracts in {folder}; name their folder in QINSHUI_GEO_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def real_plan() -> Path:
    """Text of the published action plan; the test is skipped where it is absent."""
    path = _shared("plan", "QINSHUI_GEO_REAL_PLAN") / "action_plan.txt"
    if not path.is_file():
        pytest.skip(f"no plan text at {path}; name its folder in QINSHUI_GEO_REAL_PLAN")
    return path
