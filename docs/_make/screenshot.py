"""Picture the top of a report, with one supposition made, as docs/report.png.

    python docs/_make/screenshot.py

It needs Chromium.  The fit is kept in results/store/.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import estimates as est

ROOT = Path(__file__).parents[2]
MODEL, WIDTH, HEIGHT, COLOURS = "scmp-2017-headline", 1240, 1180, 128


def main() -> int:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write("no Chromium on this machine\n")
        return 1
    workers = est.Workers(store=est.Store(ROOT / "results" / "store"))
    fit = est.fit(est.load(MODEL, ROOT), workers=workers)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = est.write_report(fit, Path(folder) / "report.html", workers=workers)
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        page.eval_on_selector(
            "#control-readings input",
            "e => { e.value = 80; e.dispatchEvent(new Event('input', {bubbles: true})); }",
        )
        page.wait_for_timeout(500)  # for the charts to follow
        content = page.screenshot()
        chromium.close()
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    small = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(ROOT / "docs" / "report.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
