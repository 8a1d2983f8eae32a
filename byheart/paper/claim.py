"""Claims of the paper, which belong to figures."""

import dataclasses
from collections.abc import Callable

from byheart.experiments.claims import Claim, PerSeed, of_any_data
from byheart.statistics.rules import Rule
from byheart.statistics.scales import AsItIs, Scale


@dataclasses.dataclass(frozen=True, kw_only=True)
class FigureClaim(Claim):
    """A claim of the paper. The claims of a figure are a family: they are corrected together.

    Attributes:
        figure: number of the paper's figure.
    """

    figure: str

    def details(self) -> dict[str, str]:
        """Return the figure, for claims.json."""
        return {"figure": self.figure}


def figure_claim(
    name: str,
    figure: str,
    statement: str,
    statistic: str,
    per_seed: PerSeed,
    rule: Rule,
    applies_to: Callable[[str], bool] = of_any_data,
    scale: Scale = AsItIs(),
    least: PerSeed | None = None,
) -> FigureClaim:
    """Return the claim of a figure; see `Claim` for the arguments."""
    family = f"Figure {figure}"
    return FigureClaim(name, statement, statistic, per_seed, rule, applies_to, scale, family, least, figure=figure)
