from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.special import softmax

from affect import export
from affect.cli import main
from affect.contracts import ModelIdentity
from affect.datasets.crops import strangers
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS, VIEWS
from affect.errors import DataError, ModelError, SettingsError
from affect.expression import ANSWERS, RUNTIMES
from affect.expression.model import FILES, Model, for_runtime, weighing_of
from affect.expression.network import HEADS
from affect.expression.runtimes import KerasRuntime
from affect.expression.trunks import TRUNKS
from affect.training import configuration as configurations
from affect.training import expression, log, publish, pupils, run_folder
from affect.training.calibration import fit_temperature
from affect.training.configuration import Configuration
from affect.training.evaluate import LABELS_OF, evaluate
from affect.training.targets import probabilities

HALF = 2e-3  # what kernels of 16 bits may change in a probability


def test_card_describes_the_files(
    published: Path, faces: FaceSet, tiny: Configuration, separable: Configuration
) -> None:
    card = json.loads((published / publish.CARD).read_text())
    weights = (published / publish.WEIGHTS).read_bytes()
    assert card["sha256"] == hashlib.sha256(weights).hexdigest()
    assert card["labels"] == list(EMOTIONS)
    assert card["data"]["evaluated_on"] == "PublicTest"
    assert card["data"]["learned_from"] + card["data"]["held_out"] == 145
    strange = strangers(*reversed(expression.split_training(faces, tiny)))
    assert card["data"]["calibrated_on"] == len(strange) < card["data"]["held_out"]
    assert [run["configuration"]["trunk"] for run in card["runs"]] == list(TRUNKS)
    assert all(run["began_with"] is run["taught_by"] is None for run in card["runs"])
    assert configurations.read(published / "residual.toml") == tiny
    assert configurations.read(published / "separable.toml") == separable
    for trunk in TRUNKS:
        assert [row["epoch"] for row in log.read(published / f"{trunk}.log.csv")] == [1, 2]
    for head in ANSWERS:
        assert card["evaluation"][head].keys() == VIEWS.keys()


def test_a_publication_that_breaks_off_leaves_the_model_as_it_was(
    published: Path, run: expression.TrainingResult, faces: FaceSet, tmp_path: Path
) -> None:
    model = shutil.copytree(published, tmp_path / "model")

    def broken(*_: object) -> Mapping[str, Path]:
        raise ModelError("What exports is not installed.")

    with pytest.raises(ModelError):
        publish.publish([run.log.parent], faces, (), model, broken)
    assert {file.name: file.read_bytes() for file in model.iterdir()} == {
        file.name: file.read_bytes() for file in published.iterdir()
    }


def test_a_trunk_that_the_network_no_longer_has_leaves_nothing_behind(
    published: Path, run: expression.TrainingResult, faces: FaceSet, tmp_path: Path
) -> None:
    model = shutil.copytree(published, tmp_path / "model")
    older = shutil.copytree(run.log.parent, tmp_path / "older")
    (older / run_folder.HELD_OUT).unlink()
    publish.publish([older], faces, (), model, lambda *_: {})
    names = {file.name for file in model.iterdir()}
    assert {"residual.toml", "residual.log.csv"} <= names
    assert not {"separable.toml", "separable.log.csv"} & names
    # What an older run was held out nobody knows: the card does not tell, nothing is refused.
    assert json.loads((model / publish.CARD).read_text())["data"]["held_out_sha256"] is None
    others = faces.take(np.arange(len(faces))[::-1])
    assert len(expression.split_as_published(others, model)[0]) > 0


def test_what_cannot_succeed_is_refused_before_anything_is_learned(
    run: expression.TrainingResult,
    faces: FaceSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def learned(*_: object) -> None:
        pytest.fail("it went on to learn")

    monkeypatch.setattr(pupils, "photographs", learned)
    source, model = run.log.parent, tmp_path / "model"
    unvoted = replace(faces, votes=np.zeros_like(faces.votes))
    with pytest.raises(DataError, match="no FER\\+ votes"):
        publish.publish([source], unvoted, (), model, export.ship)
    unclear = np.where(faces.splits == "PublicTest", np.arange(len(faces)) % 2, 2)
    splits = np.array(["One", "Other", "Training"])[unclear]
    with pytest.raises(DataError, match="there are One, Other, Training"):
        publish.publish([source], replace(faces, splits=splits), (), model, export.ship)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"broken\.mp4: The file is damaged"):
        publish.publish([source], faces, [tmp_path / "broken.mp4"], model, export.ship)
    monkeypatch.setattr(publish, "strangers", lambda held_out, _: held_out.take(np.arange(0)))
    with pytest.raises(DataError, match="Nothing is left to fit temperatures on"):
        publish.publish([source], faces, (), model, export.ship)
    assert not model.exists()


def test_damaged_weights_of_a_run_are_named(
    run: expression.TrainingResult, faces: FaceSet, tmp_path: Path
) -> None:
    source = shutil.copytree(run.log.parent, tmp_path / "run")
    (source / run_folder.WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"best\.weights\.h5 holds no weights"):
        publish.publish([source], faces, (), tmp_path / "model", export.ship)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_each_file_has_the_checksum_and_accuracy_of_its_card(
    published: Path, faces: FaceSet, tiny: Configuration, runtime: str
) -> None:
    card = json.loads((published / publish.CARD).read_text())
    told = for_runtime(card, runtime)
    file = published / FILES[runtime]
    assert told["file"] == file.name
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    answering = RUNTIMES[runtime](file)
    strange = strangers(*reversed(expression.split_training(faces, tiny)))
    for head in ANSWERS:
        untempered = Model(answering, weighing_of(card, head), 1.0, ModelIdentity("tiny", ""))
        truth = strange.labels if head == "fer2013" else strange.majority
        expected = fit_temperature(untempered.score(strange.images).probabilities, truth)
        assert told["temperature"][head] == pytest.approx(expected, rel=1e-3)
    for head, view in product(ANSWERS, VIEWS):
        identity = ModelIdentity("tiny", told["sha256"])
        model = Model(answering, weighing_of(card, head), told["temperature"][head], identity)
        measures = evaluate(model, faces, LABELS_OF[head], view).every
        figures = told["evaluation"][head][view]
        assert figures["n"] == measures.n
        assert figures["accuracy"] == pytest.approx(measures.accuracy, abs=1e-4)
        assert figures["ece"] == pytest.approx(measures.reliability.error, abs=1e-3)
        assert np.isfinite(model.score(faces.images[:3]).readability).all()


def test_the_published_network_is_whole_precision(published: Path) -> None:
    network = KerasRuntime(published / publish.WEIGHTS).network
    card = json.loads((published / publish.CARD).read_text())
    assert network.count_params() + (28 + 1) * 7 + 1 == card["parameters"]
    assert {str(weight.dtype) for weight in network.weights} == {"float32"}


def test_the_published_network_begins_as_what_its_runs_answer_in_the_mean(
    published: Path,
    run: expression.TrainingResult,
    separable_run: expression.TrainingResult,
    tiny: Configuration,
    separable: Configuration,
    faces: FaceSet,
) -> None:
    import keras

    logits = []
    for result, configuration in ((run, tiny), (separable_run, separable)):
        model = expression.begin(configuration, None, "float32")
        model.load_weights(result.weights)
        logits.append(np.log(probabilities(model, faces.images)["fer2013"]))
    shares = [publish.SHARES[configuration.trunk] for configuration in (tiny, separable)]
    expected = np.average(logits, axis=0, weights=shares)
    joined = KerasRuntime(published / publish.WEIGHTS).network
    linear = keras.Model(joined.input, joined.get_layer("fer2013_linear").output)
    said = linear.predict(faces.images[..., None] / np.float32(255), verbose=0)
    np.testing.assert_allclose(softmax(said, axis=1), softmax(expected, axis=1), atol=HALF)
    # What a hidden layer adds is something.
    assert (
        np.abs(probabilities(joined, faces.images)["fer2013"] - softmax(said, axis=1)).max() > HALF
    )


def test_runs_that_do_not_belong_together_are_refused(
    run: expression.TrainingResult,
    separable_run: expression.TrainingResult,
    separable: Configuration,
    faces: FaceSet,
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="both runs of a residual trunk"):
        publish.publish([run.log.parent] * 2, faces, (), tmp_path / "model", export.ship)
    other = shutil.copytree(separable_run.log.parent, tmp_path / "other")
    unlike = replace(separable, seed=separable.seed + 1)
    configurations.write(unlike, other / run_folder.CONFIGURATION)
    with pytest.raises(SettingsError, match="held out other faces: seed differs"):
        publish.publish([run.log.parent, other], faces, (), tmp_path / "model", export.ship)
    assert not (tmp_path / "model").exists()


def test_a_folder_that_is_no_run_is_a_sentence(faces: FaceSet, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"best\.weights\.h5 is missing"):
        publish.publish([tmp_path], faces, (), tmp_path / "model", export.ship)


def test_people_who_talk_teach_how_video_is_read(
    run: expression.TrainingResult,
    faces: FaceSet,
    save: Callable[[FaceSet], Path],
    face_video: Path,
    tmp_path: Path,
) -> None:
    """By the command; the card tells of them, and the network answers as without them."""
    publish.publish([run.log.parent], faces, (), tmp_path / "plain", export.ship)
    talking = tmp_path / "talking"
    talking.mkdir()
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(face_video, talking / name)
    (talking / "labels.csv").write_text("file,speaker,label\na.mp4,ann,happy\nb.mp4,bob,happy\n")
    command = ["publish", "expression", "--data", str(save(faces)), "--run", str(run.log.parent)]
    command += ["--talking", str(talking), "--out", str(tmp_path / "model")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    card, plain_card = (
        json.loads((tmp_path / made / publish.CARD).read_text()) for made in ("model", "plain")
    )
    assert card["data"]["talking"] == {"clips": 2, "people": 2}
    taught, plain = (
        probabilities(KerasRuntime(tmp_path / made / publish.WEIGHTS).network, faces.images[:9])
        for made in ("model", "plain")
    )
    for head in HEADS:
        np.testing.assert_allclose(taught[head], plain[head], atol=HALF)
    weighed, plainly = (weighing_of(told, "video") for told in (card, plain_card))
    assert weighed.doubt > plainly.doubt == 0
    assert np.abs(weighed.kernel - plainly.kernel).max() > 0.01
    happy = [weighing.alone(plain)[:, EMOTIONS.index("happy")] for weighing in (weighed, plainly)]
    assert happy[0].mean() > happy[1].mean()
