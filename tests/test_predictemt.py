from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

import predictemt
from affect.emotions import VIEWS
from affect.errors import CameraError, SettingsError, UnreadableMedia

PHOTOGRAPH = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)


def test_pred_reads_a_path_and_an_array_alike(tmp_path: Path) -> None:
    path = tmp_path / "astronaut.png"
    cv2.imwrite(str(path), cv2.cvtColor(PHOTOGRAPH, cv2.COLOR_BGR2GRAY))
    label, face = predictemt.pred(path)
    assert label in VIEWS["five"]
    assert (face.shape, face.dtype) == ((1, 48, 48, 1), np.float32)
    assert face.min() >= 0 and 0.5 < face.max() <= 1
    same_label, same_face = predictemt.pred(cv2.imread(str(path)))
    assert same_label == label
    np.testing.assert_allclose(same_face, face, atol=2 / 255)


def test_pred_takes_the_largest_face() -> None:
    head = PHOTOGRAPH[20:220, 120:320]
    picture = np.full((600, 900, 3), 120, np.uint8)
    picture[20:140, 20:140] = cv2.resize(head[:, ::-1], (120, 120))
    picture[100:500, 400:800] = cv2.resize(head, (400, 400))
    _, chosen = predictemt.pred(picture)
    _, large = predictemt.pred(picture[:, 350:])
    _, small = predictemt.pred(picture[:250, :300])
    assert predictemt.ssimscore1(chosen, large) > 0.5 > predictemt.ssimscore1(chosen, small)


def test_pred_takes_one_channel_and_floats() -> None:
    gray = cv2.cvtColor(PHOTOGRAPH, cv2.COLOR_BGR2GRAY)
    label, face = predictemt.pred(gray)
    for same in (gray[:, :, None], (gray / 255).astype(np.float32)):
        other_label, other_face = predictemt.pred(same)
        assert other_label == label
        np.testing.assert_allclose(other_face, face, atol=1 / 255)


@pytest.mark.parametrize(
    "shape", [(10,), (10, 10, 2), (2, 10, 10, 3), (0, 0), (0, 10, 3), (10, 0, 1)]
)
def test_pred_of_no_picture_array_is_a_sentence(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnreadableMedia, match="shape"):
        predictemt.pred(np.zeros(shape, np.uint8))


def test_pred_without_a_face_is_two_zeros() -> None:
    assert predictemt.pred(cv2.cvtColor(data.coffee(), cv2.COLOR_RGB2BGR)) == (0, 0)
    assert predictemt.pred(np.zeros((100, 100), np.uint8)) == (0, 0)


def test_pred_of_no_picture_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(UnreadableMedia, match=r"text\.png is not a picture"):
        predictemt.pred(tmp_path / "text.png")


def test_vidframe_gives_a_face_for_each_second(face_video: Path) -> None:
    emotions, faces = predictemt.vidframe(face_video)
    assert len(emotions) == len(faces) == 3
    assert set(emotions) <= set(VIEWS["five"])
    assert all(face.shape == (1, 48, 48, 1) for face in faces)


def test_vidframe_without_a_camera_says_so() -> None:
    with pytest.raises(CameraError, match="no camera number 97"):
        predictemt.vidframe(97, seconds=1)


def test_a_camera_that_stalls_is_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.0, 0.5, 5.2, 5.3, 5.9, 6.1, 9.0])

    class Camera:
        isOpened = staticmethod(lambda: True)  # noqa: N815
        read = staticmethod(lambda: (True, np.zeros((1, 1), np.uint8)))
        release = staticmethod(lambda: None)

    monkeypatch.setattr(predictemt, "monotonic", lambda: next(times))
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: Camera())
    assert len(list(predictemt._watch(0, 8))) == 3  # at 0, 5.2 and 6.1 seconds


def test_ssimscore1_is_scikit_images_over_the_right_range() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 1, 48, 48, 1), dtype=np.float32)
    golden = structural_similarity(
        a.reshape(48, 48).astype(float), b.reshape(48, 48).astype(float), data_range=1.0
    )
    assert predictemt.ssimscore1(a, b) == pytest.approx(golden)
    assert predictemt.ssimscore1(a, a) == pytest.approx(1)


def test_removeout_removes_results_and_nothing_else(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        (folder / "report.json").write_text("{}")
    (theirs / "thesis.odt").write_text("years of work")
    predictemt.removeout(ours)
    assert not ours.exists()
    with pytest.raises(SettingsError, match="stays"):
        predictemt.removeout(theirs)
    assert (theirs / "thesis.odt").exists()
    with pytest.raises(SettingsError):
        predictemt.removeout(tmp_path / "absent")
