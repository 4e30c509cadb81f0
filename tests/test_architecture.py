"""The architecture beyond the order of the wings, which import-linter holds (`make lint`)."""

import ast
import re

from .conftest import ROOT

PACKAGE = ROOT / "simulator"
FILES = sorted(PACKAGE.rglob("*.py"))
STATISTICAL = ("statistics", "distributions", "engine/sampling")


def imported(path):
    """The modules of the package that a file imports, as dotted paths from its root."""
    here = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = here[: len(here) - node.level + 1]
            yield ".".join([*above, *(node.module or "").split(".")]).strip(".")


def test_the_statistical_half_knows_nothing_of_gpus():
    for path in (p for part in STATISTICAL[:2] for p in (PACKAGE / part).glob("*.py")):
        assert "gpu" not in path.read_text().lower(), path
    for path in (PACKAGE / "engine/sampling").glob("*.py"):
        assert "gpu" not in path.read_text().lower(), path
        assert not any("formulas" in name for name in imported(path)), path


def test_the_formulas_know_nothing_of_draws():
    for path in (PACKAGE / "compute/formulas").glob("*.py"):
        assert set(imported(path)) <= {"compute.graph"}, path


def test_a_wing_says_in_a_sentence_what_it_is():
    wings = [path for path in FILES if path.name == "__init__.py" and path.parent != PACKAGE]
    assert len(wings) >= 11
    for path in wings:
        (only,) = ast.parse(path.read_text()).body
        assert isinstance(only, ast.Expr), path


CLOCKS = "perf_" + "counter|process_" + r"time|time\.time\(|timeout=\d+[,)]|sleep\(\s*(?:[1-9]|\w*[a-z])|deadline=\d"


def test_no_test_asserts_a_time():
    """A slower machine is no fault of the program: what bounds a test is HANG, and timings live in benchmarks/."""
    for path in (ROOT / "tests").rglob("*.py"):
        assert not re.search(CLOCKS, path.read_text()), path


def test_functions_are_short_and_files_are_not_long():
    for path in FILES:
        assert len(path.read_text().splitlines()) <= 350, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                doc = ast.get_docstring(node, clean=False) or ""
                assert node.end_lineno - node.lineno - doc.count("\n") <= 40, (path, node.name)


def test_no_test_module_imports_from_another():
    """What several need stands in tests/conftest.py or a plain module of tests/."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                names = [node.module or "", *(alias.name for alias in node.names)]
                assert not any(part.startswith("test_") for name in names for part in name.split(".")), path
