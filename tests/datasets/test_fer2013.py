from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affect.datasets.fer2013 import VOTE_COLUMNS, FaceSet, clean, copies_of, hold_out, load
from affect.emotions import EMOTIONS
from affect.errors import DataError

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def votes(**given: int) -> list[int]:
    return [given.get(name, 0) for name in VOTE_COLUMNS]


def faces(
    shades: list[int], labels: list[int] | None = None, ballots: list[list[int]] | None = None
) -> FaceSet:
    """Faces of one shade each, so that equal shades are exact copies."""
    n = len(shades)
    return FaceSet(
        np.array(shades, np.uint8)[:, None, None] * np.ones((1, 48, 48), np.uint8),
        np.array(labels or [HAPPY] * n, np.int64),
        np.array(ballots or [votes(happiness=10)] * n, np.int64),
        np.array(["Training"] * n),
    )


def write_npz(path: Path, **changes: np.ndarray) -> Path:
    parts = {
        "pixels": np.arange(2, dtype=np.uint8)[:, None, None] * np.ones((1, 48, 48), np.uint8),
        "label": np.array([HAPPY, SAD], np.uint8),
        "usage": np.array([0, 1], np.uint8),
        "usage_names": np.array(["Training", "PublicTest"]),
        "votes": np.array([votes(happiness=10), votes(sadness=6, NF=4)], np.uint8),
        "label_names": np.array(EMOTIONS),
        "vote_columns": np.array(VOTE_COLUMNS),
    }
    np.savez(path, **(parts | changes))
    return path


def test_an_npz_is_read(tmp_path: Path) -> None:
    read = load(write_npz(tmp_path / "faces.npz"))
    assert read.labels.tolist() == [HAPPY, SAD]
    assert read.splits.tolist() == ["Training", "PublicTest"]
    assert read.votes[1].tolist() == votes(sadness=6, NF=4)
    assert read.images[1, 0, 0] == 1


def test_fer2013s_own_csv_is_read(tmp_path: Path) -> None:
    pixels = " ".join(str(i % 256) for i in range(48 * 48))
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n{SAD},{pixels},Training\n")
    read = load(path)
    assert read.labels.tolist() == [SAD]
    assert read.images[0, 0, :3].tolist() == [0, 1, 2]
    assert not read.votes.any()


CSV_ROWS = [(SAD, "Training"), (HAPPY, "PublicTest"), (SAD, "PrivateTest")]
HEADER = "Usage,Image name," + ",".join(VOTE_COLUMNS)


def write_csv(folder: Path, *table: str) -> Path:
    """FER2013's CSV, and beside it FER+'s with these lines."""
    pixels = [" ".join([str(shade)] * 48 * 48) for shade in range(len(CSV_ROWS))]
    rows = [f"{label},{pixels[i]},{split}" for i, (label, split) in enumerate(CSV_ROWS)]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")
    (folder / "fer2013new.csv").write_text("\r\n".join(table) + "\r\n")
    return folder / "fer2013.csv"


def test_votes_beside_the_csv_are_joined_by_row(tmp_path: Path) -> None:
    """Not by "Image name", which is blank where nobody should be seen and counts otherwise."""
    path = write_csv(
        tmp_path,
        HEADER,
        "Training,fer0000002.png,0,0,0,7,2,0,0,0,1,0",
        "PublicTest,,0,0,0,0,0,0,0,0,0,10",
        "PrivateTest,fer0000000.png,1,9,0,0,0,0,0,0,0,0",
    )
    read = load(path)
    assert read.votes.tolist() == [
        votes(sadness=7, anger=2, unknown=1),
        votes(NF=10),
        votes(neutral=1, happiness=9),
    ]
    assert read.majority.tolist() == [SAD, -1, HAPPY]
    assert read.images[:, 0, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([HEADER, "Training,a.png,0,0,0,7,2,0,0,0,1,0"], "votes for 1 faces, not for 3"),
        (
            [HEADER, *(f"{split},a,1,0,0,0,0,0,0,0,0,9" for split in ("Training",) * 3)],
            "Row 2 .* 'Training', that of FER2013's CSV of 'PublicTest'",
        ),
        ([HEADER, "Training,a.png,0,0,many,7,2,0,0,0,1,0"], "not FER.'s table"),
        ([HEADER, "Training,a.png,0,0"], "not FER.'s table"),
        (["Usage,name", "Training,a.png"], "not FER.'s table"),
    ],
    ids=["too few", "another order", "no number", "cut", "another table"],
)
def test_votes_that_do_not_belong_to_the_csv_are_refused(
    tmp_path: Path, table: list[str], told: str
) -> None:
    with pytest.raises(DataError, match=told) as raised:
        load(write_csv(tmp_path, *table))
    assert "Usage, Image name, neutral, happiness" in raised.value.advice


def test_folders_of_pictures_are_read(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    for split, emotion, shade in [("train", "sad", 40), ("test", "happy", 80)]:
        folder = tmp_path / split / emotion
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "0.png"), np.full((48, 48), shade, np.uint8))
        (folder / ".DS_Store").touch()
    (tmp_path / "train" / ".thumbnails").mkdir()
    (tmp_path / "train" / ".thumbnails" / "0.png").touch()
    read = load(tmp_path)
    assert set(zip(read.splits, read.labels, read.images[:, 0, 0], strict=True)) == {
        ("Training", SAD, 40),
        ("test", HAPPY, 80),
    }


def test_a_folder_of_another_name_is_not_passed_over(tmp_path: Path) -> None:
    """FER+ says "happiness": without those faces training would go on, with one emotion less."""
    for emotion in ("sad", "happiness"):
        (tmp_path / "train" / emotion).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "train" / emotion / "0.png"), np.zeros((48, 48), np.uint8))
    with pytest.raises(DataError, match="'happiness', which is none of the emotions") as raised:
        load(tmp_path)
    assert "angry, disgust, fear, happy" in raised.value.advice


def test_the_digest_is_of_the_faces_whatever_their_order(tmp_path: Path) -> None:
    read = load(write_npz(tmp_path / "faces.npz"))
    assert read.take(np.array([1, 0])).digest == read.digest
    assert read.take(np.array([0])).digest != read.digest


def test_data_that_is_missing_or_of_another_form_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad" / "train" / "sad").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "bad" / "train" / "sad" / "0.png"), np.zeros((9, 9), np.uint8))
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("emotion,pixels,Usage\n")
    (tmp_path / "short.csv").write_text("emotion,pixels,Usage\n0,1 2 3,Training\n")
    (tmp_path / "cut.csv").write_text("emotion,pixels,Usage\n0\n")
    bright = " ".join(["256"] * 48 * 48)
    (tmp_path / "bright.csv").write_text(f"emotion,pixels,Usage\n0,{bright},Training\n")
    write_npz(tmp_path / "names.npz", label_names=np.array(EMOTIONS[::-1]))
    write_npz(tmp_path / "label.npz", label=np.array([7, 0], np.uint8))
    write_npz(tmp_path / "pixels.npz", pixels=np.zeros((2, 47, 48), np.uint8))
    write_npz(tmp_path / "votes.npz", votes=np.zeros((2, 9), np.uint8))
    write_npz(tmp_path / "usage.npz", usage=np.array([0, 5], np.uint8))
    write_npz(tmp_path / "scalar.npz", pixels=np.array(3, np.uint8))
    write_npz(tmp_path / "bytes.npz", usage_names=np.array([b"Training", b"PublicTest"]))
    (tmp_path / "nothing.npz").touch()
    np.save(tmp_path / "array.npy", np.zeros(3))
    black = " ".join(["0"] * 48 * 48)
    (tmp_path / "splitless.csv").write_text(f"emotion,pixels,Usage\n0,{black}\n")
    (tmp_path / "turned.csv").write_text("pixels,emotion,Usage\n" + black + "\n")
    names = ["absent.npz", *(path.name for path in tmp_path.iterdir())]
    for name in names:
        with pytest.raises(DataError):
            load(tmp_path / name)
    assert len(names) == 20


def test_a_split_by_name(tmp_path: Path) -> None:
    read = load(write_npz(tmp_path / "faces.npz"))
    assert read.split("PublicTest").labels.tolist() == [SAD]
    with pytest.raises(DataError, match="PrivateTest"):
        read.split("PrivateTest")


def test_votes_become_shares_clarity_and_majority() -> None:
    ballots = [
        votes(happiness=6, neutral=2, contempt=1, unknown=1),
        votes(sadness=5, anger=5),
        votes(contempt=8, NF=2),
    ]
    read = faces([1, 2, 3], ballots=ballots)
    np.testing.assert_allclose(read.soft_votes[0, [HAPPY, 6]], [0.75, 0.25])
    np.testing.assert_allclose(read.soft_votes[2], np.full(7, 1 / 7), rtol=1e-6)
    np.testing.assert_allclose(read.clarity, [0.8, 1.0, 0.0])
    np.testing.assert_allclose(read.unclear, [0.1, 0.0, 0.2])
    assert read.majority.tolist() == [HAPPY, -1, -1]


def test_cleaning_keeps_each_usable_face_once() -> None:
    read = faces(
        [10, 10, 20, 20, 0, 30, 40],
        labels=[HAPPY, HAPPY, HAPPY, SAD, HAPPY, HAPPY, SAD],
        ballots=[votes(happiness=10)] * 5 + [votes(NF=6, happiness=4), votes(NF=5, sadness=5)],
    )
    assert clean(read).images[:, 0, 0].tolist() == [10, 40]


def test_copies_are_found() -> None:
    assert copies_of(faces([1, 2, 3]), faces([3, 1])).tolist() == [True, False, True]


@settings(deadline=None, max_examples=25)
@given(n=st.integers(2, 60), share=st.floats(0.05, 0.95), seed=st.integers(0, 9))
def test_holding_out_divides_without_loss(n: int, share: float, seed: int) -> None:
    kept, held = hold_out(faces(list(range(n))), share, seed)
    again, _ = hold_out(faces(list(range(n))), share, seed)
    assert len(held) == round(n * share)
    assert sorted([*kept.images[:, 0, 0], *held.images[:, 0, 0]]) == list(range(n))
    assert (kept.images == again.images).all()


def test_the_real_set_is_what_its_description_says(shared_data: Path) -> None:
    read = load(shared_data / "fer2013.npz")
    training, public = read.split("Training"), read.split("PublicTest")
    assert (len(training), len(public)) == (28_709, 3_589)
    assert copies_of(public, training).sum() == 280
    assert (~read.images.any(axis=(1, 2))).sum() == 12
    no_face = VOTE_COLUMNS.index("NF")
    assert [(part.votes[:, no_face] == 10).sum() for part in (training, public)] == [150, 10]
    clear = training.majority >= 0
    agree = training.majority[clear] == training.labels[clear]
    assert 0.70 <= agree.mean() <= 0.72
