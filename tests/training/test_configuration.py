from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from affect.errors import SettingsError
from affect.resources import folder
from affect.training.configuration import Configuration, published, read, write


def test_written_is_read_again(tmp_path: Path) -> None:
    configuration = Configuration(seed=3, widths=(8, 16), strides=(1, 2), learning_rate=1e-5)
    write(configuration, tmp_path / "run.toml")
    assert read(tmp_path / "run.toml") == configuration


def test_what_is_left_out_keeps_its_default(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("epochs = 2\n")
    assert read(tmp_path / "run.toml") == Configuration(epochs=2)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("epoch = 2", "epoch"),
        ('epochs = "many"', "epochs"),
        ("stem = 8", "stem"),
        ("not toml", "TOML"),
        ("epochs = 0", "epochs"),
        ("batch = 0", "batch"),
        ("hold_out = 0.0", "hold_out"),
        ("widths = [16, 16]\nstrides = [2]", "width and a stride"),
        ('dtype = "floaty"', "dtype"),
        ('trunk = "oak"', "trunk"),
        ("frozen = 1", "separable"),
        ('trunk = "separable"\nfrozen = 6', "separable"),
        ('trunk = "separable"\nwaists = [8, 8, 8, 8, 8]', "waist"),
        ("waists = [8]", "waist"),
    ],
)
def test_unusable_files_are_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(SettingsError, match=named):
        read(tmp_path / "run.toml")


def test_a_published_network_tells_how_each_trunk_was_trained(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"holds no residual\.toml or separable\.toml"):
        published(tmp_path)
    one, other = Configuration(trunk="separable", seed=1), Configuration(seed=2)
    write(one, tmp_path / "separable.toml")
    assert published(tmp_path) == [one]
    write(other, tmp_path / "residual.toml")
    assert published(tmp_path) == [other, one]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not a readable TOML"):
        read(tmp_path / "none.toml")


def test_the_defaults_trained_the_shipped_residual_trunk_before_its_waists() -> None:
    assert replace(read(folder("model") / "residual.toml"), waists=()) == Configuration()
