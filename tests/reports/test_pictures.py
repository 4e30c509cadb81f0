"""The figures of a page: drawn together, in one process or two, and left out where there is nothing to draw."""

from simulator import simulate
from simulator.base.processes import in_two, one_by_one
from simulator.reports.document import Pending, Picture
from simulator.reports.pictures import LONGEST
from simulator.reports.report import page, report


def figures(made):
    return [block for section in made.sections for block in section.blocks if isinstance(block, Picture)]


def shared(run, share, pictures=True):
    return page(run, None, ("A", "B"), pictures, (), share)


def test_two_processes_draw_the_page_of_one():
    run, taken = simulate(draws=16_000), []

    def noted(jobs):
        taken.append(len(jobs))
        return in_two(jobs)

    made = shared(run, noted)
    assert made.render("html") == report(run).render("html")
    assert taken == [len(figures(made))]


def test_figures_keep_their_order_and_those_that_take_long_are_drawn_first():
    drawn = []

    def noted(jobs):
        made = one_by_one(jobs)
        drawn.extend(p.kind for pictures in made for p in pictures)
        return made

    shown = [p.kind for p in figures(shared(simulate(draws=16_000), noted))]
    long = [k for k in shown if k in LONGEST]
    assert drawn == long + [k for k in shown if k not in LONGEST]
    assert drawn != shown


def test_a_section_of_figures_alone_is_left_out_where_none_can_be_drawn():
    point = report(
        simulate("evidence-2026", draws=1600, quantities=["training_cost"]), without=("crossover", "modalities")
    )
    titles = [s.title for s in point.sections]
    assert "Training against inference" not in titles
    assert "What was assumed" in titles
    assert not any(isinstance(block, Pending) for s in point.sections for block in s.blocks)


def test_a_kind_that_a_page_does_without_is_not_drawn():
    kinds = [p.kind for p in figures(report(simulate(draws=16_000), without=("priors",)))]
    assert kinds
    assert "priors" not in kinds


def test_a_page_without_figures_shares_nothing():
    taken = []
    made = shared(simulate(draws=1600), lambda jobs: taken.append(len(jobs)) or [], pictures=False)
    assert taken == [0]
    assert not figures(made)
    assert made.sections == report(simulate(draws=1600), pictures=False).sections
