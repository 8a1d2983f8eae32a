"""The command `byheart report LOG.npz`, which writes the page of a log of training dynamics."""

from collections.abc import Callable
from pathlib import Path

from byheart.auditing.examples import audited_examples
from byheart.cli.arguments import ReportArguments
from byheart.cli.data_notes import print_data_notes
from byheart.cli.streams import visible
from byheart.data.loading.load_data import load_by
from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.page import EXAMPLES, examples_of, write_page
from byheart.results.atomic_write import writable


def report_dynamics(arguments: ReportArguments, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status. `notify` is called with messages."""
    path = Path(arguments.directory)
    dynamics = Dynamics.load(path)
    data, notes = None, tuple[str, ...]()
    if arguments.data is not None:
        split = load_by(arguments.data, arguments.reading.options(), data_dir=arguments.data_dir)
        print_data_notes(split, notify)
        data, notes = examples_of(split, audited_examples(split).dataset, dynamics)
    directory = writable(path.with_suffix("") if arguments.out is None else Path(arguments.out))
    page = write_page(dynamics, directory, path.stem, data, notes)
    print(visible(repr(dynamics)))
    print(visible(f"{page}\n{directory / EXAMPLES}"))
    return 0
