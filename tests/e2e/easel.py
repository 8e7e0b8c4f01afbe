"""The drawing canvas of a page, used as a visitor uses it."""

import base64
import io
import time

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.server import ROOT

SIDE = 280

# Mounts the component as Streamlit does, and keeps what it would send to Python.
_MOUNT = """async (script) => {
    const { default: mount } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    window.sent = [];
    window.receive = (data) => mount({
        parentElement: document.body,
        data: { key: "drawing", ...data },
        setStateValue: (name, value) => window.sent.push(value),
    });
    window.receive({ sheet: "", version: 0 });
}"""


def show_bare(page: Page) -> "Easel":
    """Show the canvas alone on a blank page: what happens in the browser needs no server."""
    folder = ROOT / "assets" / "components" / "canvas"
    html, css = ((folder / f"canvas.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "css"))
    scripts = sorted(folder.glob("*.js"), key=lambda path: (path.stem == "canvas", path.name))
    page.set_content(f"<style>{css}</style>{html}")
    page.evaluate(_MOUNT, "\n".join(path.read_text(encoding="utf-8") for path in scripts))
    return Easel(page)


class Easel:
    """The canvas, drawn on in the sheet's own 280 × 280 pixels."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sheet = page.locator(".drawing")
        expect(self.sheet).to_be_visible()
        self.note = page.locator(".note")
        # Of a whole page: what it answers.
        self.headline = page.get_by_role("tabpanel").first.get_by_role("heading").first

    def locate(self, point):
        box = self.sheet.bounding_box()
        return tuple(box[side] + value * box["width"] / SIDE for side, value in zip("xy", point, strict=True))

    def draw(self, *points, steps=5):
        self.page.mouse.move(*self.locate(points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.locate(point), steps=steps)
        self.page.mouse.up()

    def find(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name):
        self.find(name).click()

    def set(self, name, value):
        self.page.get_by_label(name).fill(str(value))

    def pixels(self, canvas=".drawing"):
        """What the browser shows; as text, since Playwright takes seconds over so many numbers."""
        text = self.page.locator(canvas).evaluate(
            """canvas => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return Array.from(data.filter((_, i) => i % 4 === 0), (grey) => String.fromCharCode(grey)).join("");
            }"""
        )
        side = round(len(text) ** 0.5)
        return np.frombuffer(text.encode("latin-1"), np.uint8).reshape(side, side)

    def wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition(self.pixels()):
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(50)

    def seen(self):
        """What Python says that the network sees."""
        source = self.page.get_by_alt_text("The 28 × 28 pixels that the network sees").first.get_attribute("src")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
