"""What every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from skimage import data

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real videos and labelled faces; CI has it, elsewhere tests say they skip."""
    folder = Path(os.environ.get("AFFECT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"no data at {folder}, and CI skips nothing")
        pytest.skip(f"no data at {folder}")
    return folder


@pytest.fixture(scope="session")
def face_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a public-domain face that moves a little."""
    photograph = data.astronaut()
    path = tmp_path_factory.mktemp("video") / "face.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 480, 360, "yuv420p"
        for i in range(30):
            picture = np.ascontiguousarray(photograph[:360, i : i + 480])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(autouse=True)
def _ordinary_priority() -> Iterator[None]:
    """Undo what SVT-AV1 does for root: it makes whoever encodes a real-time process.

    Its children would be real-time too, and a browser among them takes the whole machine.
    """
    yield
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
