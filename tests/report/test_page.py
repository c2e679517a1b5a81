from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from affect.contracts import ModelIdentity
from affect.report.page import page
from affect.resources import folder

PNG = b"\x89PNG\r\n\x1a\n"


class Reader(HTMLParser):
    """The page's text, tags and addresses."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, words = [], [], []
        self.handle_data = words.append
        self.feed(text)
        self.text = " ".join(" ".join(words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset")]


def pictures(report):
    names = ["pie", "timeline"] if report.summary.dominant else []
    return dict.fromkeys([*names, *(f"person-{person.id}" for person in report.people)], PNG)


def read(report):
    return Reader(page(report, pictures(report)))


def test_tells_everything(report):
    text = read(report).text
    for part in (
        "holiday.mp4",
        "0:12 long",
        "Mostly happy: 51 % of the faces that could be read.",
        "2 people were seen",
        "Smile index",
        "A longer video like it would likely show 41 % to 61 %.",
        "Good",
        "“Posture” measures stillness",
        "Timeline",
        "Person 2",
        "0:03–0:12",
        "An expression is not a feeling.",
        "banned in the EU",
        "60 looks",
        "expression, SHA-256 " + "0123456789abcdef" * 4,
    ):
        assert part in text


def test_says_how_often_the_model_that_read_it_is_right(report):
    told = json.loads((folder("model") / "expression.json").read_text())["runtimes"]["onnx"]
    accuracy = told["evaluation"]["video"]["five"]["accuracy"]
    text = read(replace(report, model=ModelIdentity("expression", told["sha256"]))).text
    assert f"The program is right for {accuracy * 100:.0f} of 100 clear photographs" in text
    assert "of 100" not in read(report).text  # of a model that the card does not know


def test_needs_nothing_from_elsewhere_and_runs_nothing(report):
    seen = read(report)
    assert len(seen.addresses) == 6
    assert all(address.startswith("data:image/png;base64,") for address in seen.addresses)
    assert not {"script", "link", "iframe", "object"} & set(seen.tags)
    assert not re.search(r"url\(|@import|http:|https:", page(report, pictures(report)))


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.mp4", '"><img src=x onerror=y>.mp4'])
def test_a_file_name_is_only_text(make_report, name):
    seen = read(make_report([["happy"] * 20], name=name))
    assert name in seen.text
    assert "script" not in seen.tags
    assert "x" not in seen.addresses


def test_without_faces_it_says_so_and_shows_no_charts(make_report):
    seen = read(make_report([[None] * 120]))
    assert "No face was found in this video." in seen.text
    assert "Why that can be" in seen.text
    assert "img" not in seen.tags
    assert "Smile" not in seen.text


def test_with_unreadable_faces_it_shows_who_was_seen(make_report):
    seen = read(make_report([[""] * 20]))
    assert "Faces were seen, but none could be read." in seen.text
    assert "Person 1" in seen.text
    assert seen.tags.count("img") == 1


def test_a_single_face_has_no_posture(make_report):
    import dataclasses

    report = make_report([["happy"]])
    report = dataclasses.replace(report, summary=dataclasses.replace(report.summary, posture=None))
    assert "There were not enough faces for that." in read(report).text


def test_a_tie_has_a_dot_for_each(make_report):
    dot = re.compile(r'<td data-name="mostly">(<span class="dot" style="background:#\w+"></span>)+')
    report = make_report([["happy", "sad"] * 10])
    (dots,) = (found[0] for found in dot.finditer(page(report, pictures(report))))
    assert dots.count("<span") == 2


def test_every_colour_of_the_text_can_be_read():
    """WCAG AA: 4.5 to 1 for the inks on the papers, in light and in dark."""

    def luminance(colour):
        digits = colour * 2 if len(colour) == 3 else colour
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    from affect.resources import folder

    style = (folder("templates") / "report.html").read_text("utf-8")
    themes = re.findall(r":root \{([^}]*--ink[^}]*)\}", style)
    assert len(themes) == 3
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): #([0-9a-f]+)", theme))
        for ink in ("ink", "faint"):
            for paper in ("paper", "card"):
                light, dark = sorted(
                    (luminance(colours[ink]), luminance(colours[paper])), reverse=True
                )
                assert (light + 0.05) / (dark + 0.05) >= 4.5
