"""The architecture, held by reading the imports: a module imports only from a lower line."""

import ast
import re

import pytest

from .conftest import ROOT

PARTS = ("compute", "plots")  # packages within the package: a line each
LINES = [
    ("errors", "__init__"),
    ("numbers", "svg"),
    ("words",),
    ("laws", "graph", "units", "draws", "files", "grammar", "heaps"),
    ("composed", "copula", "reading", "structure"),
    ("notation",),
    ("fitting",),
    ("distributions", "compute"),
    ("find", "tables", "samples", "record"),
    ("ties", "summary", "storage", "shelf"),
    ("entries",),
    ("remarks", "layers"),
    ("priors",),
    ("runs", "worlds", "bins"),
    ("blocks",),
    ("tally",),
    ("checkpoints",),
    ("clusters", "statistics"),
    ("engine",),
    ("attribution", "drivers", "indices", "preintegration"),
    ("comparison", "cases", "conditioning", "pooling"),
    ("backtesting",),
    ("options", "text"),
    ("reproduce", "template", "explain", "show", "data", "show_backtest"),
    ("show_combined",),
    ("remake", "plots"),
    ("pages",),
    ("commands", "analyses"),
    ("publish", "combine"),
    ("cli",),
    ("__main__",),
]
LEVEL = {name: i for i, names in enumerate(LINES) for name in names}
PACKAGE = ROOT / "simulator"
FILES = sorted(PACKAGE.glob("*.py")) + [path for part in PARTS for path in sorted((PACKAGE / part).glob("*.py"))]


def module_of(path):
    return path.parent.name if path.parent.name in PARTS else path.stem


def imports(path):
    """(module, whether at top level) for each import from within the package."""
    tree = ast.parse(path.read_text())
    top = set(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            depth = node.level - (path.parent.name in PARTS)
            if depth == 0:
                continue  # inside a part
            names = [node.module.split(".")[0]] if node.module else [a.name for a in node.names]
            for name in names:
                yield (name if name in LEVEL else "__init__"), node in top


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_a_lower_line(path):
    module = module_of(path)
    assert module in LEVEL, f"{module} has no line: give it one in {__file__}"
    for name, _ in imports(path):
        if module == "__init__":
            continue
        assert LEVEL[name] < LEVEL[module], f"{module} imports {name}"


def test_the_statistical_half_knows_nothing_of_gpus_and_the_compute_model_nothing_of_draws():
    for name in ("laws", "composed", "notation", "distributions", "tables", "draws", "copula", "samples", "summary"):
        assert "compute" not in {n for n, _ in imports(PACKAGE / f"{name}.py")}
        assert "gpu" not in (PACKAGE / f"{name}.py").read_text().lower()
    for path in (PACKAGE / "compute").glob("*.py"):
        assert {n for n, _ in imports(path)} <= {"graph", "errors"}


CLOCKS = "perf_" + "counter|process_" + r"time|time\.time\(|timeout=\d+[,)]|sleep\(\s*(?:[1-9]|\w*[a-z])|deadline=\d"


def test_no_test_asserts_a_time():
    """A slower machine is no fault of the program: what bounds a test is HANG, and timings live in benchmarks/."""
    for path in (ROOT / "tests").glob("*.py"):
        assert not re.search(CLOCKS, path.read_text()), path


def test_functions_are_short_and_files_are_not_long():
    for path in FILES:
        assert len(path.read_text().splitlines()) <= 350, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                doc = ast.get_docstring(node, clean=False) or ""
                assert node.end_lineno - node.lineno - doc.count("\n") <= 40, (path, node.name)
