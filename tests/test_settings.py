from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from affect.contracts import AnalysisOptions, Limits
from affect.errors import SettingsError
from affect.expression import DEFAULT_RUNTIME
from affect.settings import Settings, read

README = Path(__file__).resolve().parent.parent / "README.md"


@pytest.fixture(autouse=True)
def bare_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env` and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"AFFECT_{name.upper()}", raising=False)
    return tmp_path


def test_the_readme_lists_each_setting_with_its_default_and_meaning() -> None:
    def shown(default: object) -> str:
        return "none" if default in (None, ()) else f"`{default}`"

    expected = [
        f"| `AFFECT_{name.upper()}` | {shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    assert re.findall(r"^\| `AFFECT_.*$", README.read_text(), flags=re.MULTILINE) == expected


def test_defaults_are_those_of_the_contracts() -> None:
    assert read().limits == Limits()
    assert read().options == AnalysisOptions()
    assert read().runtime == DEFAULT_RUNTIME
    assert read().host == "127.0.0.1"


def test_the_strength_of_the_sources(
    bare_surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFFECT_PORT", "1001")
    assert read().port == 1001
    (bare_surroundings / ".env").write_text("AFFECT_PORT=1002\n")
    assert read().port == 1002
    assert read(port=1003).port == 1003
    assert read(port=None).port == 1002


def test_limits_and_options_follow_the_settings() -> None:
    settings = read(max_megabytes=2.5, max_minutes=0.5, rate=1, emotions="seed", head="fer2013")
    assert settings.limits.max_bytes == 2_500_000
    assert settings.limits.max_duration_s == 30
    assert settings.options == AnalysisOptions(rate=1, view="seed", head="fer2013")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("port", 0, "it must be at least 1"),
        ("port", "x", "it must be a whole number"),
        ("port", 80.5, "it must be a whole number"),
        ("rate", 0, "it must be above 0"),
        ("rate", "often", "it must be a number"),
        ("rate", float("inf"), "it must be a number"),
        ("emotions", "six", "it must be 'five', 'seed' or 'seven'"),
        ("attempts", 0, "it must be at least 1"),
        ("attempts", 101, "it must be at most 100"),
        ("attempts", 10**21, "it must be at most 100"),
        ("max_megapixels", 1e14, "it must be at most 1000"),
        ("host", "", "it must not be empty"),
        ("data", " ", "a folder needs a name"),
        ("data", 3, "it must be a folder"),
        ("scheduler", "foo", "it must be an address such as tcp://127.0.0.1:8786"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: object, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})
    assert caught.value.sentence.rstrip(".") == f"The setting '{name}' cannot be used: {why}"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        read().port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", ""),
        ("DATA", ""),
        ("TRUSTED_HOSTS", "foo"),
        ("MAX_MEGABYTES", "inf"),
        ("PORT", "x"),
        ("MAX_MINUTES", "1e308"),
        ("SCHEDULER", "foo"),
        ("SCHEDULER", "tcp://nowhere"),
    ],
)
def test_values_that_mean_nothing_are_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"AFFECT_{name}", value)
    with pytest.raises(SettingsError, match="setting"):
        read()


def test_a_file_of_settings_that_is_no_text_is_a_sentence(bare_surroundings: Path) -> None:
    (bare_surroundings / ".env").write_bytes(b"AFFECT_DATA=caf\xe9\n")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8"):
        read()
