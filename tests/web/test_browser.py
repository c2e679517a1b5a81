"""The pages in a real browser: with the real chain behind them, and in every state."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from affect import report
from affect.contracts import Progress, VideoReport
from affect.errors import UnreadableMedia
from affect.jobs import Job, Jobs
from affect.settings import Settings
from affect.web.application import create_app

if TYPE_CHECKING:
    from conftest import Worker

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "static" / "example.mp4"
QUIET = (
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # A name that is not this computer's, to see the page as another machine does.
    "--host-resolver-rules=MAP box.example 127.0.0.1",
)
# The worker loads the model first, and the machine may be busy.
ANALYSED_MS = 180_000
# Everything else that is waited for; only a busy machine needs so long.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


def launch(playwright: Playwright, *arguments: str) -> Browser:
    chromium = shutil.which("chromium")
    if chromium is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no chromium here")
    return playwright.chromium.launch(
        executable_path=chromium, args=[*QUIET, *arguments], timeout=PATIENCE_MS
    )


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera shows the example's face."""
    camera = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    with av.open(str(EXAMPLE)) as clip, camera.open("wb") as file:
        for frame in clip.decode(video=0):
            if frame.time < 4:
                picture = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))[1]
                file.write(picture.tobytes())
    browser = launch(
        playwright,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server as people start it, with its worker and the real model."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env=os.environ
        | {"AFFECT_DATA": str(tmp_path_factory.mktemp("data")), "AFFECT_MAX_MEGABYTES": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Affect is at "), line
        yield line.split()[-1]
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert psutil.wait_procs(family, timeout=20)[1] == []
    finally:
        process.kill()
        process.communicate(timeout=20)


@contextmanager
def opened(browser: Browser, origin: str, **options: Any) -> Iterator[Page]:
    """A fresh page that must neither complain nor ask anyone else for anything."""
    context: BrowserContext = browser.new_context(base_url=origin, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((origin, f"blob:{origin}"))] == []
    # What fails to load the browser notes by itself; the page's own complaints count.
    failed = "Failed to load resource: "
    known = (f"{failed}the server responded with a status of 4", f"{failed}net::ERR_FILE_NOT_FOUND")
    assert [text for text in complaints if not text.startswith(known)] == []


def analysed(page: Page) -> None:
    """Wait for the result of what was sent."""
    expect(page).to_have_url(re.compile("/jobs/[0-9a-f]{32}$"))
    expect(page.locator("h1")).to_have_text(
        re.compile(r"\d+.% of the (time|faces)"), timeout=ANALYSED_MS
    )


def until(page: Page, condition: str) -> None:
    """Wait for something of the video's; Playwright's own way needs an `eval` that is forbidden."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(
            f"() => {{ const video = document.getElementById('video'); return {condition} }}"
        ):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never {condition}")


def shown_box(page: Page) -> int:
    """How many points of the overlay are drawn on."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.getElementById("overlay");
              const brush = canvas.getContext("2d");
              const points = brush.getImageData(0, 0, canvas.width, canvas.height).data;
              return points.filter((value, i) => i % 4 === 3 && value > 0).length;
            }"""
        )
    )


def test_from_upload_to_delete(browser: Browser, origin: str, tmp_path: Path) -> None:
    with opened(browser, origin) as page:
        page.goto("/")
        page.set_input_files("#file", EXAMPLE)
        expect(page.locator("#chosen-name")).to_have_text("example.mp4")
        page.get_by_label("Everyone in the video has agreed").check()
        page.get_by_label("Keep the video").check()
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        analysed(page)

        # She smiles throughout.
        expect(page.locator("h1")).to_contain_text("Mostly happy")
        expect(page.locator(".band")).to_have_count(1)
        expect(page.locator(".people li")).to_have_count(1)
        page.get_by_role("button", name="Download").click()
        with page.expect_download() as started:
            page.get_by_role("link", name="All data, for programs (JSON)").click()
        started.value.save_as(tmp_path / "results.json")
        assert started.value.suggested_filename == "example-results.json"
        expect(page.locator("#downloads")).to_be_hidden()
        report = json.loads((tmp_path / "results.json").read_text())
        assert report["summary"]["dominant"] == "happy"
        assert report["video"]["name"] == "example.mp4"
        page.keyboard.press("Escape")

        # A click on the ribbon moves the video there, and her box is drawn on it.
        until(page, "video.readyState >= 1")
        width = page.locator(".band").bounding_box()["width"]
        page.locator(".band").click(position={"x": width / 2, "y": 20})
        until(page, "Math.abs(video.currentTime - 3.5) < 0.2 && !video.seeking")
        assert shown_box(page) > 100

        page.goto("/")
        expect(page.locator(".recent")).to_contain_text("most often happy")
        expect(page.get_by_label("Everyone in the video has agreed")).to_have_count(0)
        page.get_by_role("link", name="example.mp4").click()
        address = page.url
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_role("dialog", name="Delete this result?")).to_be_visible()
        expect(page.get_by_role("button", name="Keep it")).to_be_focused()
        page.get_by_role("button", name="Delete everything").click()
        expect(page).to_have_url(f"{origin}/")
        expect(page.locator(".recent")).to_have_count(0)
        page.goto(address)
        expect(page.locator("h1")).to_have_text("There is nothing at this address.")


def test_a_recording_is_made_watched_and_sent(browser: Browser, origin: str) -> None:
    with opened(browser, origin) as page:
        page.goto("/")
        page.get_by_label("Everyone in the video has agreed").check()
        page.get_by_role("button", name="Record yourself").click()
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("timer")).to_have_text("0:02")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#recorder-review")).to_be_visible()
        page.get_by_role("button", name="Again").click()
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("timer")).to_have_text("0:03")
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Send").click()
        analysed(page)
        expect(page.locator(".name")).to_contain_text("recording.webm")
        expect(page.locator(".people li")).to_have_count(1)


def test_without_scripts(browser: Browser, origin: str) -> None:
    with opened(browser, origin, java_script_enabled=False) as page:
        page.goto("/")
        expect(page.get_by_role("button", name="Record yourself")).to_be_hidden()
        page.set_input_files("#file", EXAMPLE)
        page.get_by_label("Everyone in the video has agreed").check()
        page.get_by_role("button", name="Analyse the video").click()
        analysed(page)
        expect(page.locator(".pie > svg")).to_be_visible()
        expect(page.locator(".cell").first).to_be_visible()


def test_the_example(browser: Browser, origin: str) -> None:
    with opened(browser, origin) as page:
        page.goto("/")
        page.get_by_role("button", name="Try the example").click()
        analysed(page)
        expect(page.locator("video")).to_be_visible()


# From here on a worker of the test's own making, so that every state can be shown.


@pytest.fixture
def served(
    jobs: Jobs,
    settings: Settings,
    serve_app: Callable[[Flask], AbstractContextManager[int]],
) -> Iterator[str]:
    here = settings.model_copy(update={"trusted_hosts": ("box.example",)})
    with serve_app(create_app(here, jobs)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def submit(jobs: Jobs, settings: Settings) -> Callable[..., Job]:
    def submit(name: str = "holiday.mp4", keep_video: bool = False) -> Job:
        with EXAMPLE.open("rb") as file:
            return jobs.submit(file, name, settings.options, keep_video)

    return submit


@pytest.fixture
def pages(
    submit: Callable[..., Job],
    worker: Worker,
    jobs: Jobs,
    found: VideoReport,
    report_of: Callable[..., VideoReport],
) -> dict[str, str]:
    """The address of a page in each state."""
    states = {"result": submit(keep_video=True), "empty": submit(), "failed": submit()}
    worker.finish(states["result"].id, found)
    worker.finish(states["empty"].id, report_of(lambda _: ()))
    worker.fail(states["failed"].id, UnreadableMedia("The video broke in the middle."))
    states["cancelled"] = jobs.cancel(submit().id)
    states["progress"] = submit("A name that is long enough to need more than a line.mp4")
    worker.begin(states["progress"].id, Progress("Looking at faces", 12.0, 27.0, None))
    jobs_pages = {name: f"/jobs/{job.id}" for name, job in states.items()}
    person = f"{jobs_pages['result']}?person=2"
    others = {"home": "/", "model": "/model", "missing": "/nothing", "person": person}
    return {**jobs_pages, **others}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_on_any_page(
    browser: Browser, served: str, pages: dict[str, str], scheme: Any
) -> None:
    axe = Axe()
    with opened(browser, served, color_scheme=scheme) as page:
        for name, path in pages.items():
            page.goto(path)
            found = axe.run(page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        page.goto(pages["result"])
        page.get_by_role("button", name="Download").click()
        page.locator("summary").click()
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        page.get_by_role("button", name="Record", exact=True).wait_for()
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_cut_off_on_a_phone(
    browser: Browser, served: str, pages: dict[str, str], width: int
) -> None:
    with opened(browser, served, viewport={"width": width, "height": 640}) as page:
        for name, path in pages.items():
            page.goto(path)
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{name} is {needed} wide"


def test_the_cards_stay_within_the_page(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    edges = """() => [...document.querySelectorAll(".headline, .card")].map(
      (each) => each.getBoundingClientRect().right
    )"""
    with opened(browser, served, viewport={"width": 360, "height": 640}) as page:
        page.goto(pages["result"])
        page_edge, *cards = page.evaluate(edges)
        assert max(cards) <= page_edge


def test_who_cannot_drop_a_video_is_not_asked_to(browser: Browser, served: str) -> None:
    for finger, words in ((False, "Drop a video here"), (True, "Choose a video")):
        with opened(browser, served, is_mobile=finger, has_touch=finger) as page:
            page.goto("/")
            expect(page.locator("#choose .big > :visible")).to_have_text(words)


def test_colours_that_tell_something_stay(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    adjust = "each => getComputedStyle(each).%s"
    with opened(browser, served, forced_colors="active") as page:
        page.goto(pages["result"])
        for part in (".band", ".swatch", ".dot", ".bar", ".pie > svg"):
            told = page.locator(part).first.evaluate(adjust % "forcedColorAdjust")
            assert told == "none", part
        page.emulate_media(media="print", forced_colors="none")
        for part in (".band", ".swatch", ".dot"):
            told = page.locator(part).first.evaluate(adjust % "printColorAdjust")
            assert told == "exact", part
        expect(page.locator(".needle").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_in_the_report_that_one_sends(
    browser: Browser, found: VideoReport, tmp_path: Path, scheme: Any
) -> None:
    report.write(found, tmp_path)
    with closing(
        browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})
    ) as context:
        page = context.new_page()
        page.goto((tmp_path / "report.html").as_uri())
        checked = Axe().run(page)
        assert checked.violations_count == 0, checked.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        # Charts on dark paper where the page is dark.
        shown = page.locator(".chart").evaluate_all(
            "charts => charts.map((each) => each.currentSrc)"
        )
        written = [
            "data:image/png;base64," + base64.b64encode((tmp_path / name).read_bytes()).decode()
            for name in ("pie.png", "timeline.png")
        ]
        assert (shown == written) == (scheme == "light")


def test_the_ways_on_stay_in_reach(browser: Browser, served: str, pages: dict[str, str]) -> None:
    with opened(browser, served, viewport={"width": 320, "height": 640}) as page:
        page.goto(pages["result"])
        page.keyboard.press("End")
        expect(page.locator("footer")).to_be_in_viewport()
        for name in ("Download", "Delete"):
            expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("link", name="Analyse another")).to_be_in_viewport(ratio=1)


def test_choosing_a_person_narrows_the_page(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    with opened(browser, served) as page:
        page.goto(pages["result"])
        expect(page.get_by_role("slider")).to_have_count(2)
        page.get_by_role("link", name="Show only person 2").click()
        expect(page.locator("h1")).to_contain_text("Person 2 looks sad most often")
        expect(page.get_by_role("slider")).to_have_count(1)
        expect(page.locator(".card .number").first).to_have_text("0\N{NO-BREAK SPACE}%")
        page.locator(".people").get_by_role("link", name="Show everyone").click()
        expect(page.get_by_role("slider")).to_have_count(2)


def test_whatever_has_the_focus_shows_it(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    outlined = """() => {
      const at = document.activeElement;
      // A chosen file lies under the button that stands for it.
      const shown = at.type === "file" ? at.nextElementSibling : at;
      return [at === document.body, parseFloat(getComputedStyle(shown).outlineWidth)];
    }"""
    with opened(browser, served) as page:
        for name in ("home", "result"):
            page.goto(pages[name])
            for count in range(40):
                page.keyboard.press("Tab")
                left, width = page.evaluate(outlined)
                if left:
                    break
                assert width > 0, f"{name}: number {count}"
            assert count > 5


def test_nothing_moves_for_those_who_want_that(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    lasting = """() => [...document.querySelectorAll("*")].filter((each) => {
      const { transitionDuration, animationName } = getComputedStyle(each);
      return transitionDuration !== "0s" || animationName !== "none";
    }).length"""
    with opened(browser, served, reduced_motion="reduce") as page:
        for path in pages.values():
            page.goto(path)
            assert page.evaluate(lasting) == 0


def test_a_wrong_file_is_refused_before_it_is_sent(
    browser: Browser, served: str, tmp_path: Path, settings: Settings
) -> None:
    text, large, empty = (tmp_path / name for name in ("notes.txt", "large.mp4", "empty.mp4"))
    text.write_text("no video")
    empty.touch()
    large.write_bytes(b"\0" * (settings.limits.max_bytes + 1))
    with opened(browser, served) as page:
        sent: list[str] = []
        page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
        page.goto("/")
        for wrong, sentence in ((text, "it is not a video"), (empty, "The file is empty.")):
            page.set_input_files("#file", wrong)
            expect(page.get_by_role("alert")).to_contain_text(sentence)
        page.set_input_files("#file", large)
        expect(page.get_by_role("alert")).to_contain_text("larger than 2 MB")
        expect(page.get_by_role("button", name="Analyse the video")).to_be_hidden()
        assert sent == []


def test_a_file_that_only_looks_right_is_refused_with_the_servers_words(
    browser: Browser, served: str, tmp_path: Path
) -> None:
    fake = tmp_path / "fake.mp4"
    fake.write_bytes(b"no video at all")
    with opened(browser, served) as page:
        page.goto("/")
        page.set_input_files("#file", fake)
        page.get_by_label("Everyone in the video has agreed").check()
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.get_by_role("alert")).to_contain_text("it is not a video")
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_role("button", name="Analyse the video")).to_be_hidden()


def test_a_file_that_is_gone_meanwhile_is_not_called_a_broken_connection(
    browser: Browser, served: str, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0" * 1_000_000)
    with opened(browser, served) as page:
        page.goto("/")
        page.set_input_files("#file", film)
        page.get_by_label("Everyone in the video has agreed").check()
        film.unlink()
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.get_by_role("alert")).to_contain_text("after it was chosen")
        expect(page.get_by_role("button", name="Analyse the video")).to_be_hidden()


def test_of_several_files_the_first_is_taken_and_none_while_one_is_sent(
    browser: Browser, served: str
) -> None:
    with opened(browser, served) as page:
        page.goto("/")
        page.evaluate(DRAG, ["drop", "first.mp4", "second.mp4"])
        expect(page.locator("#chosen-name")).to_have_text("first.mp4")
        expect(page.locator("#chosen-size")).to_contain_text("the first of 2 files")
        page.get_by_label("Everyone in the video has agreed").check()
        page.route("**/predict", lambda _: None)  # it never ends
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.locator("#sending-name")).to_have_text("first.mp4")
        page.evaluate(DRAG, ["drop", "third.mp4"])
        expect(page.locator("#sending-name")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#chosen-name")).to_have_text("first.mp4")
        # Come back to, the page sends nothing any more.
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.locator("#sending-words")).to_have_text(re.compile("Sending"))
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        expect(page.get_by_role("button", name="Analyse the video")).to_be_visible()


DRAG = """([kind, ...names]) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File(["film"], name, { type: "video/mp4" }));
  const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def test_dragging_over_the_page_lights_the_zone(browser: Browser, served: str) -> None:
    with opened(browser, served) as page:
        page.goto("/")
        zone = page.locator("#zone")
        page.evaluate(DRAG, ["dragenter", "film.mp4"])
        expect(zone).to_have_class(re.compile("over"))
        page.evaluate(DRAG, ["dragleave", "film.mp4"])
        expect(zone).not_to_have_class(re.compile("over"))
        page.evaluate(DRAG, ["dragenter", "film.mp4"])
        page.evaluate(DRAG, ["drop", "film.mp4"])
        expect(zone).not_to_have_class(re.compile("over"))
        expect(page.locator("#chosen-name")).to_have_text("film.mp4")


def test_the_timeline_answers_to_pointer_and_keys(
    browser: Browser, served: str, pages: dict[str, str]
) -> None:
    with opened(browser, served) as page:
        page.goto(pages["result"])
        ribbon = page.get_by_role("slider", name="Timeline of person 1")
        expect(ribbon).to_have_attribute("aria-valuetext", re.compile(r"^0:00\.0, happy \d+ %$"))
        width = ribbon.bounding_box()["width"]
        ribbon.hover(position={"x": width * 9.5 / 27, "y": 20})
        readout = page.locator("#readout")
        expect(readout).to_contain_text("neutral")
        expect(readout).to_contain_text("0:09.")
        expect(readout.locator(".score")).to_have_count(5)
        ribbon.hover(position={"x": width * 12 / 27, "y": 20})
        expect(readout).to_contain_text("no face seen")
        ribbon.focus()
        page.keyboard.press("End")
        expect(ribbon).to_have_attribute("aria-valuenow", "27.00")
        expect(ribbon).to_have_attribute("aria-valuetext", re.compile(r"^0:27\.0, happy \d+ %$"))
        page.keyboard.press("ArrowLeft")
        expect(ribbon).to_have_attribute("aria-valuenow", "26.80")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        expect(ribbon).to_have_attribute("aria-valuenow", "0.20")


def test_the_progress_page_follows_the_job(
    browser: Browser,
    served: str,
    submit: Callable[..., Job],
    worker: Worker,
    jobs: Jobs,
) -> None:
    job = submit()
    with opened(browser, served) as page:
        page.goto(f"/jobs/{job.id}")
        expect(page.locator("#stage")).to_have_text("Waiting for its turn")
        jobs._ledger.tell_waiting("No cluster answers.")
        expect(page.locator("#stage")).to_have_text("No cluster answers.")
        face = cv2.imencode(".png", np.full((48, 48), 128, np.uint8))[1]
        worker.show_face(job.id, face.tobytes())
        worker.begin(job.id, Progress("Looking at faces", 12.0, 27.0, None))
        expect(page.locator("#stage")).to_have_text("Looking at faces, 0:12 of 0:27")
        expect(page.locator("#percent")).to_have_text("44 %")
        expect(page.locator("#times")).to_have_text("0:04 so far, about 0:05 left")
        expect(page.get_by_alt_text("The last face seen")).to_be_visible()
        jobs.cancel(job.id)
        expect(page.locator("h1")).to_have_text("This analysis was cancelled.")


def test_a_camera_that_is_denied_says_so(playwright: Playwright, served: str) -> None:
    browser = launch(playwright, "--use-fake-device-for-media-stream", "--deny-permission-prompts")
    with opened(browser, served) as page:
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        expect(page.get_by_role("dialog")).to_contain_text("The camera may not be used here.")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert")).to_contain_text("The camera may not be used here.")
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
    browser.close()


SLOW_CAMERA = """
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const awake = new Promise((wake) => (window.wake = wake));
  window.cameras = [];
  navigator.mediaDevices.getUserMedia = (wanted) => {
    cameras.push(awake.then(() => real(wanted)));
    return cameras.at(-1);
  };
  window.live = async (wanted) => {
    const tracks = (await Promise.all(cameras)).flatMap((camera) => camera.getTracks());
    const count = () => tracks.filter((track) => track.readyState === "live").length;
    while (count() !== wanted) await new Promise(requestAnimationFrame);
    return tracks.length;
  };
"""


def test_no_camera_stays_on_behind_a_closed_recorder(browser: Browser, served: str) -> None:
    with opened(browser, served) as page:
        page.add_init_script(SLOW_CAMERA)
        page.goto("/")
        for _ in range(2):  # closed and opened again while the camera still wakes up
            page.get_by_role("button", name="Record yourself").click()
            page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Record yourself").click()
        expect(page.get_by_text("Waiting for the camera")).to_be_visible()
        page.evaluate("wake()")
        assert page.evaluate("live(1)") == 3
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
        page.get_by_role("button", name="Close").click()
        assert page.evaluate("live(0)") == 3


LOSE = """document.getElementById("recorder-live").srcObject.getTracks()[0]
  .dispatchEvent(new Event("ended"))"""


def test_a_camera_that_is_lost_before_recording_says_so(browser: Browser, served: str) -> None:
    with opened(browser, served) as page:
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        start = page.get_by_role("button", name="Record", exact=True)
        expect(start).to_be_visible()
        page.evaluate("document.getElementById('recorder-live').srcObject.getTracks()[0].stop()")
        start.click()
        expect(page.get_by_role("dialog")).to_contain_text("The camera gives no picture.")
        page.get_by_role("button", name="Try again").click()
        expect(start).to_be_visible()
        page.evaluate(LOSE)  # the browser notices by itself
        expect(page.get_by_role("dialog")).to_contain_text("The camera gives no picture.")
        page.get_by_role("button", name="Try again").click()
        start.click()
        expect(page.get_by_role("timer")).to_have_text("0:01")
        page.evaluate(LOSE)  # while it is recorded what there is can be watched
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#recorder-review")).to_be_visible()


def test_a_recording_that_is_too_short_is_not_offered_to_be_sent(
    browser: Browser, served: str
) -> None:
    with opened(browser, served) as page:
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
        page.evaluate(
            "['start', 'stop'].map((step) => document.getElementById(`recorder-${step}`).click())"
        )
        expect(page.get_by_text("That was too short.")).to_be_visible()
        expect(page.get_by_role("button", name="Send")).to_be_hidden()
        page.get_by_role("button", name="Again").click()
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("limit", "value"), [("maxBytes", "700000"), ("maxSeconds", "4")], ids=["size", "length"]
)
def test_a_recording_stops_before_it_is_too_large(
    browser: Browser, served: str, jobs: Jobs, limit: str, value: str
) -> None:
    with opened(browser, served) as page:
        page.goto("/")
        page.get_by_label("Everyone in the video has agreed").check()
        page.evaluate(
            "([name, value]) => (document.getElementById('upload').dataset[name] = value)",
            [limit, value],
        )
        page.get_by_role("button", name="Record yourself").click()
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_text("It stopped here")).to_be_visible()
        page.get_by_role("button", name="Send").click()
        expect(page).to_have_url(re.compile("/jobs/[0-9a-f]{32}$"))


def test_a_computer_without_camera_says_so(playwright: Playwright, served: str) -> None:
    browser = launch(playwright, "--use-fake-ui-for-media-stream")
    with opened(browser, served) as page:
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        expect(page.get_by_role("dialog")).to_contain_text("No camera was found.")
    browser.close()


def test_a_page_from_another_computer_says_why_it_cannot_record(
    browser: Browser, served: str
) -> None:
    with opened(browser, served.replace("127.0.0.1", "box.example")) as page:
        page.goto("/")
        page.get_by_role("button", name="Record yourself").click()
        expect(page.get_by_role("dialog")).to_contain_text("only on a secure connection")


@pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedRandom:ResourceWarning")
def test_an_upload_shows_how_far_it_is_and_can_be_stopped(
    browser: Browser, served: str, tmp_path: Path, settings: Settings
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0" * 1_900_000)
    with opened(browser, served) as page:
        slow = page.context.new_cdp_session(page)
        page.goto("/")
        page.set_input_files("#file", film)
        page.get_by_label("Everyone in the video has agreed").check()
        slow.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000},
        )
        page.get_by_role("button", name="Analyse the video").click()
        expect(page.locator("#sending-words")).to_have_text(re.compile(r"Sending, \d+ %"))
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Analyse the video")).to_be_visible()
        expect(page.get_by_role("alert")).to_be_hidden()
    assert list((settings.data / "jobs").iterdir()) == []
