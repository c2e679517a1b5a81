"""Every setting once, with its default and what it does.

Read at the doors (web, command line) from the environment (`AFFECT_…`), a `.env` file and the
command line, later ones winning; then passed down as an argument, never imported as a global.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from affect.contracts import HIGHEST_RATE, AnalysisOptions, Limits
from affect.errors import SettingsError

# What pydantic says, for a person, by the kind of what is wrong.
_PLAIN: Final = {
    "greater_than": "it must be above {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
    "finite_number": "it must be a number",
    "float_parsing": "it must be a number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "path_type": "it must be a folder",
    "literal_error": "it must be {expected}",
    "string_pattern_mismatch": "it must be an address such as tcp://127.0.0.1:8786",
    "string_too_short": "it must not be empty",
    "value_error": "{error}",
}


def _named(folder: object) -> object:
    """An empty name would be the folder one happens to stand in."""
    if not str(folder).strip():
        raise ValueError("a folder needs a name")
    return folder


class Settings(BaseSettings):
    """All settings; `AFFECT_PORT=8000` in the environment or `.env` sets `port`."""

    model_config = SettingsConfigDict(
        env_prefix="AFFECT_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address the web page is served on.")
    port: int = Field(5000, ge=1, le=65535, description="Port; the next free one if it is taken.")
    trusted_hosts: tuple[str, ...] = Field(
        (), description="Further host names the page may be reached under, as a JSON list."
    )
    data: Annotated[Path, BeforeValidator(_named)] = Field(
        Path("uploads"), description="Folder for videos, results and the ledger of jobs."
    )
    rate: float = Field(5.0, gt=0, le=HIGHEST_RATE, description="Looks at the video per second.")
    emotions: Literal["five", "seed", "seven"] = Field(
        "five", description="Which emotions are told apart."
    )
    head: Literal["video", "ferplus", "fer2013"] = Field(
        "video",
        description="Which answer to use: video (learned from video and photographs), "
        "ferplus (FER+ votes) or fer2013 (FER2013 labels).",
    )
    runtime: Literal["keras", "onnx", "litert"] = Field(
        "onnx", description="What runs the model: ONNX Runtime, LiteRT or Keras."
    )
    max_megabytes: float = Field(
        500, gt=0, le=1e9, description="Largest video, in MB of 10⁶ bytes."
    )
    max_minutes: float = Field(120, gt=0, le=1e6, description="Longest video, in minutes.")
    max_megapixels: float = Field(8.9, gt=0, le=1000, description="Largest picture, in 10⁶ pixels.")
    max_frame_rate: float = Field(
        240, gt=0, le=10_000, description="Highest frame rate, per second."
    )
    max_waiting: int = Field(20, ge=1, description="Videos that may wait before 503 is answered.")
    keep_hours: float = Field(
        24, gt=0, le=1e6, description="Hours after which everything is deleted."
    )
    attempts: int = Field(3, ge=1, le=100, description="Tries for a video whose worker died.")
    lease_seconds: float = Field(
        60, ge=2, description="Silence after which a worker counts as dead."
    )
    scheduler: str | None = Field(
        None,
        pattern=r"^(tcp|tls)://.+:\d+$",
        description="tcp:// or tls:// address, with port, of a Dask cluster; else one of its own.",
    )

    @property
    def limits(self) -> Limits:
        """As the media room takes them."""
        return Limits(
            max_bytes=int(self.max_megabytes * 1_000_000),
            max_duration_s=self.max_minutes * 60,
            max_megapixels=self.max_megapixels,
            max_frame_rate=self.max_frame_rate,
        )

    @property
    def options(self) -> AnalysisOptions:
        """How a video is analysed when nobody chooses otherwise."""
        return AnalysisOptions(rate=self.rate, view=self.emotions, head=self.head)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """From strong to weak: the command line, `.env`, the environment."""
        return init_settings, dotenv_settings, env_settings


def read(**overrides: Any) -> Settings:
    """Read the settings; overrides that are None count as not given.

    Raises:
        SettingsError: a value that cannot be used.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        plain = _PLAIN.get(first["type"])
        told = plain.format(**first.get("ctx", {})) if plain else first["msg"]
        raise SettingsError(f"The setting {name!r} cannot be used: {told}.") from error
    except SourceError as error:
        raise SettingsError(f"A setting cannot be read: {error}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError("The file .env is not UTF-8 text.") from error
