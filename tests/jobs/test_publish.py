"""A worker that dies while it publishes leaves all of its results, or a job that is done again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# For n = 1, 2, … a child does a job and kills itself at its n-th touch of a file, counted from the
# first file of the report, until one lives to the end. Then the engine's part is done: the job is
# given up, and done again if it waits. What was found in the video is given; this is about files.
DYING = """
import json, os, signal, sys
from io import BytesIO
from pathlib import Path

from affect import measures
from affect.contracts import (
    AnalysisOptions, Limits, ModelIdentity, Moment, VideoInfo, VideoReport
)
from affect.jobs import run
from affect.jobs.ledger import Ledger
from affect.jobs.storage import Storage

data, keep_video = Path(sys.argv[1]), sys.argv[2] == "keep"
moments = tuple(Moment(i, i / 5, ()) for i in range(10))
report = VideoReport(
    VideoInfo("video.mp4", 2.0, 320, 240, 25.0), 10, False, AnalysisOptions(),
    measures.summarize(moments, "five"), (), moments, ModelIdentity("none", "0" * 64),
)
run.analyze = lambda *_, **__: report
storage, ledger = Storage(data), Ledger(data / "ledger.sqlite")
storage.prepare()
ledger.prepare("WAL")


def die_at(touch):
    seen = 0

    def count(event, arguments):
        nonlocal seen
        named = (a for a in arguments if isinstance(a, (str, bytes, os.PathLike)))
        text = " ".join(map(os.fsdecode, named))
        if (str(data) in text or event in ("os.remove", "os.rmdir")) and (seen or "draft-" in text):
            seen += 1
            if seen == touch:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def state(job_id):
    (job,) = ledger.find([job_id])
    storage.settle(job)
    names = sorted(
        str(p.relative_to(storage.folder(job_id)))
        for p in storage.folder(job_id).rglob("*") if p.is_file()
    )
    return {"state": job.state, "attempts": job.attempts, "files": names}


status, told = None, []
while status != 0:
    job_id = f"{len(told) + 1:032x}"
    storage.receive(job_id, BytesIO(b"film"), "a.mp4", 9)
    ledger.add(job_id, "a.mp4", AnalysisOptions(), keep_video)
    ledger.close()
    child = os.fork()
    if not child:
        die_at(len(told) + 1)
        run.run_job(job_id, data, Limits(), "onnx")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    ledger.give_up(job_id, 3)
    after = state(job_id)
    if after["state"] == "queued":
        run.run_job(job_id, data, Limits(), "onnx")
    told.append([status, after, state(job_id)])
print(json.dumps(told))
"""
RESULTS = [f"results/report.{kind}" for kind in ("csv", "html", "json")]


@pytest.mark.parametrize("keep_video", [False, True])
def test_a_worker_killed_while_it_publishes_leaves_all_or_nothing(
    tmp_path: Path, keep_video: bool
) -> None:
    command = [sys.executable, "-c", DYING, str(tmp_path), "keep" if keep_video else "drop"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=240, check=True)
    told = json.loads(done.stdout)
    *deaths, lived = told
    assert len(deaths) > 10 and all(status == 9 for status, _, _ in deaths)
    assert lived[0] == 0
    whole = RESULTS + (["video.mp4"] if keep_video else [])
    for _, after, end in told:
        if after["state"] == "queued":
            assert "video.mp4" in after["files"]
        else:
            assert (after["state"], after["files"]) == ("succeeded", whole)
        assert (end["state"], end["files"]) == ("succeeded", whole)
        assert end["attempts"] == (2 if after["state"] == "queued" else 1)
    # Some died before the ledger heard of their results, some after.
    assert {after["state"] for _, after, _ in deaths} == {"queued", "succeeded"}
