"""The pages of the README and the site are true, and nothing is added to the program without a word in them."""

import re
import sys

import click
import pytest

import simulator
from simulator.cli.main import main
from simulator.compute.variants import VARIANTS, model
from simulator.distributions.families import FAMILIES, describe
from simulator.plots.figure import KINDS
from simulator.priors.files import available

from .conftest import ROOT
from .documents import FOREIGN, PAGES, blocks, played

DOCS = ROOT / "docs"
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
SLOW_FIRST = sorted(PAGES, key=lambda page: -len(blocks(page, "sh", "console", "python")))


@pytest.fixture(scope="module")
def parts():
    """What the site is made of beside its text; Sphinx is not needed for it."""
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        import gallery
        import links
        import reference

        yield {"gallery": gallery, "links": links, "reference": reference}
    finally:
        sys.path.remove(str(DOCS / "_ext"))


@pytest.mark.parametrize("page", [p for p in SLOW_FIRST if blocks(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_reader_who_types_what_a_page_says_gets_what_it_shows(page, cli, here):
    assert played(page, here, cli) == []


def test_a_page_that_lies_is_told(cli, here, tmp_path):
    page = ROOT / "docs" / "lies.md"
    fences = (
        ("sh", "simulate runs lost"),
        ("sh", "rm -rf /"),
        ("console", "$ simulate --version\nsimulate, version 9"),
        ("toml", 'title = "without an end'),
    )

    class Page(type(page)):
        def read_text(self, encoding=None):
            return "".join(f"```{kind}\n{text}\n```\n" for kind, text in fences)

    wrong = played(Page(page), here, cli)
    assert len(wrong) == 4
    assert [re.match(r"docs/lies.md:(\d+)", line)[1] for line in wrong] == ["1", "4", "7", "11"]


def test_every_way_to_begin_a_foreign_line_is_used():
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.commands]
    assert all(any(line.startswith(begin) for line in lines) for begin in FOREIGN)


def commands():
    """Every command, as the words that call it, with what click knows of it."""
    waiting = [((), main)]
    while waiting:
        path, command = waiting.pop()
        if hasattr(command, "list_commands"):
            waiting += [((*path, name), command.get_command(None, name)) for name in command.list_commands(None)]
        if not path or not hasattr(command, "list_commands"):
            yield path, command


def test_every_command_is_shown_at_work_in_a_guide():
    shown = [
        " ".join(line.removeprefix("$ ").split())
        for page in PAGES
        if page.parent == DOCS / "guides" or page.parent == DOCS
        for block in blocks(page, "sh", "console")
        for line in block.text.splitlines()
    ]
    found = list(commands())
    assert len(found) > 20
    for path, _ in found:
        assert any(line.startswith(" ".join(("simulate", *path))) for line in shown), path


def test_every_command_and_option_says_what_it_is():
    for path, command in commands():
        assert command.help, path
        for option in (p for p in command.params if isinstance(p, click.Option)):
            assert option.help, (path, option.name)


def test_the_reference_has_every_command_and_every_public_name(parts):
    page = parts["reference"].command_pages()
    for path, _ in commands():
        assert f":prog: {' '.join(('simulate', *path))}\n" in page, path
    assert parts["reference"].unplaced() == set()
    for name in set(simulator.__all__) - {"__version__"}:
        assert f"simulator.{name}\n" in parts["reference"].api(), name


def test_every_kind_of_plot_is_in_the_gallery(parts, monkeypatch):
    page = parts["gallery"].page()
    assert all(f"### {kind}\n" in page for kind in KINDS)
    monkeypatch.setitem(KINDS, "new", next(iter(KINDS.values())))
    with pytest.raises(ValueError, match="new"):
        parts["gallery"].page()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_quantity_and_prior_is_in_the_reference(variant, parts, monkeypatch):
    assert (DOCS / "reference" / f"{variant}.md").read_text().count(f"<!-- make: variant {variant} -->") == 1
    page, made = parts["reference"].variant(variant), model(variant)
    for name in (*made.quantities, *made.inputs):
        assert f"({variant}-{name})=\n### {name}\n" in page, name
    for q in made.quantities.values():
        assert f"{q.name} = {q.formula}\n" in page
    quantity = next(iter(made.quantities.values()))
    monkeypatch.setitem(vars(quantity), "text", "")
    with pytest.raises(ValueError, match=quantity.name):
        parts["reference"].variant(variant)


def test_every_set_and_family_is_in_the_reference_and_the_guide(parts):
    guide, sets, families = (
        TEXT[DOCS / "guides" / "priors.md"],
        parts["reference"].sets(),
        parts["reference"].families(),
    )
    for name in available():
        assert f"`{name}`" in guide, name
        assert f"## {name}\n" in sets, name
    for name in FAMILIES:
        ways = ", ".join(f"`{way}`" for way in describe(name).split(" or "))
        assert f"| {name} | {ways} |" in families, name
    told = [line.rsplit(" | ", 1)[1] for line in families.splitlines()[2:]]
    assert len(set(told)) == len(told) == len(FAMILIES)
    for line, name in zip(told, FAMILIES, strict=True):
        assert re.sub("[^a-z]", "", line.lower()).startswith(name.split("_")[0]), line


def test_a_link_that_leads_nowhere_and_a_fetch_from_a_network_are_told(parts, tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top"></h1><a href="b.html#there">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>'
        '<a href="#top">4</a><a href="https://example.com">5</a><img src="b.png"><script src="https://x.example/y.js">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    told = "\n".join(parts["links"].broken(tmp_path))
    assert told.count("\n") == 3
    for part in ("b.html#gone leads", "c.html leads", "b.png leads", "https://x.example/y.js is fetched"):
        assert part in told


def test_links_between_pages_lead_to_files():
    """As GitHub shows them: relative links of Markdown, and the pictures."""
    for page, text in TEXT.items():
        bare = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", bare):
            assert (page.parent / target).exists(), (page, target)
