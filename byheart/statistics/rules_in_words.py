"""Rules and how claims fail, as text."""

from byheart.statistics.intervals import Interval
from byheart.statistics.rules import Above, Between, Rule


def rule_in_words(rule: Rule, n_parts: int = 1) -> str:
    """Return the rule as a sentence.

    >>> rule_in_words(Above(0.5))
    'holds when the whole 95 % interval lies above 0.5, fails when none of it does'
    >>> rule_in_words(Above(0.5), n_parts=3)
    'holds when the whole 95 % interval of each of 3 parts lies above 0.5, fails when none of the interval of one does'
    >>> from byheart.statistics.rules import SmallestEffect
    >>> rule_in_words(Above(0, SmallestEffect(0.01, "one point of accuracy")))
    'holds when the whole 95 % interval lies above 0, fails when none of it lies above 0.01 (one point of accuracy)'
    """
    where = where_in_words(rule)
    of_each, of_one = (f" of each of {n_parts} parts", "the interval of one") if n_parts > 1 else ("", "it")
    fails = "does"
    if not isinstance(rule, Between) and rule.smallest:
        fails = f"lies {rule.side} {rule.needed:g} ({rule.smallest.reason})"
    return f"holds when the whole 95 % interval{of_each} lies {where}, fails when none of {of_one} {fails}"


def where_in_words(rule: Rule) -> str:
    """Return where a rule wants the interval.

    >>> where_in_words(Above(0.5)), where_in_words(Between(-0.25, 0.25))
    ('above 0.5', 'between -0.25 and 0.25')
    """
    if isinstance(rule, Between):
        return f"between {rule.low:g} and {rule.high:g}"
    return f"{rule.side} {rule.threshold:g}"


def region_in_words(rule: Rule) -> str:
    """Return where a rule wants the interval, in a few signs.

    >>> from byheart.statistics.rules import Below
    >>> region_in_words(Above(0.5)), region_in_words(Below(0)), region_in_words(Between(-0.25, 0.25))
    ('> 0.5', '< 0', '−0.25 to 0.25')
    """
    if isinstance(rule, Between):
        return f"{rule.low:g} to {rule.high:g}".replace("-", "−")
    return f"{'>' if isinstance(rule, Above) else '<'} {rule.threshold:g}".replace("-", "−")


def failure_in_words(rule: Rule, interval: Interval) -> str:
    """Return how a claim fails by an interval: by the opposite, or by an effect that is practically nothing.

    >>> from byheart.statistics.rules import SmallestEffect
    >>> one = Above(0, SmallestEffect(0.01, "one point of accuracy"))
    >>> failure_in_words(one, Interval(-0.2, -0.3, -0.1, 5)), failure_in_words(one, Interval(0, -0.005, 0.005, 5))
    ('the opposite', 'practically nothing')
    """
    if isinstance(rule, Between):
        return "outside the limits"
    low, high = rule.leads(interval)
    if rule.smallest and -rule.smallest.size <= low and interval.has_width:
        return "practically nothing"
    if high <= 0:
        return "the opposite" if rule.smallest else "short of the threshold"
    return "nothing or the opposite"
