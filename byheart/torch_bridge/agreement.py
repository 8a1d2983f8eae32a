"""The agreement of a converted module with torch."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Agreement:
    """The largest differences between a converted module and torch, relative to torch's largest number.

    Attributes:
        outputs: of logits in evaluation mode.
        gradients: of input gradients in evaluation mode.
        training_outputs: of logits in training mode, with random masks at their means; None if it was not converted.
        training_gradients: of input gradients in training mode.
        statistics: of buffers after a pass in training mode.
        in_float64: whether both were compared in float64; otherwise in float32, where rounding is seen, too.
        saw_gradients: whether torch's input gradients in evaluation mode were not all 0.
    """

    outputs: float
    gradients: float
    training_outputs: float | None = None
    training_gradients: float | None = None
    statistics: float | None = None
    in_float64: bool = True
    saw_gradients: bool = True

    @property
    def largest(self) -> float:
        """The largest of all differences."""
        return max(value for name, value in self.by_name().items() if value is not None)

    def by_name(self) -> dict[str, float | None]:
        """Return the differences by name."""
        found: dict[str, float | None] = dataclasses.asdict(self)
        return {name: value for name, value in found.items() if name not in ("in_float64", "saw_gradients")}

    def __str__(self) -> str:
        """Return the differences in words."""
        words = {name.replace("_", " "): value for name, value in self.by_name().items() if value is not None}
        said = ", ".join(f"{name} {value:.1g}" for name, value in words.items())
        return f"relative differences from torch in {'float64' if self.in_float64 else 'float32'}: {said}"
