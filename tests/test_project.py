"""The project itself: import direction, forbidden things, dependencies in step, the wheel, the README."""

import ast
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "qinshui_geo"
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]

RANKS = (
    {"errors"},
    {"measurement", "method", "crs", "tomlfile", "atomic", "clipping", "texts", "webassets"},
    {"grid", "plan"},
    {"profile", "layers", "zonal"},
    {"profile_template", "inspection", "sources", "indicators", "sample"},
    {"whereabouts", "sensitivity", "actions", "assessment", "gis_layers"},
    {"reading"},
    {"measuring", "fetching"},
    {"reconciliation"},
    {"county"},
    {"scorecard", "features", "symbols"},
    {"pages", "cartography"},
    {"charts", "explanations", "maps", "storage"},
    {"sections"},
    {"report"},
    {"outputs", "cli_options"},
    {"batch"},
    {"cli", "__init__"},
)
"""Data flow one way: a module imports from lower ranks, or from its own package."""

INDICATORS_MAY_IMPORT = {"measurement", "crs", "clipping", "grid", "zonal", "errors", "indicators"}
NETWORK_MODULES = {"socket", "ssl", "ftplib", "requests", "urllib3", "httpx", "aiohttp", "osmnx"}
CONDA_NAMES = {"osmium": "pyosmium"}
"""Names on conda-forge that differ from those of pyproject.toml."""


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _place(path: Path) -> str:
    """The name of a module by which its rank is known: its package below qinshui_geo, or its own."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    """Dotted names of everything that a module imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _own_imports(path: Path) -> set[str]:
    """Places within the package that a module imports."""
    return {name.split(".")[1] for name in _imports(path) if name.startswith("qinshui_geo.")}


def _rank(place: str) -> int:
    rank = next((number for number, places in enumerate(RANKS) if place in places), None)
    assert rank is not None, f"give {place} its place in RANKS"
    return rank


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path):
    place = _place(path)
    backward = {other for other in _own_imports(path) if other != place and _rank(other) >= _rank(place)}
    assert backward == set()


def test_indicators_can_be_called_with_any_frame():
    for path in (PACKAGE / "indicators").glob("*.py"):
        assert _own_imports(path) <= INDICATORS_MAY_IMPORT, path.name


def test_only_the_command_line_knows_the_sample():
    users = {_place(path) for path in _modules() if "sample" in _own_imports(path)}
    assert users <= {"cli", "__init__", "sample"}


def _importers(*tops: str) -> set[str]:
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in _modules()
        if any(name.split(".")[0] in tops for name in _imports(path))
    }


def test_only_maps_and_report_know_folium():
    assert _importers("folium", "branca") <= {"maps.py", "report.py"}


def test_only_the_overpass_source_knows_osmnx():
    assert _importers("osmnx") <= {"sources/overpass.py"}


def test_only_sources_open_connections():
    outside = {name for name in _importers(*NETWORK_MODULES) if not name.startswith("sources/")}
    assert outside == set()
    for path in _modules():
        named = {name for name in _imports(path) if name.startswith(("urllib.request", "http.client"))}
        assert not named or _place(path) == "sources", path.name


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_stay_readable(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300


def test_import_is_light():
    """Importing the package costs nothing: the heavy libraries come when they are used."""
    code = "import qinshui_geo, sys; print(*{'geopandas', 'folium', 'osmnx'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def _tracked_texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that git has or would take."""
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout, so the files of the repository are not known")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in filter(None, listing.decode().split("\0")):
        path = REPOSITORY / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content[:8000]:
            yield name, content.decode("utf-8", errors="replace")


def test_no_registry_host_or_machine_path_in_any_file():
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"]
    paths = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "pypi"]
    found = {(name, word) for name, text in _tracked_texts() for word in hosts + paths if word in text}
    assert found == set()


def test_nothing_sets_the_proj_folders():
    """rasterio, pyogrio and pyproj each carry their own PROJ data: one variable would break two of them."""
    words = ["PROJ_" + "DATA", "PROJ_" + "LIB"]
    code = {name: text for name, text in _tracked_texts() if not name.endswith(".md")}
    assert {name for name, text in code.items() if any(word in text for word in words)} == set()


def _core() -> dict[str, Requirement]:
    return _by_name(PYPROJECT["dependencies"])


def _extras(*names: str) -> dict[str, Requirement]:
    texts = (text for name in names for text in PYPROJECT["optional-dependencies"][name])
    return _by_name(text for text in texts if not text.startswith("qinshui-geo["))


def _by_name(texts) -> dict[str, Requirement]:
    requirements = [Requirement(text) for text in texts]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def _environment() -> dict[str, Requirement]:
    text = (REPOSITORY / "environment.yml").read_text(encoding="utf-8")
    items = re.findall(r"^\s+- ([^:\n]+)$", text.partition("dependencies:")[2], flags=re.MULTILINE)
    return _by_name(item for item in items if item != "-e .")


def test_environment_has_every_core_dependency_with_its_bound():
    environment = _environment()
    for name, requirement in _core().items():
        conda = CONDA_NAMES.get(name, name)
        assert conda in environment, f"environment.yml lacks {conda}"
        assert environment[conda].specifier == requirement.specifier, conda
    assert environment["python"].specifier == PYPROJECT["requires-python"]


def test_environment_has_nothing_that_pyproject_does_not_know():
    known = {CONDA_NAMES.get(name, name) for name in _core() | _extras(*PYPROJECT["optional-dependencies"])}
    assert set(_environment()) - known == {"python", "pip"}
    assert "- -e ." in (REPOSITORY / "environment.yml").read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, Requirement]:
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    return _by_name(line for line in lines if not line.startswith("#"))


def test_pins_fit_pyproject_and_are_neutral():
    core, everything = _pins("requirements.txt"), _pins("requirements.txt") | _pins("requirements-dev.txt")
    for wanted, pins in ((_core(), core), (_extras("test", "lint", "bench"), everything)):
        for name, requirement in wanted.items():
            (pin,) = pins[name].specifier
            assert requirement.specifier.contains(pin.version), f"{name} {pin.version}"
    exact = r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*"  # no local version, address or hash
    assert all(re.fullmatch(exact, f"{pin.name}{pin.specifier}") for pin in everything.values())
    assert set(core).isdisjoint(_pins("requirements-dev.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Wheel of a copy of the package, built as `pip install .` builds it, without the network."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    shutil.copytree(PACKAGE, copy / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", out, copy], check=True)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_all_package_data_and_no_tests(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        path.relative_to(REPOSITORY).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert ours <= inside
    assert {"qinshui_geo/plans/qinshui.toml", "qinshui_geo/profiles/qinshui.toml"} <= inside
    assert not [name for name in inside if name.startswith("tests")]
    assert [name for name in inside if name.endswith("licenses/LICENSE")]


def test_installed_package_works_without_the_repository(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import qinshui_geo, qinshui_geo.plan, qinshui_geo.profile as profile;"
        "print(qinshui_geo.__file__);"
        "print(profile.load_profile('qinshui').adcode, qinshui_geo.plan.load_plan('qinshui').id)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    place, answer = run.stdout.splitlines()
    assert Path(place).is_relative_to(tmp_path)
    assert answer == "140521 qinshui"


def _readme() -> str:
    return (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_readme_names_the_two_commands():
    assert "make report" in _readme()
    assert "make test" in _readme()


def _commands(name: str) -> list[list[str]]:
    """Every `qinshui-geo ...` line in the code blocks of a document, continuation lines joined."""
    text = (REPOSITORY / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^qinshui-geo .+$", text, flags=re.MULTILINE)
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_documented_commands_exist(name):
    group = importlib.import_module("qinshui_geo.cli").cli
    for words in _commands(name):
        assert words[0] in group.commands, f"no command {words[0]}"
        known = {option for param in group.commands[words[0]].params for option in param.opts}
        used = {word for word in words[1:] if word.startswith("--")}
        assert used <= known | {"--help"}, words


def test_documented_python_names_exist():
    package = importlib.import_module("qinshui_geo")
    names = set(re.findall(r"\bqg\.(\w+)", _readme()))
    assert names
    assert {name for name in names if not hasattr(package, name)} == set()


def test_readme_tells_every_option_of_measure():
    measure = importlib.import_module("qinshui_geo.cli").cli.commands["measure"]
    options = {option for param in measure.params for option in param.opts if option.startswith("--")}
    assert {option for option in options if option not in _readme()} == set()
