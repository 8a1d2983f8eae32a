"""Runs the Python of a page, for pictures of what it computes."""

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent


def computed(page: str, n_blocks: int | None = None) -> dict[str, Any]:
    """Return the variables of a page after its first blocks of Python, or all."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    values: dict[str, Any] = {}
    exec("\n".join(blocks[:n_blocks]), values)
    return values
