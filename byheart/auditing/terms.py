"""The words of an audit's page and their meanings."""

from byheart.pages.terms import Term

TERMS = (
    Term(
        "held-out",
        "held-out networks",
        "Networks that were not trained on the example. Half of all networks, for each example.",
    ),
    Term(
        "suggested",
        "suggested label",
        "The class that held-out networks give the largest probability, on the mean. It may be the label.",
    ),
    Term(
        "probability",
        "held-out probability",
        "The probability that held-out networks give the label, on the mean, with the 95 % interval of that mean over "
        "networks.",
    ),
    Term(
        "suspicion",
        "suspicion",
        "The order of the list: the mean of three ranks, by the probability that the label is wrong, by the margin of "
        "held-out networks, and by the margin while networks that saw the example were trained. It says where to look "
        "first, not how many labels are wrong.",
    ),
    Term(
        "wrong-probability",
        "probability that the label is wrong",
        "By a model of label noise that is fitted to how often labels and held-out networks disagree in these data.",
    ),
    Term("fine", "fine", "Surely more than half of the held-out networks vote for the label."),
    Term(
        "suspect",
        "suspect label",
        "Surely more than half of them vote for one other class, and the label is more likely wrong than right.",
    ),
    Term(
        "ambiguous",
        "ambiguous",
        "Held-out networks divide over classes: surely none has three quarters of the votes.",
    ),
    Term(
        "memorized",
        "memorized",
        "Held-out networks agree on another class, but networks that saw the example learn its label by heart.",
    ),
    Term("hard", "hard", "Held-out networks agree on another class, and networks that saw the example do, too."),
    Term("undecided", "undecided", "There are too few networks to tell. More networks decide it, unless they divide."),
    Term(
        "memorization",
        "memorization",
        "The share of networks that are right on the example: of those that saw it, minus of those that did not.",
    ),
    Term(
        "learning",
        "curve of learning",
        "For each epoch, the share of the networks that saw the example and are right on it from then on. Wrong labels "
        "are learned late or never.",
    ),
    Term(
        "power",
        "power",
        "The share of wrong labels of a kind that a list of suspects holds. Held-out networks state it without knowing "
        "which labels are wrong, since their opinion of an example does not depend on its label.",
    ),
    Term(
        "sample",
        "sample",
        "Examples drawn at random from each stratum of suspicion, so that marks on them tell about all examples.",
    ),
    Term("interval", "95 % interval", "A range that contains the true number in 19 of 20 cases."),
)
"""The terms in the order of the list."""
