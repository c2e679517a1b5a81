import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from affect.contracts import Limits
from affect.media import open_video

CODECS = {
    "b-pyramid.mp4": ("libx264", {"x264-params": "bframes=5:b-pyramid=normal:keyint=20"}),
    "open-gop.mkv": ("libx264", {"x264-params": "open-gop=1:keyint=20:bframes=3"}),
    "intra-refresh.mp4": ("libx264", {"x264-params": "intra-refresh=1:keyint=25:bframes=0"}),
    "short-gop.ts": ("libx264", {"x264-params": "keyint=10"}),
    "h264.flv": ("libx264", {}),
    "open-gop-hevc.mov": ("libx265", {"x265-params": "keyint=20:log-level=none"}),
    "vp8.webm": ("libvpx", {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "30"}),
    "vp9.webm": ("libvpx-vp9", {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "30"}),
    "mpeg2.mpg": ("mpeg2video", {"bf": "2", "g": "12"}),
    "mpeg4.avi": ("mpeg4", {"g": "12"}),
    "wmv2.wmv": ("wmv2", {}),
    "prores.mov": ("prores", {}),
    "mjpeg.mov": ("mjpeg", {}),
}
PIX_FMTS = {"prores": "yuv422p10le", "mjpeg": "yuvj420p"}


def write_two(path):
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=25, width=64, height=48) for _ in range(2)]
        sound = container.add_stream("aac", rate=48000, layout="mono")
        for stream, level in zip(streams, (200, 50), strict=True):
            for _ in range(10):
                plane = np.full((48, 64), level, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(plane, format="gray")))
            container.mux(stream.encode())
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        samples.rate = 48000
        container.mux(sound.encode(samples))
        container.mux(sound.encode())


@pytest.mark.parametrize("name", CODECS)
def test_skipping_what_is_not_needed_changes_nothing(make_video, name):
    codec, options = CODECS[name]
    path = make_video(name, codec=codec, options=options, pix_fmt=PIX_FMTS.get(codec, "yuv420p"))
    with av.open(str(path)) as container:
        pictures = list(container.decode(video=0))
    everything = {
        round(picture.time - pictures[0].time, 3): picture.to_ndarray(format="gray")
        for picture in pictures
    }

    with open_video(path, Limits()) as video:
        for rate in (1, 5, 7):
            frames = list(video.sample(rate))
            assert [frame.time_s for frame in frames] == pytest.approx(
                [-(-n * 25 // rate) / 25 for n in range(4 * rate)], abs=0.0011
            )
            for frame in frames:
                assert np.array_equal(frame.gray, everything[round(frame.time_s, 3)])
        assert not video.partial


def test_golden_times_of_a_variable_frame_rate(make_video, sampled):
    times = [0, 40, 80, 900, 1010, 1050, 1990, 2000, 2040, 5500, 5540, 6100]
    path = make_video(times=times, tick=Fraction(1, 1000))

    assert sampled(path, 1)[0] == [(0, 0.0), (4, 1.01), (7, 2.0), (9, 5.5), (11, 6.1)]
    assert sampled(path, 5)[0] == [
        (0, 0.0), (3, 0.9), (4, 1.01), (6, 1.99), (7, 2.0), (9, 5.5), (11, 6.1)
    ]  # fmt: skip
    assert sampled(path, 1000)[0] == [(n, t / 1000) for n, t in enumerate(times)]


@pytest.mark.parametrize(
    ("name", "first"),
    [("late.mp4", 125), ("late.mkv", 125), ("late.ts", 2500)],
)
def test_time_starts_with_the_first_picture(make_video, sampled, name, first):
    path = make_video(name, times=range(first, first + 50))

    assert sampled(path, 2)[0] == [(0, 0.0), (13, 0.52), (25, 1.0), (38, 1.52)]


def test_what_an_edit_list_cuts_is_not_shown(make_video, sampled):
    path = make_video(times=range(-50, 50), options={"x264-params": "bframes=0:keyint=20"})

    pictures, partial = sampled(path, 1)

    assert pictures == [(50, 0.0), (75, 1.0)]
    assert not partial


@pytest.mark.parametrize("name", ["UPPER.MP4", "emoji 🎬 and spaces.mp4", "a:b.mp4", "%03d.mp4",
                                  "x" * 246 + ".mp4", "-i.mp4", "file:x.mp4"])  # fmt: skip
def test_names(make_video, sampled, monkeypatch, name):
    path = make_video("video.mp4", times=range(10))
    path = path.rename(path.with_name(name))
    monkeypatch.chdir(path.parent)

    assert sampled(Path(name), 5)[0] == [(0, 0.0), (5, 0.2)]


def test_information(make_video):
    with open_video(make_video("clip.mp4"), Limits()) as video:
        assert video.info.name == "clip.mp4"
        assert video.info.duration_s == pytest.approx(4.0)
        assert (video.info.width, video.info.height) == (160, 96)
        assert video.info.frame_rate == pytest.approx(25)


def test_a_recording_of_unknown_length_is_measured(make_video):
    path = make_video("live.webm", codec="libvpx", muxer_options={"live": "1"})
    with av.open(str(path)) as container:
        assert container.duration is None

    with open_video(path, Limits()) as video:
        assert video.info.duration_s == pytest.approx(4.0, abs=0.05)
        assert video.info.frame_rate == pytest.approx(25, abs=0.01)
        assert len(list(video.sample(5))) == 20
        assert not video.partial


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("sound.mkv", {"sound_s": 4}),
        ("sound.webm", {"sound_s": 4, "codec": "libvpx"}),
        ("sound.flv", {"sound_s": 4, "codec": "flv"}),
        ("late.mkv", {"times": range(18, 68)}),
        ("later.mkv", {"times": range(125, 175)}),
        ("late-with-sound.mkv", {"times": range(125, 175), "sound_s": 4}),
        ("very-late-with-sound.mkv", {"times": range(250, 300), "sound_s": 15}),
        ("very-late-with-sound.ts", {"times": range(250, 300), "sound_s": 15}),
        ("late.flv", {"times": range(125, 175), "codec": "flv"}),
    ],
)
def test_a_length_that_is_not_the_pictures_is_not_believed(make_video, name, maker):
    path = make_video(name, **{"times": range(50)} | maker)

    with open_video(path, Limits()) as video:
        assert video.info.duration_s == pytest.approx(2.0, abs=0.05)
        assert len(list(video.sample(5))) == 10
        assert not video.partial


def test_a_header_that_tells_too_short_a_length_is_not_believed(make_video):
    path = make_video()
    whole = bytearray(path.read_bytes())
    duration = whole.index(b"mdhd") + 4 + 4 * 4  # after version, two dates, ticks a second
    ticks = int.from_bytes(whole[duration : duration + 4], "big")
    whole[duration : duration + 4] = (ticks // 4).to_bytes(4, "big")
    elst = whole.index(b"elst")
    whole[elst : elst + 4] = b"free"
    path.write_bytes(whole)

    with open_video(path, Limits()) as video:
        assert video.info.duration_s == pytest.approx(4.0, abs=0.05)
        assert list(video.sample(5))[-1].time_s < video.info.duration_s


@pytest.mark.parametrize("name", ["old.avi", "new.mp4", "new.mkv"])
def test_a_title_in_an_old_encoding_does_no_harm(make_video, sampled, name):
    path = make_video(name, times=range(10), codec="mpeg4", title="A fine title")
    path.write_bytes(path.read_bytes().replace(b"A fine title", b"\xdcber alles!"))

    assert sampled(path, 5)[0] == [(0, 0.0), (5, 0.2)]


def test_one_picture_is_a_video(make_video, sampled):
    assert sampled(make_video(times=[0]), 5) == ([(0, 0.0)], False)


def test_sound_and_a_second_picture_beside_are_ignored(tmp_path):
    path = tmp_path / "two.mkv"
    write_two(path)

    with open_video(path, Limits()) as video:
        assert [round(float(f.gray.mean())) for f in video.sample(5)] == [200, 200]


def test_the_rate_must_be_above_zero(make_video):
    with open_video(make_video(times=[0]), Limits()) as video, pytest.raises(ValueError):
        next(video.sample(0))


def test_nothing_stays_open_when_sampling_is_given_up(make_video):
    path = make_video()
    opened = psutil.Process().num_fds()

    with open_video(path, Limits()) as video:
        pictures = video.sample(5)
        next(pictures)
        assert psutil.Process().num_fds() > opened

    assert psutil.Process().num_fds() == opened


def test_two_threads_can_read_one_file(make_video, sampled):
    path = make_video()
    results = []
    threads = [threading.Thread(target=lambda: results.append(sampled(path, 5))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert results[0] == results[1]
    assert len(results[0][0]) == 20


def test_memory_stays_flat(make_video):
    path = make_video(times=range(150), size=(960, 540), codec="mpeg4")
    process = psutil.Process()
    with open_video(path, Limits()) as video:
        pictures = video.sample(25)
        for _ in range(30):
            next(pictures)
        before = process.memory_info().rss
        assert sum(1 for _ in pictures) == 120

    # A hundred and twenty such pictures are 62 MB gray and 93 MB as decoded.
    assert process.memory_info().rss - before < 30e6


def test_an_uneven_real_video_without_a_face_at_first(shared_data):
    with open_video(shared_data / "situations" / "no_face_then_face_hevc.mov", Limits()) as video:
        times_s = [frame.time_s for frame in video.sample(5)]
        assert not video.partial

    assert len(times_s) == 32
    assert all(0 <= time_s - n / 5 < 0.08 for n, time_s in enumerate(times_s))


def test_a_real_telephone_video_stands_upright(shared_data):
    path = shared_data / "situations" / "phone_portrait_rotation_tag_90.mp4"
    with open_video(path, Limits()) as video:
        assert (video.info.width, video.info.height) == (720, 1280)
        first = next(video.sample(1)).gray

    with av.open(str(path)) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="gray")
    assert np.array_equal(first, np.rot90(stored, -1))
