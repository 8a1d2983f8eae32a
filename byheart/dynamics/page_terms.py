"""Words of the page of a log and their meanings, with the end that is suspect."""

from byheart.pages.terms import Term

TERMS = (
    Term(
        "area_under_margin",
        "area under margin",
        "Logit of the label minus the largest other logit, mean over epochs (Pleiss et al., 2020). Low is suspect.",
    ),
    Term("mean_loss", "mean loss", "Cross-entropy of the label in nats, mean over epochs. High is suspect."),
    Term(
        "confidence",
        "confidence",
        "Probability of the label, mean over epochs (Swayamdipta et al., 2020). Low is suspect.",
    ),
    Term("variability", "variability", "Standard deviation of it over epochs. High is ambiguous, not suspect."),
    Term("correctness", "correctness", "Share of epochs in which the label is predicted. Low is suspect."),
    Term(
        "epochs_to_learn",
        "epochs to learn",
        "First epoch from which on the label is always predicted; inf, or –: it ends wrong. High is suspect.",
    ),
    Term(
        "forgetting_events",
        "forgetting events",
        "How often the prediction turned from right to wrong (Toneva et al., 2019). High is suspect.",
    ),
    Term(
        "aleatoric_uncertainty",
        "aleatoric uncertainty",
        "p (1 - p) of the label's probability p, mean over epochs (Data-IQ: Seedat et al., 2022). High is ambiguous.",
    ),
    Term(
        "early_error_norm",
        "early error norm",
        "Length of the error vector, probabilities minus the one-hot label, mean over the first epochs (EL2N: Paul et "
        "al., 2021). High is suspect.",
    ),
    Term("early_error", "early error", "1: wrong in the first epoch in which the example was seen."),
)
