"""What is refused at the door, each with its sentence."""

import os
import time
from pathlib import Path

import av
import numpy as np
import pytest

from affect.contracts import Limits
from affect.errors import MediaError, NoVideoStream, UnreadableMedia
from affect.media import open_video


def refusal(path: Path) -> MediaError:
    began = time.monotonic()
    with pytest.raises(MediaError) as caught, open_video(path, Limits()):
        pass
    assert time.monotonic() - began < 5
    error = caught.value
    assert error.sentence.endswith(".") and error.advice.endswith(".")
    assert str(path) not in str(error) and "Errno" not in str(error)
    return error


def picture(side: int = 64) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((side, side, 3), 90, np.uint8), format="rgb24")


def write_sound(path: Path, codec: str, muxer: str | None = None) -> None:
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=48000, layout="mono")
        for start in range(0, 48000, 1152):
            silence = np.zeros((1, 1152), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, "fltp", "mono")
            frame.rate, frame.pts = 48000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def write_still(path: Path, codec: str, pix_fmt: str, muxer: str, count: int = 1) -> None:
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=10, width=64, height=64, pix_fmt=pix_fmt)
        for _ in range(count):
            container.mux(stream.encode(picture().reformat(format=pix_fmt)))
        container.mux(stream.encode())


def write_cover(path: Path) -> None:
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=48000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1, width=64, height=64, pix_fmt="yuvj420p")
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(picture().reformat(format="yuvj420p")))
        container.mux(cover.encode())
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.rate = 48000
        container.mux(sound.encode(silence))
        container.mux(sound.encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("text.mp4", b"I am a video.\n" * 1000),
        ("random.mp4", np.random.default_rng(7).bytes(100_000)),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:4,\nvideo.mp4\n#EXT-X-ENDLIST\n"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:4,\nvideo.mp4\n#EXT-X-ENDLIST\n"),
        ("concat.txt", b"ffconcat version 1.0\nfile video.mp4\n"),
        ("concat.mp4", b"ffconcat version 1.0\nfile video.mp4\n"),
        ("address.m3u8", b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"),
        ("session.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"),
        ("manifest.mpd", b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'),
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
        ("raw.yuv", bytes(160 * 96 * 3 // 2 * 10)),
    ],
)
def test_what_is_no_video(make_video, name, content):
    neighbour = make_video("video.mp4", times=range(5))
    path = neighbour.with_name(name)
    path.write_bytes(content)

    assert isinstance(refusal(path), UnreadableMedia)


@pytest.mark.parametrize("name", ["missing.mp4", "x" * 300 + ".mp4", "nul\0.mp4", "no/such.mp4"])
def test_names_without_a_file(tmp_path, name):
    assert isinstance(refusal(tmp_path / name), UnreadableMedia)


def test_a_folder(tmp_path):
    assert "folder" in refusal(tmp_path).sentence


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")

    assert isinstance(refusal(tmp_path / "pipe.mp4"), UnreadableMedia)


def test_no_permission(make_video):
    path = make_video(times=range(5))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        # Root may read everything, so be nobody for a moment.
        os.seteuid(65534)
    try:
        error = refusal(path)
    finally:
        os.seteuid(user)

    assert "may not be read" in error.sentence


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "muxer", "count"),
    [
        ("photo.png", "png", "rgb24", "image2", 1),
        ("photo.mp4", "png", "rgb24", "image2pipe", 1),
        ("photo.jpg", "mjpeg", "yuvj420p", "image2", 1),
        ("jpeg.mp4", "mjpeg", "yuvj420p", "image2pipe", 1),
        ("animation.gif", "gif", "rgb8", "gif", 10),
        ("gif.mp4", "gif", "rgb8", "gif", 10),
        ("animation.png", "apng", "rgb24", "apng", 10),
        ("untimed.h264", "libx264", "yuv420p", "h264", 10),
        ("untimed.mp4", "libx264", "yuv420p", "h264", 10),
    ],
)
def test_pictures_and_streams_without_times(tmp_path, name, codec, pix_fmt, muxer, count):
    write_still(tmp_path / name, codec, pix_fmt, muxer, count)

    assert isinstance(refusal(tmp_path / name), UnreadableMedia)


def test_a_photograph_in_the_container_of_a_video(tmp_path):
    write_still(tmp_path / "photo.mp4", "libsvtav1", "yuv420p", "avif")

    assert isinstance(refusal(tmp_path / "photo.mp4"), NoVideoStream)


@pytest.mark.parametrize(
    ("name", "codec", "muxer", "kind"),
    [
        ("sound.mp4", "aac", None, NoVideoStream),
        ("sound.webm", "libopus", None, NoVideoStream),
        ("sound.mp3", "libmp3lame", None, UnreadableMedia),
    ],
)
def test_sound_only(tmp_path, name, codec, muxer, kind):
    write_sound(tmp_path / name, codec, muxer)

    error = refusal(tmp_path / name)

    assert isinstance(error, kind)
    assert kind is UnreadableMedia or "only sound" in error.sentence


def test_a_cover_picture_only(tmp_path):
    write_cover(tmp_path / "cover.mp4")

    error = refusal(tmp_path / "cover.mp4")

    assert isinstance(error, NoVideoStream)
    assert "cover" in error.sentence


def test_an_mp4_whose_table_of_contents_is_cut_off(make_video):
    path = make_video()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert isinstance(refusal(path), UnreadableMedia)


def test_an_encrypted_video(make_video):
    path = make_video(
        muxer_options={
            "fflags": "bitexact",  # or the key stream is random, and some let a picture through
            "encryption_scheme": "cenc-aes-ctr",
            "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
            "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
        }
    )

    error = refusal(path)

    assert isinstance(error, UnreadableMedia)
    assert "encrypted" in error.sentence
