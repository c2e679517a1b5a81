"""Many videos at once: the one analysis, spread over a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from affect.contracts import AnalysisOptions, Limits, VideoReport
from affect.errors import AffectError, JobError


def spread(
    paths: Sequence[Path],
    options: AnalysisOptions,
    limits: Limits,
    scheduler: str,
    runtime: str = "onnx",
) -> Iterator[tuple[Path, VideoReport | AffectError]]:
    """Analyse videos on a cluster whose workers see them under the same paths.

    Args:
        paths: the videos.
        options: how to analyse them.
        limits: the largest video that is analysed.
        scheduler: address of the cluster, tcp:// or tls://.
        runtime: what runs the model.

    Yields:
        Each path once, in the order of finishing, with its report or what was wrong with it.

    Raises:
        SettingsError: there is no cluster at the address.
    """
    # Importing Dask takes seconds; only who spreads waits for it.
    from distributed import as_completed

    from affect.jobs.workers import connect

    with connect(scheduler) as client:
        futures = {
            client.submit(_analyze, path.resolve(), options, limits, runtime, pure=False): path
            for path in paths
        }
        for future in as_completed(futures, loop=client.loop):
            result: VideoReport | AffectError
            try:
                result = future.result()
            except AffectError as error:
                result = error
            except Exception:  # its worker died, or the whole cluster went away
                result = JobError("The cluster could not analyse this video.")
            yield futures[future], result


def _analyze(path: Path, options: AnalysisOptions, limits: Limits, runtime: str) -> VideoReport:
    from affect.pipeline import analyze

    return analyze(
        path,
        rate=options.rate,
        emotions=options.view,
        head=options.head,
        runtime=runtime,
        limits=limits,
    )
