"""Damaged videos: what can be seen is given, and `partial` says that it is not all."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov"}


def cut(path: Path, share: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


@pytest.mark.parametrize(
    ("name", "maker", "share"),
    [
        ("faststart.mp4", {"muxer_options": {"movflags": "faststart"}}, 0.5),
        ("webm.webm", {"codec": "libvpx", "options": {"g": "10"}}, 0.7),
        ("matroska.mkv", {}, 0.6),
        ("late.mkv", {"times": range(125, 225)}, 0.6),
        ("sound.mkv", {"sound_s": 8}, 0.6),
        ("flash.flv", {"codec": "flv", "sound_s": 4}, 0.6),
        ("old.avi", {"codec": "mpeg4"}, 0.5),
    ],
)
def test_a_quiet_cut(make_video, sampled, name, maker, share):
    pictures, partial = sampled(cut(make_video(name, **maker), share), 25)

    assert partial
    assert 20 < len(pictures) < 90
    # The last one may be cut in the middle.
    assert pictures[:-1] == [(n, n / 25) for n in range(len(pictures) - 1)]


def test_a_cut_between_fragments(make_video, sampled):
    path = make_video(options={"g": "10"}, muxer_options=FRAGMENTED)
    pictures, partial = sampled(cut(path, 0.5), 25)

    assert partial
    assert pictures[:30] == [(n, n / 25) for n in range(30)]


def test_overwritten_in_the_middle(make_video, sampled):
    path = make_video(options={"g": "10"})
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 3
    content[start : start + 1500] = random.Random(3).randbytes(1500)
    path.write_bytes(content)

    pictures, partial = sampled(path, 25)

    assert partial
    assert 70 < len(pictures) < 100
    assert [(number, time_s) for number, time_s in pictures if time_s.expected > 3] == [
        (n, n / 25) for n in range(76, 100)
    ]


def test_one_damaged_packet_costs_one_picture(make_video, sampled):
    path = make_video("stills.mov", codec="prores", pix_fmt="yuv422p10le")
    content = bytearray(path.read_bytes())
    frame = [match.start() for match in re.finditer(b"icpf", content)][40]
    content[frame : frame + 24] = bytes(24)
    path.write_bytes(content)

    pictures, partial = sampled(path, 25)

    assert partial
    assert pictures == [(n, n / 25) for n in range(100) if n != 40]


def test_a_transport_stream_whose_time_goes_back(make_video, sampled):
    first = make_video("first.ts", codec="mpeg2video", times=range(50))
    second = make_video("second.ts", codec="mpeg2video", times=range(75), size=(320, 192))
    first.write_bytes(first.read_bytes() + second.read_bytes())

    pictures, partial = sampled(first, 5)

    assert partial
    assert pictures == [(5 * n, n / 5) for n in range(15)]


def test_an_undamaged_video_is_not_partial(make_video, sampled):
    assert not sampled(make_video(), 25)[1]


def test_fifty_corruptions_neither_crash_nor_hang():
    run = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "corrupt.py"), "--count", "50"],
        capture_output=True, text=True, timeout=250, cwd=ROOT, check=False,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr
    assert sum(int(count) for count in re.findall(r"^\w+ +(\d+)$", run.stdout, re.M)) == 50
