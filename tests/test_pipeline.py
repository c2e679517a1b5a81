import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

import affect
from affect.contracts import ModelIdentity, Progress, Scores, VideoReport
from affect.emotions import EMOTIONS, VIEWS
from affect.errors import Cancelled, MediaError, SettingsError
from affect.pipeline import analyze
from affect.report import to_json
from affect.training import video


class Always:
    """Reads every face as the same emotion, and as readable or not."""

    identity = ModelIdentity("always", "0" * 64)

    def __init__(self, emotion: str, readability: float = 1.0) -> None:
        self._row = np.full(len(EMOTIONS), 0.05, np.float32)
        self._row[EMOTIONS.index(emotion)] = 0.7
        self._readability = readability

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        count = len(crops)
        rows = np.tile(self._row, (count, 1))
        return Scores(rows, np.full(count, self._readability, np.float32), np.log(rows))

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(softmax(mean, axis=1), np.float32)


class Restless(Always):
    """Says now this and now that of a face, and answers by how much that swings."""

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        scores = super().score(crops)
        said = np.zeros((len(crops), len(EMOTIONS)), np.float32)
        said[::2, EMOTIONS.index("sad")] = 2
        return Scores(scores.probabilities, scores.readability, said)

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        return super().answer(3 * spread, spread)


@pytest.fixture(scope="module")
def report(face_video: Path) -> VideoReport:
    return analyze(face_video, model=Always("happy"))


def test_one_person_in_every_moment(report: VideoReport) -> None:
    assert report.sampled == len(report.moments) == 15
    assert [moment.time_s for moment in report.moments] == pytest.approx([i / 5 for i in range(15)])
    assert [person.id for person in report.people] == [1]
    assert report.people[0].faces == 15
    assert report.summary.coverage == 1
    assert not report.partial


def test_the_summary_says_what_the_faces_said(report: VideoReport) -> None:
    assert report.summary.dominant == "happy"
    assert report.summary.smile_index == 1
    assert report.summary.smile_intensity == pytest.approx(0.7 / 0.9)
    assert report.model.name == "always"


def test_the_model_hears_how_much_what_it_says_swings(face_video: Path) -> None:
    summary = analyze(face_video, model=Restless("happy")).summary
    assert summary.dominant == "sad"
    one_look = analyze(face_video, rate=0.3, model=Restless("happy"))
    assert one_look.sampled == 1
    assert one_look.summary.dominant != "sad"


def test_posture_rests_on_pairs_one_second_apart(report: VideoReport) -> None:
    assert report.summary.posture is not None
    assert report.summary.posture.pairs == 10
    assert report.summary.posture.label == "Good"


def test_a_rate_of_numpy_is_a_number_like_any(face_video: Path) -> None:
    report = analyze(face_video, rate=np.float32(1), model=Always("sad"))
    assert json.loads(json.dumps(to_json(report)))["settings"]["rate"] == 1


def test_the_old_rate(face_video: Path) -> None:
    report = analyze(face_video, rate=1, model=Always("sad"))
    assert [moment.time_s for moment in report.moments] == pytest.approx([0, 1, 2])


@pytest.mark.parametrize("view", VIEWS)
def test_scores_are_of_the_view(face_video: Path, view: str) -> None:
    report = analyze(face_video, rate=1, emotions=view, model=Always("angry"))
    (face,) = report.moments[0].faces
    assert face.scores is not None
    assert tuple(face.scores) == VIEWS[view]
    assert sum(face.scores.values()) == pytest.approx(1, abs=1e-5)
    assert face.emotion == "angry"


def test_a_face_that_cannot_be_read_is_somebody_without_an_emotion(face_video: Path) -> None:
    report = analyze(face_video, model=Always("happy", readability=0.1))
    (person,) = report.people
    assert person.dominant is None and not person.emotions
    assert len(report.moments) == sum(len(moment.faces) for moment in report.moments) == 15
    for moment in report.moments:
        (face,) = moment.faces
        assert (face.readable, face.emotion, face.scores) == (False, None, None)
    summary = report.summary
    assert (summary.unreadable, summary.coverage, summary.emotions) == (1, 0, {})
    assert (summary.dominant, summary.smile_index, summary.posture) == (None, None, None)


def test_progress_is_told_after_each_look(face_video: Path) -> None:
    told: list[Progress] = []
    analyze(face_video, on_progress=told.append, model=Always("sad"))
    assert [each.done_s for each in told] == sorted(each.done_s for each in told)
    assert len(told) == 15
    assert told[-1].total_s == pytest.approx(3, abs=0.1)
    assert told[-1].face is not None and told[-1].face.shape == (48, 48)


def test_cancelling_ends_it_at_once(face_video: Path) -> None:
    told: list[Progress] = []

    def cancel(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 3:
            raise Cancelled("Someone pressed Cancel.")

    with pytest.raises(Cancelled):
        analyze(face_video, on_progress=cancel, model=Always("sad"))
    assert len(told) == 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rate": 0}, "rate is 0"),
        ({"rate": 1e308}, r"rate is 1e\+308"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"emotions": "six"}, "no emotions called 'six'"),
        ({"head": "both"}, "no head 'both'"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_opened(
    tmp_path: Path, wrong: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        analyze(tmp_path / "absent.mp4", **wrong)


def test_no_video_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(MediaError) as raised:
        analyze(tmp_path / "notes.mp4", model=Always("sad"))
    assert raised.value.code == "media-unreadable"


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("no_face_road_from_above.mp4", 0),
        ("one_person_still.mp4", 1),
        ("one_person_head_turning.mp4", 1),
        ("one_person_restless_hand_over_face.mp4", 1),
        ("two_people_heads_tilting.mp4", 2),
    ],
)
def test_people_of_real_videos(shared_data: Path, name: str, people: int) -> None:
    assert len(affect.analyze(shared_data / "situations" / name).people) == people


def test_nobody_before_somebody_comes(shared_data: Path) -> None:
    report = affect.analyze(shared_data / "situations" / "no_face_then_face_hevc.mov")
    assert len(report.people) == 1
    assert report.people[0].first_s >= 3.5


def test_the_laughing_woman_among_flowers_is_happy(shared_data: Path) -> None:
    report = affect.analyze(shared_data / "clips" / "happy" / "new_happy01.mp4")
    assert report.summary.dominant == "happy"
    assert report.people[0].dominant == "happy"
    # She stands right of the middle of the 1280 pixels; the flowers are left of her.
    boxes = [face.box for moment in report.moments for face in moment.faces if face.person == 1]
    assert 700 < np.median([box.x + box.width / 2 for box in boxes]) < 1000


def test_how_still_people_sit(shared_data: Path) -> None:
    still = affect.analyze(shared_data / "situations" / "one_person_still.mp4").summary.posture
    restless = affect.analyze(
        shared_data / "situations" / "one_person_head_turning.mp4"
    ).summary.posture
    assert still is not None and restless is not None
    assert (still.label, restless.label) == ("Good", "Not good")


def test_clips_of_customers(shared_data: Path) -> None:
    """Happy clips, and only these, show more happy than angry faces: at least 17 of 18."""
    clips = video.clips(
        shared_data / "clips", lambda path, view: affect.analyze(path, emotions=view)
    )
    assert len(clips) == 18
    assert sum(clip.right for clip in clips) >= 17
