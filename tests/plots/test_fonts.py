"""Fonts: Chinese comes out where an installed font has it, and where none has, one line says so."""

import warnings

import pytest
from matplotlib import font_manager

from simulator import load_priors, simulate
from simulator.base.wording import folded
from simulator.plots import fonts
from simulator.plots.figure import plot, unwritable
from simulator.plots.layout import unfit

CHINESE = "视频模型的计算量"
INSTALLED = fonts.families([CHINESE])[1] == ""
needs_a_font = pytest.mark.skipif(not INSTALLED, reason="no installed font has Chinese characters")


@pytest.fixture(scope="module")
def run():
    return simulate(draws=1600)


def only(monkeypatch, *others):
    """Only the first font is installed, and these."""
    first = [f for f in font_manager.fontManager.ttflist if f.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [*first, *others])
    monkeypatch.setattr(fonts, "findSystemFonts", list)


@pytest.fixture
def alone(monkeypatch):
    """As if no font but the first were installed."""
    fonts._chosen.cache_clear()
    only(monkeypatch)
    yield
    fonts._chosen.cache_clear()


def test_latin_is_set_in_the_first_font_alone(run):
    assert fonts.families(["Plappert 2024 — ×10²⁵ → αβγ"]) == (["DejaVu Sans"], "")
    assert plot(run, "density").notes == ()


def test_what_the_first_font_has_not_is_looked_for_in_the_others_and_in_new_ones(monkeypatch):
    fonts._chosen.cache_clear()
    held = {"song.ttf": frozenset("视频"), "hei.ttf": frozenset("视频模型"), "new.otf": frozenset("量")}
    entries = {n: font_manager.FontEntry(fname=n, name=n[:-4], style="normal", weight=500) for n in held}
    only(monkeypatch, entries["song.ttf"], entries["hei.ttf"])
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: ["new.otf"])
    listed = font_manager.fontManager.ttflist
    monkeypatch.setattr(font_manager.fontManager, "addfont", lambda path: listed.append(entries[path]))
    monkeypatch.setattr(fonts, "_held", lambda path: held.get(path, frozenset(map(chr, range(32, 127)))))
    assert fonts.families(["a 视频模型"]) == (["DejaVu Sans", "hei"], "")
    assert fonts.families(["量"]) == (["DejaVu Sans", "new"], "")
    assert fonts.families(["视量算"]) == (["DejaVu Sans", "hei", "new"], "算")
    fonts._chosen.cache_clear()


def test_what_no_font_has_is_one_line(alone, run):
    made = plot((run, run), "forest", "training_cost", labels=[CHINESE, "b"])
    (note,) = made.notes
    assert all(c in note for c in set(CHINESE))
    assert unwritable([run], [CHINESE]) == (note,)
    assert made.encoded("png")


def test_the_command_says_so_on_standard_error(alone, cli, here):
    (here / f"{CHINESE}.toml").write_text(f'title = "{CHINESE}"\nextends = ["plappert-2024"]\n')
    for command in ("plot", "report"):
        ending = "svg" if command == "plot" else "html"
        outcome = cli(command, f"{CHINESE}.toml", "--draws", "1600", "--out", f"x.{ending}")
        assert outcome.code == 0, outcome.err
        notes = [line for line in outcome.err.splitlines() if "no installed font has" in line]
        assert len(notes) == 1


@needs_a_font
@pytest.mark.parametrize("size", ["80mm", "full"])
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_chinese_is_drawn(form, size):
    made = simulate(load_priors("plappert-2024"), draws=1600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot((made, made), "forest", "training_cost", labels=[CHINESE * 4, "b"], size=size)
        assert figure.notes == ()
        assert unfit(figure.figure) is None
        assert figure.encoded(form)
    (chosen,) = fonts.families([CHINESE])[0][1:]
    (ax,) = figure.figure.axes
    assert all(chosen in text.get_fontfamily() for text in [*ax.get_yticklabels(), ax.xaxis.label])


def test_chinese_is_folded_between_its_characters():
    assert folded(CHINESE * 3, 16).split("\n") == [CHINESE] * 3
    assert folded(f"GPU {CHINESE} 2026", 12).replace("\n", "").replace(" ", "") == f"GPU{CHINESE}2026"
    assert folded(CHINESE * 9, 16, 2) == f"{CHINESE}\n{CHINESE}…"
