from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from affect.contracts import (
    AnalysisOptions,
    Box,
    ModelIdentity,
    Moment,
    Reading,
    Summary,
    VideoInfo,
    VideoReport,
)
from affect.emotions import EMOTIONS
from affect.errors import DataError, UnreadableMedia
from affect.training.video import accuracy, clips, talking


def report(
    shares: Mapping[str, float] | None = None, faces: tuple[Mapping[str, float] | None, ...] = ()
) -> VideoReport:
    """A report with these shares and one moment a face; None is an unreadable one."""
    summary = Summary(shares or {}, None, None, None, None, None, 0.0, None, None)
    moments = tuple(
        Moment(
            index,
            float(index),
            (Reading(1, Box(0, 0, 9, 9), 1.0, scores is not None, None, scores, None),),
        )
        for index, scores in enumerate(faces)
    )
    video = VideoInfo("clip.mp4", 1.0, 10, 10, 25.0)
    identity = ModelIdentity("expression", "0" * 64)
    return VideoReport(
        video, len(moments), False, AnalysisOptions(), summary, (), moments, identity
    )


def scores(**chosen: float) -> dict[str, float]:
    return {emotion: chosen.get(emotion, 0.0) for emotion in EMOTIONS}


def test_clips_are_right_when_the_larger_share_is_the_folder(tmp_path: Path) -> None:
    found = {
        "happy/a.mp4": report({"happy": 0.6, "angry": 0.1}),
        "happy/b.mp4": report({"happy": 0.2, "angry": 0.5}),
        "angry/c.mp4": report({"happy": 0.0, "angry": 0.0, "neutral": 1.0}),
        "angry/d.mp4": report(),
    }
    for name in found:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "happy" / "README.md").write_text("not a clip")
    asked: list[str] = []

    def analyze(path: Path, view: str) -> VideoReport:
        asked.append(view)
        return found[f"{path.parent.name}/{path.name}"]

    measured = {clip.name: clip.right for clip in clips(tmp_path, analyze)}
    # A clip in which no face could be read is not right by accident.
    assert measured == {
        "happy/a.mp4": True,
        "happy/b.mp4": False,
        "angry/c.mp4": True,
        "angry/d.mp4": False,
    }
    assert set(asked) == {"five"}


def test_a_damaged_clip_is_named(tmp_path: Path) -> None:
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "a.mp4").touch()

    def analyze(path: Path, view: str) -> VideoReport:
        raise UnreadableMedia("The file is empty.")

    with pytest.raises(DataError, match=r"happy/a\.mp4: The file is empty"):
        clips(tmp_path, analyze)
    (tmp_path / "labels.csv").write_text("file,speaker,label\nhappy/a.mp4,01,sad\n")
    with pytest.raises(DataError, match=r"happy/a\.mp4: The file is empty"):
        talking(tmp_path, analyze)


def test_a_folder_without_clips_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected videos in"):
        clips(tmp_path, lambda path, view: report())


def test_talking_answers_by_the_mean_over_readable_faces(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "file,speaker,label\na.mp4,01,sad\nb.mp4,01,fear\nc.mp4,02,happy\nd.mp4,02,neutral\n"
    )
    found = {
        # One face says happy, two lean to sad; disgust is no answer; one is unreadable.
        "a.mp4": (
            scores(happy=0.9, sad=0.1),
            scores(sad=0.6, disgust=0.4),
            None,
            scores(sad=0.6, disgust=0.4),
        ),
        "b.mp4": (scores(fear=0.9, happy=0.1),),
        "c.mp4": (scores(fear=0.6, happy=0.4),),
        "d.mp4": (None,),
    }
    for name in found:
        (tmp_path / name).touch()
    talks = talking(tmp_path, lambda path, view: report(faces=found[path.name]))
    assert [talk.six for talk in talks] == ["sad", "fear", "fear", None]
    assert [talk.five for talk in talks] == ["sad", None, "happy", None]
    assert accuracy(talks) == (2 / 4, 2 / 3)
    assert accuracy([talk for talk in talks if talk.label == "fear"]) == (1.0, None)


@pytest.mark.parametrize(
    "rows",
    [
        "nonsense\n",
        "file,speaker,label\na.mp4,01,bored\n",
        "file,label,speaker\na.mp4,sad\n",
        "speaker,label,file\n01,sad\n",
    ],
)
def test_wrong_tables_are_sentences(tmp_path: Path, rows: str) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "labels.csv").write_text(rows)
    with pytest.raises(DataError, match="Expected a table"):
        talking(tmp_path, lambda path, view: report(faces=(scores(sad=1.0),)))


def test_missing_table_and_missing_clip(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a table"):
        talking(tmp_path, lambda path, view: report())
    (tmp_path / "labels.csv").write_text("file,speaker,label\nnone.mp4,01,sad\n")
    with pytest.raises(DataError, match=r"none\.mp4"):
        talking(tmp_path, lambda path, view: report())
