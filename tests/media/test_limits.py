from dataclasses import replace
from fractions import Fraction
from itertools import repeat

import av
import pytest

from affect.contracts import Limits
from affect.errors import MediaTooLarge, UnreadableMedia
from affect.media import open_video
from affect.media.video import Video


def refusal(path, limits=Limits(), kind=MediaTooLarge):  # noqa: B008
    with pytest.raises(kind) as caught, open_video(path, limits):
        pass
    return caught.value.sentence


def test_exactly_at_every_limit_a_video_is_taken(make_video):
    path = make_video()
    limits = Limits(path.stat().st_size, 4.0, 160 * 96 / 1e6, 25.0)

    with open_video(path, limits) as video:
        assert len(list(video.sample(25))) == 100


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(max_bytes=1000), "MB"),
        (Limits(max_duration_s=3.9), "0:00:04"),
        (Limits(max_megapixels=0.015), "160 × 96"),
        (Limits(max_frame_rate=24.0), "25 pictures a second"),
    ],
)
def test_beyond_a_limit_it_is_refused(make_video, limits, words):
    assert words in refusal(make_video(), limits)


def test_a_thousand_pictures_a_second(make_video):
    path = make_video(times=range(200), tick=Fraction(1, 1000))

    assert "1000 pictures" in refusal(path)


def test_a_phone_tells_240_pictures_a_second_as_a_few_more(make_video):
    path = make_video(times=[i * 5 // 2 for i in range(240)], tick=Fraction(1, 600))

    with open_video(path, Limits()) as video:
        assert 240 < video.info.frame_rate < 242


def test_a_length_just_above_the_limit_is_told_as_more(make_video):
    assert "lasts 0:00:04 (hours:minutes:seconds); the limit is 0:00:03." in refusal(
        make_video(times=range(80)), Limits(max_duration_s=3.0)
    )


def test_three_hours_in_few_pictures(make_video):
    assert "3:00:00" in refusal(make_video(times=range(180), tick=Fraction(60)))


def test_more_pictures_than_the_limits_allow_end_the_search_for_them(make_video):
    path = make_video("live.webm", codec="libvpx", muxer_options={"live": "1"})

    assert "more pictures" in refusal(path, Limits(max_duration_s=1.0, max_frame_rate=10.0))


def test_pictures_without_times_are_counted_too(make_video, monkeypatch):
    """A file may have more pictures than packets."""
    picture = av.VideoFrame(160, 96, "gray")
    monkeypatch.setattr(Video, "_decoded", lambda *_: repeat(picture))

    with open_video(make_video(), Limits()) as video:
        with pytest.raises(MediaTooLarge, match="more pictures"):
            next(video.sample(1))
        assert video.partial


def test_a_recording_of_unknown_length_is_measured_against_the_limit(make_video):
    path = make_video("live.webm", codec="libvpx", muxer_options={"live": "1"})

    assert "0:00:0" in refusal(path, Limits(max_duration_s=3.0))


@pytest.mark.parametrize("side", [1, 2, 8])
def test_hardly_any_picture(tmp_path, side):
    path = tmp_path / "dot.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25, width=side, height=side, pix_fmt="gray")
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(side, side, "gray")))
        container.mux(stream.encode())

    assert f"{side} × {side}" in refusal(path, kind=UnreadableMedia)


def test_a_picture_of_many_pixels(make_video):
    path = make_video(times=range(2), size=(4096, 2304), codec="mjpeg", pix_fmt="yuvj420p")

    assert "4096 × 2304" in refusal(path)
    assert "far too large" in refusal(path, Limits(max_megapixels=0.1), UnreadableMedia)


def test_a_header_that_lies_about_the_size_is_not_believed(make_video):
    path = make_video("lie.mp4", times=range(10))
    content = path.read_bytes()
    entry = content.index(b"avc1", content.index(b"stsd"))
    size = content.index(b"\x00\xa0\x00\x60", entry)
    path.write_bytes(content[:size] + b"\x4e\x20\x4e\x20" + content[size + 4 :])

    with open_video(path, Limits()) as video:
        assert (video.info.width, video.info.height) == (160, 96)
        assert {frame.gray.shape for frame in video.sample(5)} == {(96, 160)}


@pytest.mark.parametrize("codec", ["mjpeg", "libvpx"])
def test_a_first_picture_far_beyond_the_limit_is_not_even_decoded(make_video, codec):
    path = make_video(
        "lie.mkv", times=range(2), size=(2048, 1536), codec=codec,
        pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
    )  # fmt: skip
    content = path.read_bytes()
    for side, pretended in ((b"\xb0\x82\x08\x00", 160), (b"\xba\x82\x06\x00", 96)):
        assert side in content
        content = content.replace(side, side[:2] + pretended.to_bytes(2, "big"), 1)
    path.write_bytes(content)

    assert "2048 × 1536" in refusal(path, Limits(max_megapixels=3.0))
    assert "far too large" in refusal(path, Limits(max_megapixels=0.1), UnreadableMedia)


def test_a_video_that_grows_on_the_way_is_stopped(make_video):
    small = make_video("small.ts", codec="mpeg2video", times=range(25))
    large = make_video("large.ts", codec="mpeg2video", times=range(25, 50), size=(640, 368))
    path = small.with_name("both.ts")
    path.write_bytes(small.read_bytes() + large.read_bytes())

    with open_video(path, replace(Limits(), max_megapixels=0.1)) as video:
        pictures = video.sample(5)
        assert next(pictures).gray.shape == (96, 160)
        with pytest.raises(MediaTooLarge, match="640 × 368"):
            list(pictures)


def test_a_picture_far_beyond_the_limit_is_not_even_decoded(make_video):
    small = make_video("small.ts", codec="mpeg2video", times=range(25))
    large = make_video("large.ts", codec="mpeg2video", times=range(25, 50), size=(1280, 720))
    path = small.with_name("both.ts")
    path.write_bytes(small.read_bytes() + large.read_bytes())

    with open_video(path, replace(Limits(), max_megapixels=0.1)) as video:
        assert {frame.gray.shape for frame in video.sample(5)} == {(96, 160)}
        assert video.partial
