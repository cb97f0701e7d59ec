"""No page states a claim about dropout that the course has refuted.

Each claim is a pattern and its plain wording. Charges of the trials, quotations, questions, wrong answers of
the bank and sentences that deny are no statements. A pattern knows common phrasings, not every one.
"""

import re
from functools import cache

import pytest
import yaml
from book_text import BANK, PAGES, prose, sentences

DENIED = re.compile(r"\b(not|never|no|nor|neither|nothing|nobody|wrong|cannot|instead of|rather than|n't)\b")
CHARGE = re.compile(r"^## The charge\n.*?(?=^## )", re.M | re.S)
REFUTED = {
    # name: (a pattern of the statement, the statement as people write it)
    "ensures": (
        r"dropout.{0,60}\b(ensures?|guarantees?)\b|\bensures? that (each|no|every) (unit|neuron)",
        "Dropout ensures that each unit stands on its own.",
    ),
    "outputs_by_rate": (
        r"(outputs?|activations?)\b.{0,30}\b(scaled|multiplied) (down )?by the (dropout|drop) (rate|"
        r"probability)",
        "At test time the outputs are scaled by the dropout rate.",
    ),
    "weights_by_p": (
        r"weights?\b.{0,30}\b(scaled|multiplied) (down )?by (the )?(p\b|(dropout|drop) (rate|probability)|"
        r"probability of dropping)",
        "At test time the weights are multiplied by the probability of dropping.",
    ),
    "eval_scales_weights": (
        r"(eval\w*|pytorch|keras|frameworks?|librar\w+)\b.{0,40}\b(scales?|multipl\w+|divides?) (the |"
        r"all |its |their )?weights",
        "In evaluation mode the framework scales the weights.",
    ),
    "scale_by_hand": (
        r"\b(you|must|have to|need to|remember to)\b.{0,25}\b(scale|multiply|rescale) (the |all |"
        r"your )?(weights|outputs) .{0,30}(test|inference|evaluation)",
        "You have to scale the weights at test time.",
    ),
    "scale_reflects": (
        r"\bscal\w+.{0,60}\breflects? the (regulari[sz]ation|training)",
        "Scaling makes the test reflect the regularisation of training.",
    ),
    "never_at_test": (
        r"dropout\b.{0,30}\b(must|can) (never|only|not|no longer) be (used|active|applied|on)\b|"
        r"cannot (be used|drop) at test",
        "Dropout must never be active at test time.",
    ),
    "deeper_higher": (
        r"\bdeep(er)? (networks?|layers?)\b.{0,30}\b(higher|larger|stronger) (drop(out)? )?(rates?|p\b|"
        r"probabilit)",
        "Deeper networks use higher dropout rates.",
    ),
    "fewer_units_time": (
        r"\b(trains?|training|steps?)\b.{0,40}\b(slower|faster|cheaper|quicker)\b.{0,40}\b(because|since|"
        r"as)\b.{0,30}\b(fewer|half|less|only)\b.{0,20}\bunits",
        "Training is slower because fewer units are active.",
    ),
    "outputs_averaged": (
        r"outputs? of (all )?the (subnet\w*|thinned net\w*|ensemble'?s? members)\b.{0,25}\b(is|are|get) "
        r"averaged",
        "At test time the outputs of the subnetworks are averaged.",
    ),
    "free_ensemble": (
        r"\b(ensemble|averag\w+)\b.{0,50}\b(for free|without (the |any |extra |"
        r"additional )*(computational )?cost|at no (extra |additional )?cost)",
        "It gives the benefits of an ensemble without the computational cost.",
    ),
    "forest": (
        r"\beach tree\b.{0,40}\b(random|own) subset of (the )?features(?!.{0,20}(split|node))",
        "In a random forest each tree is trained on a random subset of features.",
    ),
    "no_update": (
        r"\bweights? of (the )?(dropped|inactive|silent)\b.{0,30}\b(are|is|stays?|remains?) (not updated|"
        r"unchanged|frozen)|\b(dropped|inactive) (units|neurons)\b.{0,30}\bnot updated",
        "The weights of dropped units are not updated in that iteration.",
    ),
    "small_underfits": (
        r"\b(small|tiny|few)\b.{0,40}\b(data|examples)\b.{0,60}\b(because|since|as)\b.{0,30}\bunderfit",
        "Dropout fails on small data because the network then underfits.",
    ),
    "vision_standard": (
        r"dropout\b.{0,40}\bstandard (practice|part|choice)\b.{0,40}\b(image|vision|convolution|cnn)|"
        r"\b(image|vision)\b.{0,40}\b(always|definitely) (use|need)s? dropout",
        "Dropout is standard practice in deep image classification.",
    ),
    "since_2014": (
        r"dropout (was|is) (introduced|invented|proposed|published|presented)( first)?\b.{0,40}\b2014|"
        r"\b(introduced|invented|proposed) (dropout )?in 2014\b",
        "Dropout was introduced in 2014.",
    ),
    "much_deeper": (
        r"dropout\b.{0,20}\b(made|enabled|allowed|let)\b.{0,30}\bdeeper (networks?|nets?)",
        "Dropout enabled much deeper networks.",
    ),
    "in_forward": (
        r"\b(create|add|put|construct|instantiate)\b.{0,15}\b(module|nn\.dropout|layer|it)\b.{0,15}\b(in|"
        r"inside|within) (the )?forward\b",
        "Add the dropout module within forward.",
    ),
    "keras_eval": (
        r"\bkeras\b.{0,50}\b(model\.eval\(\)|switch(ed)? (it |the model )?(in)?to evaluation( mode)?)",
        "In Keras the model is switched to evaluation mode.",
    ),
    "sklearn": (
        r"scikit-learn('s)?\b.{0,25}\b(has|offers|provides|implements|supports) (a )?dropout|"
        r"dropout in (tensorflow, |keras, |pytorch, )*(and |or )?scikit-learn",
        "scikit-learn provides dropout.",
    ),
    "training_wheels": (
        r"dropout (is|acts|works|helps)( like| as)?\b.{0,30}\btraining wheels",
        "Dropout is like learning with training wheels.",
    ),
}


@cache
def own_words() -> str:
    """Every sentence in which the course speaks for itself, one a line, in small letters, behind its page."""
    parts = [(page.name, CHARGE.sub("", page.read_text("utf-8"))) for page in PAGES]
    for path in BANK:
        for record in yaml.safe_load(path.read_text("utf-8")):
            right = [*record["model_answer"].values(), *(one["say"] for one in record["rubric"])]
            right += [one["answer"] for one in record["followups"] if "answer" in one]
            right += [record["anchors"][key] for key in ("good", "excellent")]
            parts.append((record["id"], "\n\n".join(right)))
    lines = ((where, line) for where, text in parts for line in sentences(prose(text)))
    return "\n".join(f"{where}: {line}" for where, line in lines if not line.endswith("?")).lower()


def stated(pattern: str, text: str) -> list[str]:
    """The lines in which a pattern stands and nothing outside of it denies it."""
    hits = {
        text[text.rfind("\n", 0, hit.start()) + 1 :].split("\n", 1)[0]: hit.group()
        for hit in re.finditer(pattern, text)
    }
    return [line for line, hit in hits.items() if not DENIED.search(line.replace(hit, ""))]


@pytest.mark.parametrize("name", REFUTED)
def test_no_refuted_claim_is_stated_as_true(name):
    """A trial may quote it, an answer may deny it; nobody may say it. The pattern knows the plain wording."""
    pattern, claim = REFUTED[name]
    assert stated(pattern, claim.lower()) == [claim.lower()]
    assert stated(pattern, f"it is wrong that {claim.lower()}") == []
    assert stated(pattern, own_words()) == []
