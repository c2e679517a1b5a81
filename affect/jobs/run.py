"""What a worker does: one job from its lease to its published results.

The same function runs in a laptop's single worker process and on every machine of a cluster. It
may be broken off anywhere and begun again: until the ledger says that the job ended, its video
stays and its results are nobody's.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

from affect.contracts import Limits, OnProgress, Progress
from affect.errors import AffectError, Cancelled, JobError
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.pulse import pulse
from affect.jobs.storage import Storage
from affect.pipeline import analyze, load_model
from affect.report import write

log = logging.getLogger(__name__)


def warm_up(head: str, runtime: str) -> None:
    """Load the model ahead of the first job; later calls in this process find it loaded.

    When that fails the jobs will say so to who sent them; here one line must do.
    """
    try:
        load_model(head, runtime)
    except Exception as error:
        log.error("the model cannot be loaded: %s", error)


def run_job(job_id: str, data: Path, limits: Limits, runtime: str) -> None:
    """Analyse the job's video if it is still due; however that goes, the ledger tells.

    Args:
        job_id: of a job that waits; otherwise nothing is done.
        data: the absolute path of the folder of data, the same here as for the server.
        limits: the largest video that is analysed.
        runtime: what runs the model.
    """
    storage = Storage(data)
    ledger = Ledger(storage.ledger)
    try:
        lease = ledger.claim(job_id)
        if lease is None:
            return
        begin = time.monotonic()
        try:
            with pulse(lease, ledger, storage) as on_progress:
                _analyze(lease, ledger, storage, limits, runtime, on_progress)
        except Cancelled:
            log.info("job %s: not wanted any more", job_id)
        except AffectError as error:
            _fail(lease, error, ledger, storage)
        except Exception:
            ours = JobError("The analysis stopped at an error in the program.")
            # Who cancels or deletes a job takes its files away, whatever is written just then.
            if _fail(lease, ours, ledger, storage):
                log.exception("job %s: an error in the program", job_id)
        for job in ledger.find([job_id]):
            storage.settle(job)
            log.info("job %s: %s after %.1f s", job_id, job.state, time.monotonic() - begin)
    finally:
        ledger.close()


def _fail(lease: Lease, error: AffectError, ledger: Ledger, storage: Storage) -> bool:
    """End the job with its reason; false when the lease is gone."""
    return storage.freeing(lease.job.id, lambda: ledger.fail(lease, error))


def _analyze(
    lease: Lease,
    ledger: Ledger,
    storage: Storage,
    limits: Limits,
    runtime: str,
    on_progress: OnProgress,
) -> None:
    job = lease.job
    video = storage.video(job.id)
    if video is None:
        raise JobError("The video of this analysis is gone.", "Send it again.")
    report = analyze(
        video,
        rate=job.options.rate,
        emotions=job.options.view,
        head=job.options.head,
        runtime=runtime,
        limits=limits,
        on_progress=on_progress,
    )
    # The video lies under a name of ours; its owner knows it by another.
    report = replace(report, video=replace(report.video, name=job.name))
    length_s = report.video.duration_s
    writing = Progress("Writing the report", length_s or 0.0, length_s, None)
    with storage.publish(job.id) as folder:
        on_progress(writing)
        write(report, folder)
        on_progress(writing)
    storage.lightened(lambda: ledger.succeed(lease, report.summary.dominant, report.partial))
