"""The words of reports and their meanings."""

import re

from markupsafe import Markup, escape

from byheart.pages.terms import Term, link_to

TERMS = (
    Term("claim", "claim", "A statement about what networks do, as one number for each seed and a rule for it."),
    Term(
        "seed",
        "seed",
        "Each network is trained several times, with different random weights and a different order of the examples. "
        "A claim has one number for each such seed.",
    ),
    Term(
        "interval",
        "seen, 95 % interval",
        "The mean of these numbers, and an interval that contains the mean over infinitely many seeds in 19 of 20 "
        "cases. A narrow interval means that seeds agree.",
    ),
    Term("half-width", "half-width", "Half the length of a 95 % interval: from its middle to one of its ends."),
    Term(
        "threshold",
        "threshold",
        "The number that decides a claim. It was fixed before the networks were trained.",
    ),
    Term("holds", "holds", "The whole interval lies on the claimed side of the threshold."),
    Term("fails", "fails", "The whole interval lies on the other side."),
    Term(
        "undecided",
        "undecided",
        "The interval contains values on both sides: there are too few seeds, or the effect is too small.",
    ),
    Term(
        "family",
        "within family",
        "The verdict when all claims of a family, such as one figure or one experiment, are tested together on one "
        "data set. The probability that any of its verdicts is wrong is then at most 5 % (Holm’s method), and fewer "
        "claims are decided.",
    ),
    Term(
        "weakest",
        "weakest part",
        "A claim about several things holds if it holds of each. The part with the weakest support is shown.",
    ),
    Term(
        "training",
        "training and validation",
        "Networks are trained on training examples. They never see the validation examples, which have no noise "
        "unless stated otherwise.",
    ),
    Term("real", "real data", "The examples with their own inputs and labels.", ("real data",)),
    Term("randX", "randX", "Inputs are replaced by random ones; labels stay.", ("randX", "random inputs")),
    Term("randY", "randY", "Labels are replaced by random labels; inputs stay.", ("randY", "random labels")),
    Term(
        "level",
        "noise level",
        "The share of the training examples whose inputs (randX) or labels (randY) are replaced: 0.4 means 40 %. "
        "Without a level, all are.",
        ("noise level", "noise levels"),
    ),
    Term(
        "csr",
        "critical sample ratio",
        "The share of inputs that have another input close by, within a small box around them, to which the network "
        "gives another class.",
        ("critical sample ratio", "critical samples"),
    ),
    Term(
        "certified",
        "certified",
        "Of an input: it is proven that no input close by has another class. Of a claim: it holds even by the least "
        "number that is possible, whatever the inputs are that were neither found to be critical nor certified.",
    ),
    Term(
        "sensitivity",
        "loss sensitivity",
        "How much the loss at the end would change if an input had been slightly different all through training.",
        ("loss sensitivity", "loss sensitivities"),
    ),
    Term(
        "gini",
        "Gini coefficient",
        "A measure of inequality. 0: all examples have the same share; 1: one example has everything.",
        ("Gini coefficient", "Gini coefficients"),
    ),
)
"""The terms in the order of the list."""

_OF_WORD = {word: term for term in TERMS for word in term.words}
_WORDS = re.compile(rf"(?<!\w)({'|'.join(sorted(map(re.escape, _OF_WORD), key=len, reverse=True))})(?!\w)")


def explained(text: str) -> Markup:
    """Return text as HTML in which the first occurrence of each term leads to its meaning.

    >>> explained("the Gini coefficient <0.5")
    Markup('the <a class="term" href="#term-gini">Gini coefficient</a> &lt;0.5')
    """
    parts, end, known = list[str](), 0, set[str]()
    for found in _WORDS.finditer(text):
        term = _OF_WORD[found[1]]
        if term.id not in known:
            known.add(term.id)
            parts += [escape(text[end : found.start()]), link_to(term.id, found[1])]
            end = found.end()
    return Markup("".join([*parts, escape(text[end:])]))
