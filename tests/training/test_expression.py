from __future__ import annotations

import hashlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from affect import cli, export
from affect.datasets.fer2013 import FaceSet, copies_of
from affect.emotions import EMOTIONS
from affect.errors import DataError, ModelError, SettingsError
from affect.expression.runtimes import KerasRuntime
from affect.expression.trunks import TRUNKS
from affect.resources import folder
from affect.training import configuration as configurations
from affect.training import expression, log, publish, run_folder
from affect.training.configuration import Configuration
from affect.training.targets import probabilities


def test_a_run_leaves_weights_log_curves_and_its_configuration(
    run: expression.TrainingResult, tiny: Configuration
) -> None:
    rows = log.read(run.log)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert all(np.isfinite(row["loss"]) for row in rows)
    assert run.weights.stat().st_size > 0
    assert run.curves.read_bytes().startswith(b"\x89PNG")
    assert run.epoch == log.best(rows)["epoch"]
    assert configurations.read(run.log.parent / run_folder.CONFIGURATION) == tiny


@pytest.mark.parametrize("trunk", TRUNKS)
def test_the_shipped_configuration_trains(trunk: str, faces: FaceSet, tmp_path: Path) -> None:
    """Its own network and precision, for two steps."""
    shipped = configurations.read(folder("model") / f"{trunk}.toml")
    short = replace(shipped, epochs=1, touch_up_epochs=0, batch=32, limit=64)
    result = expression.train(faces, short, tmp_path, resume=False)
    (row,) = log.read(result.log)
    assert np.isfinite(row["loss"])
    assert result.accuracy.keys() == {"ferplus", "fer2013"}
    assert result.weights.stat().st_size > 1_000_000


def test_a_network_without_dropout_trains(
    faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    bare = replace(tiny, dropout=0.0, epochs=1, limit=32)
    assert expression.train(faces, bare, tmp_path, resume=False).epoch == 1


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    run: expression.TrainingResult,
    faces: FaceSet,
    tiny: Configuration,
    save: Callable[[FaceSet], Path],
    tmp_path: Path,
) -> None:
    configurations.write(tiny, tmp_path / "tiny.toml")
    out = tmp_path / "run"
    command = [sys.executable, "-m", "affect", "train", "expression", "--data", str(save(faces))]
    command += ["--config", str(tmp_path / "tiny.toml"), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("'epoch': 1.0" in line for line in process.stdout), "it ended before"
        process.send_signal(signal.SIGKILL)
    # Without --config it goes on with its own.
    again = [*command[3:7], "--out", str(out), "--resume"]
    result = CliRunner().invoke(cli.main, again)
    assert result.exit_code == 0, result.output
    assert "held-out accuracy" in result.output
    rows, unbroken = log.read(out / run_folder.LOG), log.read(run.log)
    assert [row["epoch"] for row in rows] == [1, 2]
    for row, expected in zip(rows, unbroken, strict=True):
        assert row["loss"] == pytest.approx(expected["loss"], rel=1e-3)


@pytest.mark.parametrize("moment", ["judging", "logging", "backing up"])
def test_a_run_stopped_at_the_end_of_an_epoch_repeats_it(
    moment: str,
    run: expression.TrainingResult,
    faces: FaceSet,
    tiny: Configuration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where, name = {
        "judging": (expression, "accuracy"),
        "logging": (log, "write"),
        "backing up": (keras.Model, "save_weights"),
    }[moment]
    done, real = [], getattr(where, name)

    def stopped_in_the_second_epoch(*arguments: Any, **named: Any) -> Any:
        if moment != "backing up" or "state" in str(named.get("filepath")):
            done.append(moment)
            if len(done) == 2:
                raise KeyboardInterrupt
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(where, name, stopped_in_the_second_epoch)
        with pytest.raises(KeyboardInterrupt):
            expression.train(faces, tiny, tmp_path, resume=False)
    resumed = expression.train(faces, tiny, tmp_path, resume=True)
    rows, unbroken = log.read(resumed.log), log.read(run.log)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[1] == pytest.approx(unbroken[1], rel=1e-3)
    assert resumed.epoch == run.epoch


def test_a_state_that_was_cut_off_costs_one_epoch(
    run: expression.TrainingResult, faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    shutil.copytree(run.log.parent, tmp_path / "run")
    (latest,) = (tmp_path / "run" / "state").glob("latest*.h5")
    latest.write_bytes(latest.read_bytes()[: latest.stat().st_size // 2])
    resumed = expression.train(faces, tiny, tmp_path / "run", resume=True)
    rows, unbroken = log.read(resumed.log), log.read(run.log)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[1] == pytest.approx(unbroken[1], rel=1e-3)


def test_in_a_terminal_a_bar_shows_how_far_an_epoch_is(
    faces: FaceSet, tiny: Configuration, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    configurations.write(replace(tiny, epochs=1), tmp_path / "tiny.toml")
    command = [sys.executable, "-m", "affect", "train", "expression", "--data", str(save(faces))]
    command += ["--config", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "run")]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # Linux ends a terminal that nobody holds any more so
            while chunk := os.read(ours, 65536):
                seen += chunk
    os.close(ours)
    assert process.returncode == 0
    text = seen.decode()
    assert re.search(r"1/5.*━.*s/step.*loss", text), text
    assert re.search(r"5/5.*━.*s/step.*loss", text), text


def test_a_run_may_begin_with_a_published_trunk(
    published: Path, faces: FaceSet, separable: Configuration, tmp_path: Path
) -> None:
    """It takes what fits, keeps what is frozen, remembers where it began, and its card names it."""
    on = replace(separable, epochs=1, frozen=1, side=48)
    shutil.copytree(published, tmp_path / "model")
    out = tmp_path / "run"
    for other, told in (
        ({"widths": (32,)}, r"its widths is \(24,\), this run's \(32,\)"),
        ({"strides": (1,)}, "its strides"),
        ({"stem": 24}, "its stem"),
        ({"widths": (24, 24), "strides": (2, 1)}, "its widths"),
        ({"seed": on.seed + 1}, "held out other faces: its seed is 7"),
    ):
        with pytest.raises(SettingsError, match=told):
            unlike = replace(on, **other)
            expression.train(faces, unlike, out, resume=False, start=tmp_path / "model")
        assert not out.exists()

    result = expression.train(faces, on, out, resume=False, start=tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    known = KerasRuntime(published / publish.WEIGHTS).network
    begun = expression.begin(on, run_folder.origin(out, None), "float32")
    ended = expression.begin(on, None, "float32")
    ended.load_weights(result.weights)
    for origin, name, kept in (
        ("separable_stem", "separable_stem", True),
        ("separable_stem_norm", "separable_stem_norm", True),
        ("separable_block1_point_norm", "separable_block1_point_norm", True),
        ("ferplus_linear", "ferplus", False),
    ):
        was = known.get_layer(origin).get_weights()
        begins, ends = (model.get_layer(name).get_weights() for model in (begun, ended))
        for one, other_one in ((was, begins), (begins, ends)):
            assert len(one) == len(other_one) > 0
            assert all(map(np.array_equal, one, other_one)) == kept, name
    assert expression.train(faces, on, out, resume=True).epoch == result.epoch

    weights = (published / publish.WEIGHTS).read_bytes()
    began_with = publish.Run(out, on).described()["began_with"]
    assert began_with == hashlib.sha256(weights).hexdigest()


def test_what_is_not_frozen_learns_on(
    published: Path, faces: FaceSet, separable: Configuration, tmp_path: Path
) -> None:
    on = replace(separable, epochs=1)
    result = expression.train(faces, on, tmp_path / "run", resume=False, start=published)
    known = KerasRuntime(published / publish.WEIGHTS).network
    ended = expression.begin(on, None, "float32")
    ended.load_weights(result.weights)
    for name in ("separable_stem", "separable_block1_depth"):
        (was,), (now,) = (model.get_layer(name).get_weights() for model in (known, ended))
        assert not np.array_equal(was, now)
        np.testing.assert_allclose(was, now, atol=0.05)


def test_what_teachers_answer_is_learned_and_remembered(
    faces: FaceSet, tiny: Configuration, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    """Told that striped pictures are sad, the network calls them sad, whatever the others are."""
    images = np.zeros((300, 48, 48), np.uint8)
    images[:, :, ::2] = np.random.default_rng(0).integers(100, 256, (300, 48, 24))
    sad = np.tile(np.eye(7, dtype=np.float32)[EMOTIONS.index("sad")], (300, 1))
    answers, settings = tmp_path / "said.npz", tmp_path / "run.toml"
    np.savez(answers, images=images, ferplus=sad, fer2013=sad)
    listening = replace(tiny, epochs=4, learning_rate=0.02)
    configurations.write(listening, settings)
    arguments = ["train", "expression", "--data", str(save(faces)), "--config", str(settings)]
    out = tmp_path / "run"
    result = CliRunner().invoke(
        cli.main, [*arguments, "--answers", str(answers), "--out", str(out)]
    )
    assert result.exit_code == 0, result.output

    model = expression.begin(listening, None, "float32")
    model.load_weights(out / run_folder.WEIGHTS)
    for head in probabilities(model, images).values():
        assert (head.argmax(axis=1) == EMOTIONS.index("sad")).mean() > 0.9

    taught_by = publish.Run(out, listening).described()["taught_by"]
    assert taught_by == hashlib.sha256(answers.read_bytes()).hexdigest()


def test_answers_that_are_none_leave_nothing_behind(
    faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(DataError, match=r"none\.npz holds no answers"):
        expression.train(faces, tiny, out, resume=False, answers=tmp_path / "none.npz")
    assert not out.exists()


@pytest.mark.parametrize("name", run_folder.LEFT_BEHIND)
def test_what_happens_to_lie_where_a_run_begins_is_not_taken_for_its_own(
    name: str, faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ModelError, match=f"holds {re.escape(name)}, but no run"):
        expression.train(faces, tiny, tmp_path, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_other_faces_are_nothing_to_go_on_with(
    run: expression.TrainingResult,
    published: Path,
    faces: FaceSet,
    tiny: Configuration,
    separable: Configuration,
    tmp_path: Path,
) -> None:
    """In another order chance holds out others, of which most were learned."""
    others = faces.take(np.arange(len(faces))[::-1])
    told = "of these, it has learned what would be held out"
    with pytest.raises(DataError, match=told):
        expression.train(others, tiny, run.log.parent, resume=True)
    with pytest.raises(DataError, match=told):
        expression.train(others, separable, tmp_path / "on", resume=False, start=published)
    with pytest.raises(DataError, match=told):
        publish.publish([run.log.parent], others, (), tmp_path / "model", export.ship)
    with pytest.raises(DataError, match=told):
        expression.split_as_published(others, published)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_model_is_nothing_to_begin_with(
    faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"expression\.weights\.h5 is missing"):
        expression.train(faces, tiny, tmp_path / "run", resume=False, start=tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_finished_run_is_not_overwritten_or_gone_on_with_otherwise(
    run: expression.TrainingResult, faces: FaceSet, tiny: Configuration
) -> None:
    out = run.log.parent
    with pytest.raises(ModelError, match="--resume"):
        expression.train(faces, tiny, out, resume=False)
    with pytest.raises(SettingsError, match="configured otherwise"):
        expression.train(faces, replace(tiny, epochs=3), out, resume=True)


def test_faces_without_votes_are_refused(
    faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="votes"):
        expression.train(
            replace(faces, votes=np.zeros_like(faces.votes)), tiny, tmp_path, resume=False
        )


def test_without_a_face_to_choose_the_epoch_by_it_is_refused(
    faces: FaceSet, tiny: Configuration, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="by which a run is judged"):
        expression.train(faces, replace(tiny, hold_out=0.001), tmp_path, resume=False)
    assert not list(tmp_path.iterdir())


def test_held_out_faces_and_copies_of_test_faces_are_not_learned(
    faces: FaceSet, tiny: Configuration
) -> None:
    learned, held_out = expression.split_training(faces, tiny)
    assert len(learned) + len(held_out) == 145
    assert not copies_of(learned, held_out).any()
    assert not copies_of(faces.split("PublicTest"), learned).any()
    assert not copies_of(faces.split("PublicTest"), held_out).any()
