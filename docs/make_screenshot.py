"""Make `docs/screenshot.png`: the example's result, as the page shows it.

Start the program, then run `python docs/make_screenshot.py http://127.0.0.1:5000` in the checkout.
It needs the test extras and Debian's chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

WIDTH, HEIGHT = 1200, 1270
MOMENT_S, LENGTH_S = 2.1, 7.0


def make(path: Path, address: str) -> None:
    """Have the example analysed at this address and photograph the top of the result."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        page.get_by_role("button", name="Try the example").click()
        band = page.get_by_role("slider")
        band.wait_for(timeout=120_000)
        place = band.bounding_box()
        assert place is not None
        band.click(position={"x": place["width"] * MOMENT_S / LENGTH_S, "y": 20})
        expect(page.locator("#video")).to_have_js_property("seeking", False)
        expect(page.locator("#video")).to_have_js_property("readyState", 4)
        band.blur()
        page.mouse.move(place["x"], place["y"] - 5)
        band.hover(position={"x": place["width"] * MOMENT_S / LENGTH_S, "y": 20})
        page.wait_for_timeout(1000)  # the browser fades its waiting ring out
        page.screenshot(path=path)
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete everything").click()
        browser.close()


if __name__ == "__main__":
    make(Path(__file__).resolve().parent / "screenshot.png", sys.argv[1])
