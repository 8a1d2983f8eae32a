"""Writes the tables of README.md anew from results/*.json, between the marks that name them.

python -m benchmarks.tables
"""

import json
import re
from pathlib import Path

from benchmarks import common

README = Path(__file__).parent / "README.md"


def shown(name: str) -> str:
    """The stored tables of one benchmark, with the circumstances under which they were measured."""
    record = json.loads((common.RESULTS / f"{name}.json").read_text())
    machine, versions = record["machine"], record["versions"]
    packages = ", ".join(f"{package} {version}" for package, version in versions.items() if package != "byheart")
    load = f"{machine['load_at_start']} before, {machine['load_at_end']} at the end"
    lines = [f"{record['date']}; {machine['processor']}, {machine['cores']} cores; {packages}; load {load}."]
    peak = record["settings"].get(common.PEAK)
    if peak:
        lines.append(
            "Peak of a matrix product: " + ", ".join(f"{who} {speed:.0f} GFLOP/s" for who, speed in peak.items()) + "."
        )
    lines += [f"*{title}*\n\n{common.table(rows)}" for title, rows in record["tables"].items()]
    return "\n\n".join(lines)


def main() -> None:
    """Replaces what stands between `<!-- NAME -->` and `<!-- end -->`, for each NAME with stored results."""
    text = README.read_text()
    for path in sorted(common.RESULTS.glob("*.json")):
        begin, end = f"<!-- {path.stem} -->", "<!-- end -->"
        replacement = f"{begin}\n{shown(path.stem)}\n{end}"
        text = re.sub(f"{begin}.*?{end}", lambda _, new=replacement: new, text, flags=re.DOTALL)
    README.write_text(text)


if __name__ == "__main__":
    main()
