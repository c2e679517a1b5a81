from __future__ import annotations

import csv
import io

from affect.report.as_csv import to_csv


def rows(report):
    return list(csv.DictReader(io.StringIO(to_csv(report), newline="")))


def test_one_row_a_face(report):
    assert len(rows(report)) == sum(len(moment.faces) for moment in report.moments)


def test_columns_are_those_of_the_view(make_report):
    header = to_csv(make_report([["happy"]], view="seed")).splitlines()[0]
    assert header == (
        "frame,time_s,person,x,y,width,height,detection_score,emotion,"
        "angry,disgust,fear,happy,sad,smile,ssim"
    )


def test_a_readable_face(report):
    assert rows(report)[0] == {
        "frame": "0",
        "time_s": "0.000",
        "person": "1",
        "x": "10.0",
        "y": "20.0",
        "width": "96.0",
        "height": "96.0",
        "detection_score": "3.1416",
        "emotion": "happy",
        "angry": "0.0500",
        "happy": "0.8000",
        "sad": "0.0500",
        "surprise": "0.0500",
        "neutral": "0.0500",
        "smile": "1",
        "ssim": "0.8123",
    }


def test_smile_is_0_for_another_emotion(make_report):
    assert [row["smile"] for row in rows(make_report([["happy", "sad"]]))] == ["1", "0"]


def test_what_is_absent_is_an_empty_cell(make_report):
    row = rows(make_report([[""]]))[0]
    empty = {name for name, cell in row.items() if cell == ""}
    assert empty == {"emotion", "angry", "happy", "sad", "surprise", "neutral", "smile", "ssim"}


def test_without_faces_only_the_header_is_left(make_report):
    assert len(to_csv(make_report([[None] * 9])).splitlines()) == 1
