"""Names of classes that look alike, such as "cat" and "cat ", and may be one class written in two ways."""

import unicodedata
from collections.abc import Sequence


def lookalikes(class_names: Sequence[str]) -> str:
    """Return a sentence about names that differ in blanks, case or Unicode form alone; "" if there are none.

    Single letters in both cases, such as those of handwriting, are not meant.

    >>> lookalikes(("cat", "cat ", "dog"))
    "Some classes have names that differ in blanks, case or Unicode form alone: 'cat' and 'cat '. If they are one \
class, give it one name."
    >>> lookalikes(("a", "A", "b"))
    ''
    """
    alike: dict[str, list[str]] = {}
    for name in class_names:
        alike.setdefault(_looks(name), []).append(name)
    found = [names for names in alike.values() if len(names) > 1]
    if not found:
        return ""
    named = "; ".join(_quoted(names) for names in found[:3]) + "; ..." * (len(found) > 3)
    return (
        f"Some classes have names that differ in blanks, case or Unicode form alone: {named}. If they are one class, "
        "give it one name."
    )


def _looks(name: str) -> str:
    bare = unicodedata.normalize("NFKC", " ".join(name.split()))
    return bare.casefold() if len(bare) > 1 else bare


def _quoted(names: Sequence[str]) -> str:
    """Return names in quotes, with escapes where they would look the same."""
    drawn = {unicodedata.normalize("NFC", name) for name in names}
    return " and ".join(map(repr if len(drawn) == len(names) else ascii, names))
