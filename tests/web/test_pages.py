"""What a person can do on the pages, all of it without a script."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from werkzeug.http import parse_cookie

from affect.contracts import Progress, Reading, VideoReport
from affect.errors import UnreadableMedia
from affect.jobs import Job, Jobs, State
from affect.settings import Settings
from affect.web.application import create_app
from affect.web.home import WRONG_KIND

if TYPE_CHECKING:
    from conftest import Page, Worker


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_home_offers_a_file_a_recording_and_the_example(client: FlaskClient) -> None:
    text = text_of(client, "/")
    assert 'type="file"' in text
    assert "Record yourself" in text
    assert "Try the example" in text
    assert "Stays on this computer." in text
    assert "the result after 24 hours or when you delete it" in text
    assert "banned in the EU" in text
    assert "Recent analyses" not in text
    assert "larger than 2\N{NO-BREAK SPACE}MB" in text


def test_get_predict_goes_home(client: FlaskClient) -> None:
    answer = client.get("/predict")
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_video_is_sent_and_its_page_followed(page: Page, jobs: Jobs, video: bytes) -> None:
    answer = page.send(video, "garden.mp4")
    assert answer.status_code == 303
    job_id = re.fullmatch(r"/jobs/([0-9a-f]{32})", answer.location)
    assert job_id
    job = jobs.get(job_id[1])
    assert (job.name, job.keep_video, job.state) == ("garden.mp4", False, State.QUEUED)
    assert "Waiting for its turn" in text_of(page.client, answer.location)


def test_consent_is_asked_once(page: Page, video: bytes) -> None:
    box = '<input type="checkbox" name="consent" value="yes" required>'
    # Whoever sends the form without the page answers for that; the page still asks.
    unasked = page.post("/predict", file=(io.BytesIO(video), "a.mp4"))
    assert unasked.status_code == 303
    assert box in text_of(page.client, "/")
    assert page.send(video).status_code == 303
    assert 'name="consent"' not in text_of(page.client, "/")


def test_a_refused_video_is_told_on_the_page_one_was_on(page: Page, jobs: Jobs) -> None:
    answer = page.send(b"this is no video", "notes.txt")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 415
    assert WRONG_KIND.sentence in text
    assert WRONG_KIND.advice in text
    assert "Drop a video here" in text
    # The page refuses such a file before it is sent, in the very words of the server.
    assert f'data-kind-sentence="{WRONG_KIND.sentence}"' in text


def test_no_file_is_refused(page: Page) -> None:
    answer = page.post("/predict", consent="yes")
    assert answer.status_code == 400
    assert "No video was sent." in answer.get_data(as_text=True)


def test_progress_tells_how_far_it_is_and_refreshes_itself(
    client: FlaskClient, job: Job, worker: Worker
) -> None:
    worker.begin(job.id, Progress("Looking at faces", 12.0, 27.0, None))
    text = text_of(client, f"/jobs/{job.id}")
    assert "Looking at faces, 0:12 of 0:27" in text
    assert "0:04 so far, about 0:05 left" in text
    assert '<progress id="bar" max="100" value="44"' in text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in text


def test_who_waits_is_told_for_what(client: FlaskClient, job: Job, jobs: Jobs) -> None:
    assert "Waiting for its turn" in client.get(f"/jobs/{job.id}").get_data(as_text=True)
    jobs._ledger.tell_waiting("No cluster answers.")
    assert "No cluster answers." in client.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert client.get(f"/api/v1/jobs/{job.id}").get_json()["stage"] == "No cluster answers."


def test_cancel_ends_it(page: Page, job: Job, jobs: Jobs) -> None:
    assert page.post(f"/jobs/{job.id}/cancel").status_code == 303
    assert jobs.get(job.id).state == State.CANCELLED
    text = text_of(page.client, f"/jobs/{job.id}")
    assert "This analysis was cancelled." in text
    assert "Remove from the list" in text
    assert "Delete everything" not in text
    assert "refresh" not in text


def test_a_failed_analysis_says_why_and_what_to_do(
    client: FlaskClient, job: Job, worker: Worker
) -> None:
    worker.fail(job.id, UnreadableMedia("The video broke in the middle.", "Send another."))
    text = text_of(client, f"/jobs/{job.id}")
    assert "The video broke in the middle." in text
    assert "Send another." in text


def test_the_result(client: FlaskClient, finished: Job, found: VideoReport) -> None:
    text = text_of(client, f"/jobs/{finished.id}").replace("\N{NO-BREAK SPACE}", " ")
    share = f"{found.summary.emotions['happy'] * 100:.0f} %"
    assert f"Mostly happy: {share} of the faces that could be read." in text
    assert "A face could be read in 93 % of the moments." in text
    assert "2 people were seen" in text
    for heading in ("Emotions", "Smile index", "Posture", "Timeline", "People"):
        assert f">{heading}</h2>" in text
    assert text.count('class="band"') == 2
    legend, key = text.split('class="key"')
    told = "|".join(found.summary.emotions)
    assert re.findall(f"</svg>\\s*({told})</th>", legend) == re.findall(
        f"</svg>\\s*({told})</span>", key
    )
    assert "An expression is not a feeling." in text
    assert "banned in the EU" in text
    assert '<a href="#people">Choose a person</a>' in text
    assert re.search(r"The program is right for \d\d of 100 clear photographs", text)
    assert 'href="/model"' in text
    assert f"it was {found.summary.confidence * 100:.0f} % sure on average" in text
    assert "measures stillness" in text
    for name in ("report.html", "results.csv", "results.json", "pie.png", "timeline.png"):
        assert f'href="/api/v1/jobs/{finished.id}/{name}"' in text
    assert "<video" in text


def test_one_person_alone(client: FlaskClient, finished: Job) -> None:
    text = text_of(client, f"/jobs/{finished.id}?person=2")
    assert "Person 2 looks sad most often" in text
    assert text.count('class="band"') == 1
    assert "Show everyone" in text
    assert text.count('aria-current="true"') == 1
    assert "Choose a person" not in text
    assert "There is no person 3 in this video." in text_of(
        client, f"/jobs/{finished.id}?person=3", 404
    )


def test_without_a_face_there_are_no_empty_charts(
    client: FlaskClient, job: Job, worker: Worker, report_of: Callable[..., VideoReport]
) -> None:
    worker.finish(job.id, report_of(lambda _: (), seconds=24))
    text = text_of(client, f"/jobs/{job.id}")
    assert "No face was found in this video." in text
    assert "Why that can be" in text
    assert "What to try" in text
    for absent in ("Smile index", "Timeline", "pie.png", "timeline.png", "<table"):
        assert absent not in text


def test_faces_that_cannot_be_read(
    client: FlaskClient,
    job: Job,
    worker: Worker,
    report_of: Callable[..., VideoReport],
    reading_of: Callable[..., Reading],
) -> None:
    worker.finish(job.id, report_of(lambda _: (reading_of(1, None),), seconds=4))
    text = text_of(client, f"/jobs/{job.id}")
    assert "Faces were seen, but none could be read." in text
    assert "What to try" in text
    assert "<video" in text  # it was kept, and may show why
    assert "Smile index" not in text
    assert "data-emotion" not in text


def test_a_person_who_cannot_be_read_has_no_empty_cards(
    client: FlaskClient,
    job: Job,
    worker: Worker,
    report_of: Callable[..., VideoReport],
    reading_of: Callable[..., Reading],
) -> None:
    both = (reading_of(1, "happy"), reading_of(2, None, x=420))
    worker.finish(job.id, report_of(lambda _: both, seconds=4))
    text = text_of(client, f"/jobs/{job.id}?person=2")
    assert "Person 2 was seen, but no face could be read." in text
    assert "What to try" in text
    assert "Show only person 1" in text
    assert "Smile index" not in text


def test_who_shares_the_lead_has_a_dot_for_each(
    client: FlaskClient,
    job: Job,
    worker: Worker,
    report_of: Callable[..., VideoReport],
    reading_of: Callable[..., Reading],
) -> None:
    worker.finish(
        job.id, report_of(lambda time_s: (reading_of(1, "sad" if time_s < 2 else "happy"),), 4)
    )
    (row,) = re.findall(r"<dt>Mostly</dt><dd>(.*?)</dd>", text_of(client, f"/jobs/{job.id}"), re.S)
    assert row.count('class="dot"') == 2


def test_a_partial_result_says_so(
    client: FlaskClient,
    job: Job,
    worker: Worker,
    jobs: Jobs,
    report_of: Callable[..., VideoReport],
) -> None:
    worker.finish(job.id, report_of(partial=True))
    assert jobs.get(job.id).state == State.PARTIAL
    assert "damaged or missing" in text_of(client, f"/jobs/{job.id}")


def test_the_old_template_variables(app: Flask, client: FlaskClient, finished: Job) -> None:
    contexts: list[tuple[str | None, dict[str, Any]]] = []

    def keep(_: Flask, template: Any, context: dict[str, Any], **__: Any) -> None:
        contexts.append((template.name, context))

    with template_rendered.connected_to(keep, app):
        text_of(client, f"/jobs/{finished.id}")
    ((name, context),) = contexts
    assert name == "predict.html"
    assert base64.b64decode(unquote(context["plot_url"])).startswith(b"\x89PNG")
    assert context["smileindex"] == pytest.approx(0.5, abs=0.1)
    assert context["posture"] == "Good"


def test_recent_analyses_are_this_browsers(
    app: Flask, page: Page, finished: Job, video: bytes
) -> None:
    text = text_of(page.client, "/")
    assert "Recent analyses" in text
    assert "holiday.mp4" in text
    assert "most often happy" in text
    assert "holiday.mp4" not in text_of(app.test_client(), "/")


def test_older_analyses_are_folded(page: Page, jobs: Jobs, video: bytes) -> None:
    for number in range(12):
        sent = page.send(video, name=f"{number}.mp4")
        jobs.cancel(sent.location.rsplit("/", 1)[-1])
    text = text_of(page.client, "/")
    shown, folded = text.split("<summary>2 older</summary>")
    assert [f">{number}.mp4</a>" in shown for number in range(12)] == [False] * 2 + [True] * 10
    assert all(f">{number}.mp4</a>" in folded for number in range(2))


def test_an_analysis_that_waits_is_not_begun(page: Page, job: Job) -> None:
    text = text_of(page.client, "/")
    assert "waiting" in text
    assert "% done" not in text


def test_two_uploads_at_once_are_both_remembered(app: Flask, page: Page, video: bytes) -> None:
    session = page.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert session
    other = replace(page, client=app.test_client())
    other.client.set_cookie(session.key, session.value)
    page.send(video, "first.mp4")
    answer = other.send(video, "second.mp4")  # sent before the first was answered
    for cookie in map(parse_cookie, answer.headers.getlist("Set-Cookie")):
        page.client.set_cookie(*next(iter(cookie.items())))
    text = text_of(page.client, "/")
    assert "first.mp4" in text and "second.mp4" in text


def test_of_many_analyses_the_last_twenty_are_remembered(
    page: Page, video: bytes, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("affect.web.recent._MOST", 2)
    for name in ("one.mp4", "two.mp4", "three.mp4"):
        page.send(video, name)
    text = text_of(page.client, "/")
    assert "one.mp4" not in text and "two.mp4" in text and "three.mp4" in text


def test_delete_removes_everything_at_once(page: Page, finished: Job, jobs: Jobs) -> None:
    folder = jobs.results(finished.id).parent
    assert page.post(f"/jobs/{finished.id}/delete").status_code == 303
    assert not folder.exists()
    assert "holiday.mp4" not in text_of(page.client, "/")
    text_of(page.client, f"/jobs/{finished.id}", 404)
    assert page.post(f"/jobs/{finished.id}/delete").status_code == 404


def test_results_that_go_while_they_are_asked_for_are_not_found(
    client: FlaskClient, finished: Job, jobs: Jobs
) -> None:
    for file in jobs.results(finished.id).iterdir():
        file.unlink()
    text_of(client, f"/jobs/{finished.id}", 404)
    text_of(client, f"/api/v1/jobs/{finished.id}/pie.png", 404)


def test_the_example_needs_no_file(page: Page, jobs: Jobs) -> None:
    answer = page.post("/example")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    job = jobs.get(answer.location.rsplit("/", 1)[-1])
    assert (job.name, job.keep_video) == ("example.mp4", True)


def test_markup_in_a_name_is_shown_as_text(page: Page, video: bytes) -> None:
    # A browser sends the last part of a path only; the rest of the name is the owner's.
    answer = page.send(video, "<script>alert(1)<_script>.mp4")
    text = text_of(page.client, answer.location)
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_the_model_has_a_page(client: FlaskClient) -> None:
    text = text_of(client, "/model")
    plain, for_researchers = text.split("<details>")
    headings = re.findall("<h2>(.*?)</h2>", plain)
    assert headings == ["What it must not be used for", "Where it is weak", "How often it is right"]
    right = r"The program is right for (\d\d) of 100 clear photographs, but only for (\d\d) of"
    for hundredths in re.findall(right, plain)[0]:
        assert f"<td>{hundredths}\N{NO-BREAK SPACE}%</td>" in for_researchers
    assert "<h2>What was measured</h2>" in for_researchers


def test_another_host_is_not_called_this_computer(settings: Settings, jobs: Jobs) -> None:
    here = settings.model_copy(update={"trusted_hosts": ("box.example",)})
    client = create_app(here, jobs).test_client()
    for name in ("localhost", "LOCALHOST:5000", "127.0.0.1", "[::1]", "[::1]:5000"):
        text = client.get("/", headers={"Host": name}).get_data(as_text=True)
        assert "Stays on this computer." in text, name
    text = client.get("/", headers={"Host": "box.example"}).get_data(as_text=True)
    assert "Stays on the computer behind this page." in text
