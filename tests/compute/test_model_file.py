"""A model of one's own: what its file may say, a line for each mistake, units proved, its whole source its identity."""

import numpy as np
import pytest

from simulator import InputError, load_model
from simulator.compute import model_file, models, proof, units
from simulator.compute.variants import model as shipped

GOOD = '''\
"""Shops."""
import numpy as np
from simulator import Constant, Input, quantity

UNITS = ("loaf = [loaf]", "dozen = 12 loaf")
PRIORS = (
    Input("bakers", "1", "people who bake"),
    Input("loaves_each", "loaf/hour", "loaves of one"),
    Input("price", "USD/loaf", "price of a loaf"),
    Input("sold", "1", "share that is sold", 0, 1),
)
CONSTANTS = (Constant("opening_hours", 8.0, "hour/day", "hours in a day"),)


@quantity("loaf/day")
def loaves(bakers, loaves_each, opening_hours):
    """Loaves in a day."""
    baked = bakers * loaves_each
    return baked * opening_hours


@quantity("USD/day")
def takings(loaves, price, sold):
    """What is earned in a day."""
    return loaves * price * np.minimum(sold, sold)


HEADLINE = ("takings",)
STORY = (("takings", "The shop takes {} USD a day {}"),)
'''


def read(text=GOOD, name="shop"):
    return model_file.read(name, text, f"{name}.py")


def line_of(text, part):
    return next(i for i, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_file_is_a_model():
    m = read()
    assert list(m.quantities) == ["loaves", "takings"]
    assert m.own == ("bakers", "loaves_each", "price", "sold")
    assert m.told.headline == ("takings",)
    values = {"bakers": 2.0, "loaves_each": 10.0, "price": 3.0, "sold": np.array([0.5, 1.0])}
    np.testing.assert_array_equal(m.evaluate(values, ["takings"])["takings"], [240.0, 480.0])
    assert m.quantities["loaves"].formula == "baked = bakers * loaves_each; return baked * opening_hours"
    assert m.key == f"shop@{m.hash}"


WRONG = {  # what is changed, into what, where the mistake is said to be, and what of it is said
    "syntax": ("return baked *", "return baked **/", "return baked **/", "is not Python: invalid syntax"),
    "an import": ("import numpy as np", "import nympy as np", "import nympy", "ModuleNotFoundError: No module named"),
    "no docstring": ('    """Loaves in a day."""\n', "", "def loaves(", "loaves has no docstring"),
    "an unknown name": ("def loaves(bakers,", "def loaves(baker,", "def loaves(", "did you mean 'bakers'"),
    "an unread prior": ("takings(loaves, price, sold)", "takings(loaves, price)", '"sold"', "is read by no quantity"),
    "a cycle": ("def loaves(bakers,", "def loaves(takings, bakers,", "def loaves(", "loaves -> takings -> loaves"),
    "a unit of another dimension": ('@quantity("USD/day")', '@quantity("USD/hour**2")', "def takings(", "declared in"),
    "money from a pure number": ("return loaves * price *", "return sold *", "def takings(", "declared in USD/day"),
    "an unknown unit": ('"USD/loaf"', '"EUR/loaf"', '"price"', "the unit 'EUR/loaf' is not known"),
    "a sum of unlike things": ("= bakers * loaves_each", "= bakers + loaves_each", "def loaves(", "puts"),
    "a missing factor": ('"hour/day", "hours', '"s/day", "hours', "def loaves(", "is off by a factor of"),
    "a shipped prior's name": ('Input("price",', 'Input("gpu_price",', '"gpu_price"', "gpu_price is a shipped prior"),
    "a shipped constant's name": (
        "opening_hours",
        "hours_per_day",
        '"hours_per_day", 8',
        "24 hour/day, which can",
    ),
    "a bare number beside a unit": (
        "= bakers * loaves_each",
        "= np.where(loaves_each > 3, 1, 2) * bakers * loaves_each",
        "def loaves(",
        "give the number as a constant with that unit",
    ),
    "a mark without a unit": ('@quantity("loaf/day")', "@quantity", "@quantity", "without its unit: write @quantity("),
    "a reserved name": ("bakers", "draw", 'Input("draw"', "is not the name of a prior"),
    "a name twice": ('Input("sold",', 'Input("Price",', '"Price"', "Price stands twice"),
    "no number": ("return loaves * price * np.minimum(sold, sold)", "return 'much'", "def takings(", "no finite value"),
    "chance": ("np.minimum(sold, sold)", "np.random.random()", "def takings(", "gives of arrays other values"),
    "a mean over draws": ("np.minimum(sold, sold)", "np.mean(sold)", "def takings(", "gives of arrays other values"),
    "an input that is changed": ("baked = bakers", "bakers *= 1; baked = bakers", "def loaves(", "cannot be computed"),
    "a branch": (
        "    return baked",
        "    if bakers > 3: baked = baked * 1\n    return baked",
        "def loaves(",
        "of arrays",
    ),
    "what knows no units": ("np.minimum(sold, sold)", "float(np.asarray(price))", "def takings(", "of arrays"),
    "a headline of nothing": (
        'HEADLINE = ("takings",)',
        'HEADLINE = ("taking",)',
        "HEADLINE",
        "did you mean 'takings'",
    ),
    "a comma missing": ('HEADLINE = ("takings",)', 'HEADLINE = ("takings")', "HEADLINE", "a comma is missing"),
    "a story with a place too many": ("{} USD a day {}", "{} USD {} a {}", "STORY", "holds other places than"),
    "a default": ("loaves_each, opening_hours)", "loaves_each, opening_hours=8)", "def loaves(", "takes names alone"),
    "a unit of nothing": ('"dozen = 12 loaf"', '"score = 20 bun"', "UNITS", "is of no unit that is known"),
    "a unit of the program's": ('"dozen = 12 loaf"', '"hour = 12 loaf"', "UNITS", "is one of the program's"),
    "an end of the program": ("import numpy as np", "import sys; sys.exit()", "", "ends the program"),
    "a range upside down": (
        '"share that is sold", 0, 1)',
        '"share that is sold", 1, 0)',
        '"sold"',
        "is not below high",
    ),
    "an unknown variant": ("HEADLINE =", 'EXTENDS = "token"\nHEADLINE =', "EXTENDS", "there is no variant 'token'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_line_with_file_and_line(name):
    old, new, place, said = WRONG[name]
    assert old in GOOD
    text = GOOD.replace(old, new)
    with pytest.raises(InputError) as caught:
        read(text)
    where = f"shop.py:{line_of(text, place)}:" if place else "shop.py:"
    found = [line for line in caught.value.lines if said in line]
    assert found, caught.value.lines
    assert found[0].startswith(where), found
    assert all("\n" not in line for line in caught.value.lines)


def test_a_clause_without_an_interval_is_remarked_on(cli, here):
    for story, said in (("The shop takes {} USD", "one {} alone"), ("The shop is good", "no {}"), ("{1} or {0}", "")):
        (here / "shop.py").write_text(GOOD.replace("The shop takes {} USD a day {}", story))
        out = " ".join(cli("models", "check", "shop.py").out.split())
        assert ("tells no interval" in out) == bool(said)
        assert said in out


def test_several_mistakes_are_a_line_each():
    text = GOOD.replace('    """Loaves in a day."""\n', "").replace(
        "takings(loaves, price, sold)", "takings(loaves, prize, sold)"
    )
    with pytest.raises(InputError) as caught:
        read(text)
    assert len(caught.value.lines) == 3  # no docstring, an unknown name, an unread prior


def test_an_error_while_drawing_is_one_line_with_its_place():
    text = GOOD.replace(
        "    return baked *", "    if np.ndim(bakers) and np.size(bakers) > 5: raise KeyError('x')\n    return baked *"
    )
    m, many = read(text), np.full(10, 2.0)
    with pytest.raises(InputError, match=rf"shop\.py:{line_of(text, 'def loaves')}: loaves: KeyError: 'x'"):
        m.evaluate({"bakers": many, "loaves_each": many, "price": many, "sold": many}, ["takings"])


def test_what_knows_no_units_is_left_out_of_the_proof_when_it_says_so():
    text = GOOD.replace("import numpy as np", "import numpy as np\nfrom scipy.special import erf")
    text = text.replace("np.minimum(sold, sold)", "erf(sold)")
    with pytest.raises(InputError, match=r"cannot be proved.*proved=False"):
        read(text)
    free = text.replace('@quantity("USD/day")', '@quantity("USD/day", proved=False)')
    assert not read(free).quantities["takings"].proved


def test_the_whole_source_is_the_identity():
    """A constant within a function, and even a comment: the key and the digest are others."""
    one, other, told = (
        read(),
        read(GOOD.replace("baked * opening", "baked * 1 * opening")),
        read(GOOD + "# a comment\n"),
    )
    assert len({m.key for m in (one, other, told)}) == 3
    assert len({m.source() for m in (one, other, told)}) == 3
    assert read().key == one.key


def test_a_quantity_of_several_statements_has_all_of_them_for_its_formula():
    """`k = 2; return a * k` and `k = 3; ...` were one formula, and so one digest."""
    texts = [GOOD.replace("    baked = ", f"    factor = {k}\n    baked = factor * ") for k in (2, 3)]
    assert len({read(t).quantities["loaves"].formula for t in texts}) == 2


def test_shipped_formulas_are_single_expressions():
    """So that their digests stay what they were."""
    for variant in ("dit-scaling", "token-accounting", "token-utilization"):
        assert all(";" not in q.formula and "return" not in q.formula for q in shipped(variant).quantities.values())


def test_the_proof_fails_where_a_formula_is_broken():
    m = read()
    m.quantities["takings"] = m.quantities["loaves"].__class__("takings", lambda loaves: loaves, "USD/day")
    assert [name for name, _ in proof.mistakes(m, m.quantities)] == ["takings"]


def test_shipped_priors_and_constants_can_be_read():
    text = GOOD.replace("def loaves(bakers,", "def loaves(gpu_price, hours_per_day, bakers,")
    text = text.replace(
        "return baked * opening_hours",
        "return baked * opening_hours * gpu_price / gpu_price * hours_per_day / hours_per_day",
    )
    m = read(text)
    assert {"gpu_price", "bakers"} <= set(m.inputs)
    assert m.own == ("bakers", "loaves_each", "price", "sold")


def test_a_file_may_extend_a_shipped_variant():
    text = '''\
from simulator import Input, quantity
EXTENDS = "token-accounting"
PRIORS = (Input("staff_cost", "USD", "what people cost", neutral=0.0),)
@quantity("USD")
def project_cost(training_cost, staff_cost):
    """Cost of a project: GPUs and people."""
    return training_cost + staff_cost
'''
    m, base = read(text, "extra"), shipped("token-accounting")
    assert set(m.quantities) == {*base.quantities, "project_cost"}
    assert m.told.headline == (*base.told.headline, "project_cost")
    assert m.told.caveats == base.told.caveats
    with pytest.raises(InputError, match="training_cost is a quantity of token-accounting"):
        read(text.replace("project_cost", "training_cost"), "extra")


def test_a_unit_that_another_file_means_otherwise_is_refused():
    units.define("bagel = [bagel]")
    units.define("bagel = [bagel]")
    with pytest.raises(InputError, match="is \\[bagel\\] of another model"):
        units.define("bagel = 2 loaf")


@pytest.mark.parametrize("name", ["dit-scaling", "a-b", "a.b", "", "ü", "x" * 61, "1a"])
def test_a_name_that_no_model_can_have_is_refused(name):
    with pytest.raises(InputError):
        model_file.read(name, GOOD, "file.py")


def test_more_priors_than_there_are_columns_are_refused():
    many = "".join(f'    Input("p{i}", "1", "x"),\n' for i in range(260))
    text = GOOD.replace("PRIORS = (\n", f"PRIORS = (\n{many}")
    with pytest.raises(InputError, match="264 priors are too many: at most 256"):
        read(text)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nothing.py", "cannot be read"),
        ("nothing", "no package has installed a model"),
        ("a.txt", "name a file of formulas"),
        (".", "name a file of formulas"),
    ],
)
def test_a_file_that_is_none_is_said_in_one_line(here, file, said):
    with pytest.raises(InputError, match=said):
        load_model(file)


def test_a_file_is_loaded_by_its_path(here):
    (here / "shop.py").write_text(GOOD)
    m = load_model("shop.py")
    assert m.asked == "shop.py"
    assert models.model_of(m.key) is load_model(here / "shop.py")
