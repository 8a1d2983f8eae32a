"""Words of a page and their meanings: a list at its end, and links to it where the words stand.

The script terms.js turns a link into a button that shows the meaning beside the word.
"""

import dataclasses

from markupsafe import Markup


@dataclasses.dataclass(frozen=True)
class Term:
    """A word with its meaning.

    Attributes:
        id: of its entry, without the prefix `term-`.
        name: as the list shows it.
        meaning: one or two sentences.
        words: forms that `explained` links in running text; others are linked by templates.
    """

    id: str
    name: str
    meaning: str
    words: tuple[str, ...] = ()


def link_to(term: str, text: str) -> Markup:
    """Return a link from a word to its meaning.

    Args:
        term: id of the term.
        text: the word as it stands on the page.
    """
    return Markup('<a class="term" href="#term-{}">{}</a>').format(term, text)
