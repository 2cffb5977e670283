"""Notebooks: stripped in git, without definitions, and they run from top to bottom without a warning."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
STRICT = """
import warnings
warnings.simplefilter("error")  # a warning in the story is a fault
warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio 1.4 multiplies affine 3 by *
"""
START = next(path for path in NOTEBOOKS if path.name == "01_start.ipynb")


def _code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_outputs_are_stripped(path):
    assert [cell for cell in _code(path) if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_only_calls(path):
    """What needs a definition belongs into the package."""
    trees = [node for cell in _code(path) for node in ast.walk(ast.parse(cell.source))]
    assert not [node for node in trees if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_text_is_in_both_languages(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    for cell in cells:
        assert any("一" <= letter <= "鿿" for letter in cell.source), cell.source
        assert any(letter.isascii() and letter.isalpha() for letter in cell.source), cell.source


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    notebook = nbformat.read(START, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": START.parent}}
    )
    return client.execute()


def _output(cell: nbformat.NotebookNode) -> str:
    texts = [output.get("text") or output.data.get("text/plain", "") for output in cell.outputs]
    return "\n".join(texts)


def test_nothing_goes_to_stderr(executed):
    streams = [output for cell in executed.cells for output in cell.get("outputs", ())]
    assert [output.text for output in streams if output.get("name") == "stderr"] == []


def test_story_ends_with_the_scorecard(executed):
    card = executed.cells[-1].outputs[0].data["text/html"]
    for indicator in ("built_up_area", "park_area_per_capita", "sponge_share", "greenway_connectivity"):
        assert indicator in card
    assert "NOT_MET" in card or "MET" in card
    assert "synthetic sample: True" in "".join(_output(cell) for cell in executed.cells if "outputs" in cell)


def test_map_is_shown(executed):
    shown = next(cell for cell in executed.cells if "county_map" in cell.source)
    assert "<iframe" in shown.outputs[0].data["text/html"]
