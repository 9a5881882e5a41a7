"""Headless Chromium, asked what a reader of a page would see."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome")

_FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
--disable-background-networking --disable-component-update --allow-file-access-from-files
--enable-logging=stderr --hide-scrollbars --window-size=1600,900 --dump-dom"""

# A window may not be as narrow as a phone; a frame may. The page itself is not touched, but for
# its folded parts, which are opened.
_HARNESS = """<!doctype html><meta charset="utf-8"><body>
<iframe src="%s" style="width:%dpx;height:900px;border:0"></iframe><pre id="probe"></pre>
<script>
addEventListener("load", () => {
  const view = document.querySelector("iframe").contentWindow, page = view.document;
  page.querySelectorAll("details").forEach(d => { d.open = true; });
  const look = {
    inner_width: view.innerWidth,
    client_width: page.documentElement.clientWidth,
    scroll_width: page.documentElement.scrollWidth,
    figures: [...page.querySelectorAll("figure svg")].filter(s => !s.parentElement.closest("svg"))
      .map(s => s.getBoundingClientRect()).map(r => [r.left, r.right, r.width, r.height]),
    requests: view.performance.getEntriesByType("resource").map(r => r.name)
      .filter(name => !name.startsWith("data:")),
    alien: [...page.querySelectorAll("script, img, iframe, object, link")].map(e => e.tagName),
    boxes: [...page.querySelectorAll(".wide")].map(b => [b.clientWidth, b.scrollWidth]),
  };
  document.getElementById("probe").textContent = JSON.stringify(look);
});
</script>"""


@dataclass(frozen=True)
class Look:
    inner_width: float
    client_width: float  # without a scroll bar, which a phone does not have
    scroll_width: float
    figures: list[list[float]]  # left, right, width, height of each drawing
    requests: list[str]  # what the page loaded beyond itself
    alien: list[str]  # elements that no report has
    boxes: list[list[float]]  # inner and scrolled width of each box that scrolls by itself
    console: list[str]

    @property
    def scrolls(self) -> bool:
        return self.scroll_width > self.client_width

    @property
    def visible(self) -> list[bool]:
        """Of each figure: it has a size and lies within the page's width."""
        return [
            left >= 0 and right <= self.inner_width and min(width, height) > 10
            for left, right, width, height in self.figures
        ]


def look(html: str, folder: Path, width: int = 400) -> Look:
    """Open a page `width` pixels wide. All that Chromium's console says is an error."""
    (folder / "page.html").write_text(html, "utf-8")
    harness = folder / "harness.html"
    harness.write_text(_HARNESS % ("page.html", width), "utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *_FLAGS.split(), f"--user-data-dir={folder / 'profile'}", harness.as_uri()],
        capture_output=True,
        timeout=60,
        check=True,
    )
    probe = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout.decode(), re.DOTALL)
    assert probe is not None, done.stderr.decode()[-2000:]
    seen: dict[str, Any] = json.loads(unescape(probe[1]))
    console = [line for line in done.stderr.decode().splitlines() if ":CONSOLE" in line]
    return Look(**seen, console=console)
