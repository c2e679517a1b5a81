"""The command on real videos; the model is loaded once for all of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster

from affect.cli import main, outputs
from affect.contracts import VideoReport
from affect.expression.model import for_runtime, read_card
from affect.resources import folder as resource


def analyze(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["analyze", *map(str, arguments)])


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bad") / "bad.mp4"
    path.write_text("no video")
    return path


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, face_video: Path, bad: Path) -> Path:
    """A folder with a face, nobody, and no video."""
    folder = tmp_path_factory.mktemp("batch")
    shutil.copy(face_video, folder / "a face.mp4")
    shutil.copy(bad, folder)
    (folder / "notes.txt").write_text("no video either")
    with av.open(str(folder / "nobody.webm"), "w") as container:
        stream = container.add_stream("libvpx", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(5):
            gray = np.full((120, 160, 3), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="rgb24")))
        container.mux(stream.encode(None))
    return folder


@pytest.fixture(scope="module")
def one(face_video: Path) -> dict[str, Any]:
    """What standard output has for one video."""
    result = analyze(face_video, "--json", "-", "--rate", "2", "--emotions", "seven")
    assert result.exit_code == 0
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_one_video_is_one_object(one: dict[str, Any]) -> None:
    assert one["settings"] == {"rate": 2.0, "emotions": "seven", "head": "video"}
    assert one["video"]["name"] == "face.mp4"
    assert one["video"]["sampled"] == len(one["frames"]) == 6
    assert one["summary"]["dominant"] == "happy"
    assert len(one["people"]) == 1


@pytest.mark.parametrize("runtime", ["keras", "onnx", "litert"])
def test_the_runtime_can_be_chosen(runtime: str, face_video: Path, one: dict[str, Any]) -> None:
    """The report names the file that answered, and all of them answer alike."""
    result = analyze(face_video, *("--json", "-", "--rate", 1, "--runtime", runtime))
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    card = read_card(resource("model"))
    assert value["model"]["sha256"] == for_runtime(card, runtime)["sha256"]
    assert value["summary"]["dominant"] == one["summary"]["dominant"]


def test_a_folder_is_a_batch_that_one_bad_file_does_not_stop(batch: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = analyze(batch, "--out", out, "--json", tmp_path / "all.json", "--rate", 2)
    assert result.exit_code == 1
    assert f"{batch / 'bad.mp4'}: " in result.stderr
    assert "Traceback" not in result.output
    assert names(out) == ["a face", "nobody"]
    assert names(out / "a face") == [
        *("person-1.png", "pie.png", "report.csv", "report.html", "report.json", "timeline.png")
    ]
    assert names(out / "nobody") == ["report.csv", "report.html", "report.json"]
    face, failed, nobody = json.loads((tmp_path / "all.json").read_text())
    assert face == json.loads((out / "a face" / "report.json").read_text())
    assert face["summary"]["dominant"] == "happy"
    assert nobody["summary"]["dominant"] is None
    assert failed["video"] == {"name": "bad.mp4"}
    assert failed["error"].keys() == {"code", "sentence", "advice"}
    assert failed["error"]["code"] == "media-unreadable"
    assert "happy 100 %" in result.stdout
    assert "no face" in result.stdout


def test_several_videos_are_a_list_each_once(face_video: Path, bad: Path) -> None:
    result = analyze(face_video, bad, face_video, "--json", "-", "--rate", "1")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)
    assert first["video"]["name"] == "face.mp4"
    assert second["video"]["name"] == "bad.mp4"


def test_one_bad_file_is_a_sentence_and_status_1(bad: Path, tmp_path: Path) -> None:
    result = analyze(bad, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"{bad}: ")
    assert result.stderr.count("\n") == 1
    assert names(tmp_path) == []


def test_one_bad_file_is_one_json_object(bad: Path) -> None:
    result = analyze(bad, "--json", "-")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "media-unreadable"


def test_a_name_too_long_for_a_file_is_one_json_object(tmp_path: Path) -> None:
    result = analyze(tmp_path / ("a" * 300 + ".mp4"), "--json", "-")
    assert result.exit_code == 1
    assert "name too long" in json.loads(result.stdout)["error"]["sentence"]
    assert result.stderr.count("\n") == 1


def test_a_folder_without_videos_and_a_missing_file(tmp_path: Path) -> None:
    result = analyze(tmp_path, tmp_path / "absent.mp4", "--json", "-")
    assert result.exit_code == 1
    assert [failure["video"]["name"] for failure in json.loads(result.stdout)] == [
        tmp_path.name,
        "absent.mp4",
    ]
    assert f"{tmp_path}: The folder holds no video." in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["x.mp4", "--rate", "0"],
        ["x.mp4", "--rate", "nan"],
        ["x.mp4", "--rate", "fast"],
        ["x.mp4", "--emotions", "nine"],
        ["x.mp4", "--head", "both"],
        ["x.mp4", "--speed"],
        ["x.mp4", "--out", os.devnull],
        ["x.mp4", "--json", "/dev/null/all.json"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_status_2(arguments: list[str]) -> None:
    result = analyze(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("same", [True, False])
def test_a_video_is_never_written_over(face_video: Path, tmp_path: Path, same: bool) -> None:
    """As a pattern might: `--json *` takes the first of the videos for the file to write."""
    videos = [shutil.copy(face_video, tmp_path / name) for name in ("1.mp4", "2.mp4")]
    result = analyze(videos[0 if same else 1], "--json", videos[0])
    assert result.exit_code == 2
    assert "is a video" in result.stderr
    assert Path(videos[0]).read_bytes() == face_video.read_bytes()


@pytest.mark.parametrize(
    ("name", "target", "told"),
    [
        ("clip", "clip", "is one of the videos"),
        ("clip.divx", "clip.divx", "is one of the videos"),
        ("clip", "out.json", "is one of the videos"),
        ("clip.mp4", "out.json", "is a video"),
    ],
)
def test_nor_under_another_name(
    face_video: Path, tmp_path: Path, name: str, target: str, told: str
) -> None:
    video = Path(shutil.copy(face_video, tmp_path / name))
    if target != name:
        (tmp_path / target).symlink_to(video)
    result = analyze(video, "--json", tmp_path / target)
    assert result.exit_code == 2
    assert told in result.stderr
    assert video.read_bytes() == face_video.read_bytes()


def test_the_table_is_shown_though_the_json_cannot_be_written(face_video: Path) -> None:
    result = analyze(face_video, "--rate", "1", "--json", "/dev/full")
    assert result.exit_code == 2
    assert face_video.name in result.stdout
    assert "No space left" in result.stderr


def test_a_link_that_leads_nowhere_becomes_the_file(face_video: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert analyze(face_video, "--rate", "1", "--json", tmp_path / "loop").exit_code == 0
    assert json.loads((tmp_path / "loop").read_text())["video"]


def test_a_name_that_is_no_text_is_told_as_far_as_it_is(face_video: Path, tmp_path: Path) -> None:
    video = shutil.copy(face_video, os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.mp4"))
    name = json.loads(analyze(video, "--rate", "1", "--json", "-").stdout)["video"]["name"]
    assert name == "bad\N{REPLACEMENT CHARACTER}.mp4"


def test_a_pipe_a_link_and_a_private_file_are_written_as_what_they_are(
    face_video: Path, tmp_path: Path
) -> None:
    pipe, link, private = (tmp_path / name for name in ("pipe", "link.json", "private.json"))
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "real.json")
    private.touch(mode=0o600)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_text)
        assert analyze(face_video, "--rate", 1, "--json", pipe).exit_code == 0
        told = json.loads(read.result(20))
    for file in (link, private):
        assert analyze(face_video, "--rate", 1, "--json", file).exit_code == 0
        assert json.loads(file.read_text())["summary"] == told["summary"]
    assert link.is_symlink()
    assert private.stat().st_mode & 0o777 == 0o600


def test_where_letters_are_few_others_are_replaced(face_video: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "affect", "analyze", face_video, "--rate", "1"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert face_video.name in done.stdout and done.stderr == ""


def test_settings_come_from_the_environment_and_the_command_line_is_stronger(
    bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFFECT_RATE", "-1")
    assert analyze(bad).exit_code == 2
    assert analyze(bad, "--rate", "1").exit_code == 1


def test_an_interrupt_leaves_what_is_whole_and_nothing_half(
    face_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = shutil.copy(face_video, tmp_path / "second.mp4")
    write = outputs.write

    def interrupted(report: VideoReport, folder: Path) -> None:
        write(report, folder)
        if report.video.name == "second.mp4":
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(outputs, "write", interrupted)
    out = tmp_path / "out"
    result = analyze(
        face_video, second, "--out", out, "--json", tmp_path / "all.json", "--rate", "1"
    )
    assert result.exit_code == 130
    assert result.stderr.endswith("Stopped.\n")
    assert names(out) == ["face"]
    assert names(tmp_path) == ["out", "second.mp4"]


def test_a_batch_on_a_cluster_gives_the_same(
    face_video: Path, bad: Path, one: dict[str, Any], tmp_path: Path
) -> None:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,  # in this process, where the model is loaded already
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path / "scratch"),
    ) as cluster:
        result = analyze(
            *(bad, face_video, "--scheduler", cluster.scheduler_address),
            *("--json", "-", "--rate", "2", "--emotions", "seven"),
        )
    assert result.exit_code == 1, result.stderr
    failed, done = json.loads(result.stdout)
    assert failed["video"]["name"] == "bad.mp4"
    assert done == one
