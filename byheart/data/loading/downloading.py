"""Downloads official files, each from the first mirror that serves the right bytes."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from byheart.data.loading.official import Source


@runtime_checkable
class ProgressBar(Protocol):
    """A progress bar, such as `tqdm`'s: pooch sets `total` (bytes), then calls the methods."""

    total: float | None

    def update(self, n: int, /) -> Any:
        """Add `n` bytes to the progress."""

    def reset(self) -> Any:
        """Set the progress to 0."""

    def close(self) -> Any:
        """Close the bar."""


class DownloadError(Exception):
    """Raised if no mirror serves a file. The message lists every address and what went wrong there."""


def fetch(source: Source, folder: Path, progress: bool | ProgressBar) -> None:
    """Download the files of `source` that `folder` lacks; they stay packed.

    Raises:
        DownloadError: no mirror serves the right bytes of a file.
    """
    import pooch
    from requests.exceptions import RequestException

    downloader = pooch.HTTPDownloader(progressbar=progress, chunk_size=2**16, headers={"Accept-Encoding": "identity"})
    for name, md5 in source.downloads.items():
        failures = []
        for mirror in source.mirrors:
            try:
                pooch.retrieve(mirror + name, f"md5:{md5}", fname=name, path=folder, downloader=downloader)
                break
            except (RequestException, ValueError, OSError) as error:
                failures.append(f"{mirror}{name} ({_reason(error)})")
        else:
            raise DownloadError(" or ".join(failures))


def _reason(error: Exception) -> str:
    """Return a short reason why a download failed."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"status {response.status_code}"
    if type(error) is ValueError:
        return str(error).rstrip(".")
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
