"""The name that was meant: case and marks first, then beginnings and parts, and only then what is similar."""

import pytest

from simulator import InputError, load_priors
from simulator.base.errors import meant, nearest
from simulator.compute.variants import model
from simulator.distributions.register import FAMILIES
from simulator.priors.files import available, find

GPUS = "a100 b200 b300 gb200 h100-sxm h20 h200 mi300x mi355x tpu-v5p tpu-v6e tpu-v7".split()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("H100", "h100-sxm"),
        ("A100", "a100"),
        ("MI300X", "mi300x"),
        ("h100", "h100-sxm"),
        ("H200", "h200"),
        ("H100_SXM", "h100-sxm"),
        ("tpu v7", "tpu-v7"),
        ("H20", "h20"),
    ],
)
def test_a_gpu_is_found_whatever_its_case_and_by_its_first_words(name, known):
    assert sorted(available("gpus")) == GPUS
    assert find(name, "gpus")[0].stem == known
    chosen = load_priors(gpu=name)
    assert (chosen.name, chosen.gpu, chosen.layers[-1]) == (f"plappert-2024+{known}", known, known)
    assert chosen.to_json() == load_priors(gpu=known).to_json()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mi300", "did you mean 'mi300x'?"),
        ("tpu", "did you mean 'tpu-v7' or 'tpu-v5p' or 'tpu-v6e'?"),
        ("a100-80gb", "did you mean 'a100'?"),
        ("355x", "did you mean 'mi355x'?"),
        ("b2000", "did you mean 'b200'?"),
        ("gb20", "did you mean 'gb200'?"),
    ],
)
def test_a_gpu_that_may_be_meant_is_named(name, told):
    with pytest.raises(InputError, match="there is no GPU") as caught:
        find(name, "gpus")
    assert str(caught.value).endswith(told)


def test_priors_and_quantities_are_found_whatever_their_case():
    inputs, quantities = (list(getattr(model("dit-scaling"), x)) for x in ("inputs", "quantities"))
    assert load_priors(set={"Training_MFU": 0.5}).priors["training_mfu"].distribution.value == 0.5
    assert model("dit-scaling").quantity("Training-H100s").name == "training_h100s"
    assert nearest("mfu", inputs) == "did you mean 'training_mfu' or 'inference_mfu'?"
    assert nearest("mfu_training", inputs) == "did you mean 'training_mfu'?"
    assert nearest("training_gpu", quantities) == "did you mean 'training_gpus' or 'training_gpu_hours'?"
    assert nearest("paramters", inputs) == "did you mean 'parameters'?"
    assert nearest("Lognorml", FAMILIES) == "did you mean 'lognormal'?"
    assert nearest("comapre", ["compare", "condition", "explain"]) == "did you mean 'compare'?"


def test_a_list_shows_the_likeliest_and_not_the_first_of_the_alphabet():
    names = [f"{a}{b}_of_it" for a in "abcdefg" for b in "xyz"]
    listed = nearest("gz", [*names, "gq_zz"]).removeprefix("known: ").split(", ")
    assert listed == ["did you mean 'gz_of_it'?"]
    listed = nearest("q_zzz", [*names, "gq_zz"])
    assert listed == "did you mean 'gq_zz'?"
    listed = nearest("-g-z-", names).removeprefix("known: ").split(", ")
    assert len(listed) == 13
    assert listed[-1] == "..."
    assert "gz_of_it" in listed
    assert listed[:-1] == sorted(listed[:-1])


def test_one_of_several_is_not_taken():
    assert meant("a b", ["a-b", "A_B"]) is None
    assert meant("A_B", ["a-b", "A_B"]) == "A_B"
    assert meant("", ["", "a"]) is None or meant("", ["", "a"]) == ""
    assert meant("h", ["h-1", "h-2"], first_words=True) is None
