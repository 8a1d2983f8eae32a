"""Arguments of the command line, as typed dataclasses. Nothing heavy is imported, so help and errors come at once."""

import dataclasses
from typing import Annotated, Any, Literal

import tyro

from byheart import checks
from byheart.data.loading.options import DEFAULT_SIZE, DEFAULT_VALIDATION, LoadingOptions
from byheart.paper.scales import Scale


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExecutorArguments:
    """Arguments of all commands that train networks."""

    executor: Literal["local", "ray"] = "local"
    """Where networks are trained: on the devices of this machine, or as tasks of a Ray cluster. Both give the same
    numbers (docs/cluster.md)."""
    address: Annotated[str | None, tyro.conf.arg(metavar="HOST:PORT|auto")] = None
    """Address of the Ray cluster's head. If not given, Ray is started on this machine."""
    cpus_per_task: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """CPU cores of each Ray task; default 1."""
    gpus_per_task: Annotated[float | None, tyro.conf.arg(metavar="X")] = None
    """GPUs of each Ray task, or a fraction of one; default 1 if the cluster has any, otherwise 0."""

    def of_ray(self) -> dict[str, Any]:
        """Return the given settings of Ray by name."""
        names = ("address", "cpus_per_task", "gpus_per_task")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclasses.dataclass(frozen=True, kw_only=True)
class LadderArguments:
    """Arguments of commands that can add seeds."""

    until_decided: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Begin with at least 5 seeds, then add seeds (10, 20, 40, 80) to the networks behind undecided claims, those
    first that promise most for their time. Verdicts are corrected for the repeated tests (docs/verdicts.md)."""
    hours: Annotated[float | None, tyro.conf.arg(metavar="H")] = None
    """With --until-decided: start nothing that is not expected to end H hours after the start of this command."""

    def deadline(self, now: float) -> float:
        """Return the time on the clock by which added seeds must be expected to end; infinite without `hours`.

        Raises:
            BadInput: `hours` is not a positive number, or is given without `until_decided`.
        """
        if self.hours is None:
            return float("inf")
        if not self.until_decided:
            raise checks.BadInput("--hours limits --until-decided: give both, or neither.")
        return now + 3600 * checks.positive("--hours", self.hours)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReadingArguments:
    """Options of reading your own data (docs/own_data.md). Each kind of source takes some of them."""

    label: Annotated[str | None, tyro.conf.arg(metavar="COLUMN")] = None
    """Column of a table or metadata file, or array of an .npz file, that holds the labels; by default the one whose
    name says so."""
    ids: Annotated[str | None, tyro.conf.arg(name="id", metavar="COLUMN|FILE")] = None
    """Column, array, or file (beside an .npy file) that names the examples; default: file names or row numbers."""
    labels: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """File of labels beside an .npy file: .npy, or text with a label on each line."""
    size: Annotated[int, tyro.conf.arg(metavar="PIXELS")] = DEFAULT_SIZE
    """Width and height of pictures from files; the central square is kept and resized."""
    validation: Annotated[str, tyro.conf.arg(metavar="SHARE|COLUMN")] = str(DEFAULT_VALIDATION)
    """Share of the examples to set aside for validation, if the data have no validation part; or the column that says
    train, validation or test."""
    group: Annotated[str | None, tyro.conf.arg(metavar="COLUMN|FILE")] = None
    """Column, array, or file of groups, such as patients, which stay on one side of the split."""
    skip_unreadable: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Leave out pictures that cannot be decoded."""
    features: Annotated[str | None, tyro.conf.arg(metavar="COLUMNS")] = None
    """Columns of a table to use, and patterns: "age,pixel*", or "*,-name" for all but one; by default all that have no
    other role."""
    missing: Annotated[Literal["refuse", "median"], tyro.conf.arg(metavar="refuse|median")] = "refuse"
    """What to do about missing values of a table: "median" fills them in, and adds a feature that says where."""
    show: Annotated[str | None, tyro.conf.arg(metavar="COLUMN")] = None
    """Column of a table to show in place of the numbers of a row, such as the text of an embedding."""
    separator: Annotated[str | None, tyro.conf.arg(metavar="CHARACTER")] = None
    """Separator of cells in a text file; by default it is found."""
    thousands: Annotated[str | None, tyro.conf.arg(metavar="CHARACTER")] = None
    """Separator of thousands in the numbers of a text file."""
    decimal: Annotated[str, tyro.conf.arg(metavar="CHARACTER")] = "."
    """Decimal point in the numbers of a text file."""

    def options(self) -> LoadingOptions:
        """Return the options, checked.

        Raises:
            BadInput: a value that an option cannot have.
        """
        return LoadingOptions(**dataclasses.asdict(self))


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataArguments(ReadingArguments):
    """Options of reading your own data, and of vectors to use in their place."""

    embedding: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """Vectors that networks see in place of the data, a row for each example in the order of the source: .npy, or .npz
    with one array (docs/embeddings.md). Reports still show the pictures, texts and names of the source."""


@dataclasses.dataclass(frozen=True)
class RunArguments(LadderArguments, ExecutorArguments):
    """Run experiments and write their report. Finished work is kept: run the same command again to resume.

    You can override any setting of an experiment; `byheart run NAME --help` lists them.
    """

    names: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="NAME [NAME ...]")]
    """Names of experiments (`byheart list`), experiments of your own as my_module:MyClass, or the experiment.json of a
    run to repeat."""
    data: Annotated[str, tyro.conf.arg(metavar="digits|mnist|cifar10|fashion_mnist|FOLDER|FILE")] = "digits"
    """Data to train on: a known data set, a folder with a folder of pictures for each class, a file of arrays (.npz,
    .npy), or a table (.csv, .tsv, .jsonl, .parquet, .arrow, .feather)."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    scale: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None
    """A group of default settings, for experiments that declare several. Those of `byheart list` have tiny (seconds;
    the default), laptop (minutes on 2 cores) and paper (the paper's settings; needs a GPU)."""
    preset: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None
    """A named group of settings that an experiment declares, such as author_code of sensitivity-inequality."""
    seeds: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Number of seeds. The intervals of all claims are computed over the seeds."""
    seed_base: Annotated[int | None, tyro.conf.arg(metavar="K")] = None
    """The first seed."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the run; default runs/NAMES-DATA-SCALE."""
    reading: tyro.conf.OmitArgPrefixes[DataArguments] = DataArguments()


@dataclasses.dataclass(frozen=True)
class ReproduceArguments(LadderArguments, ExecutorArguments):
    """Run the whole paper: every experiment, each on the data of its figure, and write one report of all claims.

    Finished work is kept: run the same command again to resume.
    """

    data: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME [NAME ...]")] = ()
    """Data to train on: digits, mnist, cifar10, fashion_mnist, a FOLDER of pictures or a FILE of arrays. A single data
    set is used for all experiments. With several, mnist and cifar10 are used for the paper's experiments on them, and
    any other for all experiments. Default: digits at scale tiny, mnist and cifar10 at the other scales."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    scale: Scale = "tiny"
    """Group of default settings: tiny (minutes), laptop (an hour or two on 2 cores), paper (the paper's settings; needs
    GPUs)."""
    seeds: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Number of seeds of every experiment. If not given, each experiment uses its own default."""
    seed_base: Annotated[int | None, tyro.conf.arg(metavar="K")] = None
    """The first seed. Seeds that no rule was chosen by make a fresh test of the claims."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the runs, with one folder for each data set; default runs/reproduce-SCALE."""
    embedding: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """Vectors that networks see in place of the data, a row for each example, if there is a single data set: .npy, or
    .npz with one array (docs/embeddings.md)."""
    dry_run: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Read and check the data, and print the plan: what would be trained, with estimated memory and time. Train and
    write nothing."""


@dataclasses.dataclass(frozen=True)
class ReportArguments:
    """Write the page again from stored results, or the page of a saved log of your own training loop. Trains nothing.

    With `--format`, also write each figure as a file for a paper, into the folder figures of its run.
    """

    directory: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="DIR|LOG.npz")]
    """Directory of a run, or one that holds several runs, such as that of `byheart reproduce`; or the file of a log
    (docs/training_loops.md)."""
    data: Annotated[str | None, tyro.conf.arg(metavar="SOURCE")] = None
    """Of a log: the data that it was made with, to show the examples."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Of a log: directory of its page; default LOG, beside the file."""
    format: tuple[Literal["pdf", "svg", "png"], ...] = ()
    """Formats of figures as files: one or several. Text is 7 to 9 points high; fonts are embedded in pdf."""
    width: Annotated[str | None, tyro.conf.arg(metavar="LENGTH")] = None
    """Width of the files with a unit: in, cm, mm or pt (of TeX), such as 84mm; default 3.25in, a column of a paper."""
    dpi: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Dots in an inch of png files; default 300."""
    reading: tyro.conf.OmitArgPrefixes[DataArguments] = DataArguments()


@dataclasses.dataclass(frozen=True)
class CompareArguments:
    """Compare runs: settings that differ, claims with their differences, and curves in the same panels.

    Trains nothing. Differences are from the first run, over the seeds that both runs have.
    """

    directories: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="DIR DIR [DIR ...]")]
    """Directories of runs, or of several runs, such as that of `byheart reproduce`."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the comparison; default compare-NAMES beside the first run."""


@dataclasses.dataclass(frozen=True)
class AuditArguments(ExecutorArguments):
    """Audit the labels of a data set: which are suspect, which examples are memorized, ambiguous or hard.

    Networks are trained in pairs on complementary halves of the examples. Finished work is kept: run the same command
    again to resume. docs/audit.md explains scores, verdicts and limits. Nothing in the data is changed.
    """

    source: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="SOURCE")]
    """Data to audit: a known data set, a folder with a folder of pictures for each class, a file of arrays (.npz,
    .npy), or a table (.csv, .tsv, .jsonl, .parquet, .arrow, .feather). All parts are audited."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    networks: Annotated[int, tyro.conf.arg(metavar="N")] = 40
    """Number of networks, even and at least 12."""
    architecture: Annotated[str | None, tyro.conf.arg(metavar="VALUE")] = None
    """Architecture of all networks, such as "MLP((256, 256))" or my_module:MyNet(64). If not given, the size is chosen
    by held-out accuracy."""
    optimizer: Annotated[str, tyro.conf.arg(metavar="VALUE")] = "Adam()"
    """Optimizer of all networks, such as "Adam(0.001)"."""
    epochs: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Passes over half of the examples. If not given, the number is chosen by held-out accuracy."""
    plant: Annotated[float | None, tyro.conf.arg(metavar="SHARE")] = None
    """Make this share of labels wrong, at random, train as many networks once more, and compare the stated power with
    what was found."""
    seed_base: Annotated[int, tyro.conf.arg(metavar="K")] = 0
    """The first seed."""
    reviewed: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """Marks of a review, as report.html saves them, or a table with the columns review and row (or id): estimate from
    them how many labels are wrong (docs/audit_review.md). A finished audit trains nothing again."""
    apply: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """Write the labels that such a review corrects as a new table, labels.csv in the folder --out. Trains nothing."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the audit; default audits/SOURCE. With --apply: the folder of labels.csv."""
    reading: tyro.conf.OmitArgPrefixes[DataArguments] = DataArguments()


@dataclasses.dataclass(frozen=True)
class EmbedArguments:
    """Write a vector for each example of a source, by an encoder of your own, for `--embedding` (docs/embeddings.md).

    Rows are in the order of the source. Finished rows are kept: run the same command again to resume.
    """

    source: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="SOURCE")]
    """Data to embed: a known data set, a folder with a folder of pictures for each class, a file of arrays (.npz,
    .npy), or a table (.csv, .tsv, .jsonl, .parquet, .arrow, .feather)."""
    encoder: Annotated[str, tyro.conf.arg(metavar="torch:MODULE:CALL")]
    """The encoder: torch:my_module:encoder() calls encoder() of my_module, which returns a torch module, or a function
    of a batch. It gets pictures as a float32 tensor with pixels from 0 to 1, and normalizes them itself; vectors as a
    tensor; or, if a table has no pictures and --show names a column, texts as a list. It returns (example, feature)."""
    out: Annotated[str, tyro.conf.arg(metavar="FILE.npy")]
    """File of the vectors. FILE.npy.json beside it says what they are, and how many are done."""
    batch: Annotated[int, tyro.conf.arg(metavar="N")] = 64
    """Number of examples that the encoder gets at once."""
    layout: Annotated[Literal["NCHW", "NHWC"], tyro.conf.arg(metavar="NCHW|NHWC")] = "NCHW"
    """Axes of the pictures that the encoder takes: channels first, or last."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    reading: tyro.conf.OmitArgPrefixes[ReadingArguments] = ReadingArguments()
