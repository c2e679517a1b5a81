from fractions import Fraction

import av
import numpy as np
import pytest

from affect.contracts import Limits
from affect.errors import MediaTooLarge
from affect.media import open_video


def picture() -> np.ndarray:
    """Dark, but for a bright top left and a middle-gray top right quarter."""
    gray = np.zeros((96, 160), np.uint8)
    gray[:48, :80], gray[:48, 80:] = 255, 128
    return gray


def write(
    path, codec, pix_fmt, options=None, turn=None, color_range=None, flags=0, pixel=Fraction(1)
):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 160, 96, pix_fmt
        stream.codec_context.flags |= flags
        stream.codec_context.sample_aspect_ratio = pixel
        if color_range is not None:
            stream.codec_context.color_range = color_range
        if turn is not None:
            stream.set_display_rotation(*turn)
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(picture(), format="gray")
            container.mux(
                stream.encode(frame.reformat(format=pix_fmt, dst_color_range=color_range))
            )
        container.mux(stream.encode())
    return path


def first(path):
    with open_video(path, Limits()) as video:
        frame = next(video.sample(1))
        assert frame.gray.flags["C_CONTIGUOUS"]
        assert frame.gray.shape == (video.info.height, video.info.width)
        return frame.gray


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "color_range"),
    [
        ("limited.mp4", "libx264", "yuv420p", None),
        ("full.mp4", "libx264", "yuv420p", 2),
        ("jpeg.mov", "mjpeg", "yuvj420p", None),
        ("gray.mp4", "libx264", "gray", None),
        ("gray.mkv", "ffv1", "gray", None),
        ("full444.mp4", "libx264", "yuv444p", None),
        ("ten-bit.mp4", "libx265", "yuv420p10le", None),
        ("gbrp.mp4", "libx265", "gbrp", None),
        ("gbrp.webm", "libvpx-vp9", "gbrp", None),
        ("alpha.webm", "libvpx-vp9", "yuva420p", None),
        ("prores.mov", "prores", "yuv422p10le", None),
        ("rgb.mkv", "ffv1", "bgr0", None),
        ("gray16.mkv", "ffv1", "gray16le", None),
    ],
)
def test_every_pixel_format_gives_the_same_full_range_gray(
    tmp_path, name, codec, pix_fmt, color_range
):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write(tmp_path / name, codec, pix_fmt, options, color_range=color_range)

    gray = first(path)

    for rows, columns in ((slice(8, 40), slice(8, 72)), (slice(8, 40), slice(88, 152)),
                          (slice(56, 88), slice(8, 152))):  # fmt: skip
        assert np.abs(gray[rows, columns].astype(int) - picture()[rows, columns]).max() <= 4


@pytest.mark.parametrize("matrix", ["YCgCo", "bt2020c", "smpte2085", "chroma-derived-nc", "ICtCp"])
def test_however_colours_are_told_brightness_is_seen(tmp_path, matrix):
    path = write(tmp_path / "a.mp4", "libx264", "yuv420p", {"x264-params": f"colormatrix={matrix}"})

    assert np.abs(first(path)[8:40, 8:72].astype(int) - picture()[8:40, 8:72]).max() <= 4


def test_interlaced(tmp_path):
    path = write(tmp_path / "interlaced.mpg", "mpeg2video", "yuv420p",
                 flags=av.codec.context.Flags.interlaced_dct)  # fmt: skip

    assert np.abs(first(path)[8:40, 8:72].astype(int) - 255).max() <= 4


def test_odd_sizes(make_video, sampled):
    path = make_video(size=(321, 241), pix_fmt="yuv444p", times=range(30))

    assert sampled(path, 5)[0][:2] == [(0, 0.0), (5, 0.2)]
    with open_video(path, Limits()) as video:
        assert next(video.sample(1)).gray.shape == (241, 321)


@pytest.mark.parametrize(
    ("pixel", "turn", "shape"),
    [
        (Fraction(64, 45), None, (96, 228)),
        (Fraction(1, 2), None, (192, 160)),
        (Fraction(2), (90, False, False), (320, 96)),
        (Fraction(100), None, (96, 160)),  # no camera does that
    ],
)
def test_pixels_that_are_no_squares_become_some(tmp_path, pixel, turn, shape):
    gray = first(write(tmp_path / "long.mp4", "libx264", "yuv420p", turn=turn, pixel=pixel))

    assert gray.shape == shape
    stored = np.rot90(picture()) if turn else picture()
    rows, columns = (np.arange(n) * m // n for n, m in zip(shape, stored.shape, strict=True))
    assert np.abs(gray.astype(int) - stored[np.ix_(rows, columns)]).mean() < 4


def test_the_limit_is_for_what_they_become(tmp_path):
    path = write(tmp_path / "long.mp4", "libx264", "yuv420p", pixel=Fraction(2))

    with (
        pytest.raises(MediaTooLarge, match="320 × 96"),
        open_video(path, Limits(max_megapixels=160 * 96 / 1e6)),
    ):
        pass


# FFmpeg counts the turn that is needed for display counterclockwise.
@pytest.mark.parametrize(
    ("turn", "upright"),
    [
        ((0, False, False), lambda gray: gray),
        ((90, False, False), lambda gray: np.rot90(gray, 1)),
        ((180, False, False), lambda gray: np.rot90(gray, 2)),
        ((270, False, False), lambda gray: np.rot90(gray, 3)),
        ((0, True, False), np.fliplr),
        ((0, False, True), np.flipud),
    ],
)
def test_turned_pictures_are_set_upright(tmp_path, turn, upright):
    gray = first(write(tmp_path / "turned.mov", "libx264", "yuv420p", turn=turn))

    expected = upright(picture())
    assert gray.shape == expected.shape
    assert np.abs(gray.astype(int) - expected).mean() < 2
