"""Bad, damaged and odd files, each through all three doors: Python, command line, web."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from av.codec.context import Flags
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import affect
from affect.cli import main
from affect.contracts import Limits
from affect.errors import MediaError, MediaTooLarge, NoVideoStream, UnreadableMedia
from affect.jobs import Jobs, State
from affect.jobs.run import run_job
from affect.settings import Settings
from affect.web.application import create_app
from tests.media.conftest import make_video
from tests.media.test_container import write_cover, write_sound, write_still
from tests.media.test_damage import FRAGMENTED, cut
from tests.media.test_gray import write as write_quarters
from tests.media.test_video import write_two

__all__ = ["make_video"]  # the fixture

Make = Callable[..., Path]
LIMIT_MB = 5.0
PLAYLIST = b"#EXTM3U\n#EXTINF:4,\nvideo.mp4\n#EXT-X-ENDLIST\n"
ADDRESSES = b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
MANIFEST = b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'
INTERLACED = Flags.interlaced_dct
ENCRYPTED = {
    "fflags": "bitexact",
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
    "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
}


def written(content: bytes, name: str = "film.mp4") -> Callable[[Make, Path], Path]:
    def write(_: Make, folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def by(write: Callable[..., object], name: str, *how: Any, **more: Any) -> Callable[..., Path]:
    def make(_: Make, folder: Path) -> Path:
        write(folder / name, *how, **more)
        return folder / name

    return make


def made(share: float = 1.0, **how: Any) -> Callable[[Make, Path], Path]:
    return lambda make, _: cut(make(**how), share)


REFUSED: dict[str, tuple[Callable[[Make, Path], Path], type[MediaError]]] = {
    "empty": (written(b""), UnreadableMedia),
    "text": (written(b"I am a video.\n" * 1000), UnreadableMedia),
    "random bytes": (written(bytes(range(256)) * 400), UnreadableMedia),
    "without index": (made(0.5), UnreadableMedia),
    "sound only": (by(write_sound, "film.mp4", "aac"), NoVideoStream),
    "music": (by(write_sound, "film.mp3", "libmp3lame"), UnreadableMedia),
    "png": (by(write_still, "film.mp4", "png", "rgb24", "image2pipe"), UnreadableMedia),
    "jpeg": (by(write_still, "film.mp4", "mjpeg", "yuvj420p", "image2pipe"), UnreadableMedia),
    "gif": (by(write_still, "film.mp4", "gif", "rgb8", "gif", 10), UnreadableMedia),
    "raw h264": (by(write_still, "film.mp4", "libx264", "yuv420p", "h264", 10), UnreadableMedia),
    "playlist": (written(PLAYLIST, "film.m3u8"), UnreadableMedia),
    "playlist as mp4": (written(PLAYLIST), UnreadableMedia),
    "concat": (written(b"ffconcat version 1.0\nfile video.mp4\n"), UnreadableMedia),
    "sdp": (written(b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"), UnreadableMedia),
    "manifest": (written(MANIFEST, "film.mpd"), UnreadableMedia),
    "playlist of addresses": (written(ADDRESSES, "film.m3u8"), UnreadableMedia),
    "cover only": (by(write_cover, "film.mp4"), NoVideoStream),
    "raw pixels": (written(bytes(160 * 96 * 3)), UnreadableMedia),
    "encrypted": (made(muxer_options=ENCRYPTED), UnreadableMedia),
    "2 x 2": (
        made(name="dot.mkv", size=(2, 2), codec="ffv1", pix_fmt="gray", times=range(3)),
        UnreadableMedia,
    ),
    "many pixels": (
        made(size=(4096, 2304), codec="mjpeg", pix_fmt="yuvj420p", times=range(2)),
        MediaTooLarge,
    ),
    "1000 a second": (made(times=range(200), tick=Fraction(1, 1000)), MediaTooLarge),
    "three hours": (made(times=range(180), tick=Fraction(60)), MediaTooLarge),
    "too large": (written(bytes(int(LIMIT_MB * 1e6) + 1)), MediaTooLarge),
}


def overwritten(make: Make, _: Path) -> Path:
    path = make(options={"g": "10"})
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 3
    content[start : start + 1500] = bytes(range(250)) * 6
    path.write_bytes(content)
    return path


def changing(make: Make, _: Path) -> Path:
    first = make("first.ts", codec="mpeg2video", times=range(50))
    second = make("second.ts", codec="mpeg2video", times=range(75), size=(320, 192))
    first.write_bytes(first.read_bytes() + second.read_bytes())
    return first


PARTIAL = {
    "index first, cut": made(0.5, muxer_options={"movflags": "faststart"}),
    "fragments, cut": made(0.5, options={"g": "10"}, muxer_options=FRAGMENTED),
    "webm, cut": made(0.7, name="film.webm", codec="libvpx", options={"g": "10"}),
    "overwritten": overwritten,
    "size changes": changing,
}
WHOLE = {
    "one picture": made(times=range(1)),
    "uneven times": made(name="film.mkv", times=(0, 3, 4, 30, 31, 80)),
    "odd size": made(size=(321, 241), pix_fmt="yuv444p"),
    "ten bits": made(codec="libx265", pix_fmt="yuv420p10le", times=range(20)),
    "live": made(name="film.webm", codec="libvpx", muxer_options={"live": "1"}),
    "upper case": made(name="FILM.MP4"),
    "emoji": made(name="emoji 🎬 and spaces.mp4"),
    "long name": made(name="x" * 240 + ".mp4"),
    "mov": made(name="film.mov"),
    "avi": made(name="film.avi", codec="mpeg4"),
    "ts": made(name="film.ts", codec="mpeg2video"),
    "flv": made(name="film.flv", codec="flv"),
    "wmv": made(name="film.wmv", codec="wmv2"),
    "mkv": made(name="film.mkv", sound_s=4),
    "3gp": made(name="film.3gp", codec="mpeg4"),
    "vob": made(name="film.vob", codec="mpeg2video"),
    "vp9": made(name="film.webm", codec="libvpx-vp9", times=range(20)),
    "av1": made(name="film.mkv", codec="libsvtav1", times=range(20)),
    "mjpeg": made(name="film.mov", codec="mjpeg", pix_fmt="yuvj420p"),
    "prores": made(name="film.mov", codec="prores", pix_fmt="yuv422p10le"),
    "gray": made(pix_fmt="gray"),
    "three colours": made(codec="libx265", pix_fmt="gbrp", times=range(20)),
    "see-through": made(name="film.webm", codec="libvpx-vp9", pix_fmt="yuva420p", times=range(9)),
    "begins late": made(times=range(125, 175)),
    "broadcast begins late": made(name="film.ts", times=range(2500, 2550)),
    "edit list": made(times=range(-50, 50), options={"x264-params": "bframes=0:keyint=20"}),
    "two videos": by(write_two, "film.mkv"),
    "turned": by(write_quarters, "film.mov", "libx264", "yuv420p", turn=(90, False, False)),
    "upside down": by(write_quarters, "film.mov", "libx264", "yuv420p", turn=(180, False, False)),
    "interlaced": by(write_quarters, "film.mpg", "mpeg2video", "yuv420p", flags=INTERLACED),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # The command line is told the same limit by the environment.
    monkeypatch.setenv("AFFECT_MAX_MEGABYTES", str(LIMIT_MB))
    return Settings(data=tmp_path / "data")


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Jobs]:
    jobs = Jobs(settings)
    yield jobs
    jobs.stop()


@pytest.fixture
def client(settings: Settings, jobs: Jobs) -> FlaskClient:
    return create_app(settings, jobs).test_client()


def in_json(path: Path, out: Path) -> tuple[int, dict[str, Any], str]:
    """Exit status, what standard output has, and the sentences of standard error."""
    result = CliRunner().invoke(main, ["analyze", str(path), "--out", str(out), "--json", "-"])
    return result.exit_code, json.loads(result.stdout), result.stderr


def send(client: FlaskClient, path: Path) -> TestResponse:
    """As curl does; the client's own way leaves a file of large forms open."""
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    return client.post(
        "/api/v1/jobs",
        data=head.encode() + path.read_bytes() + b"\r\n--edge--\r\n",
        content_type="multipart/form-data; boundary=edge",
        buffered=True,
    )


@pytest.mark.parametrize(("make", "kind"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_refused_at_every_door(
    make: Callable[[Make, Path], Path],
    kind: type[MediaError],
    make_video: Make,
    tmp_path: Path,
    settings: Settings,
    client: FlaskClient,
) -> None:
    path = make(make_video, tmp_path)

    with pytest.raises(MediaError) as refused:
        affect.analyze(path, limits=settings.limits)
    assert type(refused.value) is kind
    sentence = refused.value.sentence

    status, told, said = in_json(path, tmp_path / "out")
    assert (status, told["error"]["code"]) == (1, kind.code)
    assert said.startswith(f"{path}: ") and sentence in said and "Traceback" not in said
    assert not (tmp_path / "out").exists()

    answer = send(client, path)
    assert answer.status_code in (413, 415, 422)
    assert answer.get_json()["code"] == kind.code
    assert list((settings.data / "jobs").iterdir()) == []
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("make", "state"),
    [
        *[pytest.param(make, State.PARTIAL, id=name) for name, make in PARTIAL.items()],
        *[pytest.param(make, State.SUCCEEDED, id=name) for name, make in WHOLE.items()],
    ],
)
def test_what_can_be_seen_is_told_at_every_door(
    make: Callable[[Make, Path], Path],
    state: State,
    make_video: Make,
    tmp_path: Path,
    settings: Settings,
    client: FlaskClient,
) -> None:
    path = make(make_video, tmp_path)
    partial = state is State.PARTIAL

    report = affect.analyze(path)
    assert report.partial is partial
    assert report.summary.dominant is None and report.summary.coverage == 0

    status, told, _ = in_json(path, tmp_path / "out")
    assert (status, told["video"]["partial"]) == (0, partial)
    assert told["summary"]["dominant"] is None and told["people"] == []

    job = send(client, path).get_json()
    run_job(job["id"], settings.data, Limits(), "onnx")
    here = f"/api/v1/jobs/{job['id']}"
    assert client.get(here).get_json()["state"] == state
    results = client.get(f"{here}/results.json", buffered=True).get_json()
    assert results["video"]["partial"] is partial
    assert client.get(f"/jobs/{job['id']}").status_code == 200
    assert client.delete(here).status_code == 204
    assert list((settings.data / "jobs").iterdir()) == []
