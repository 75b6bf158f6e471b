"""Take the picture of the site that README shows.

`.venv/bin/python docs/images/take_site_picture.py` takes it of the published pages in
`warehouse/urban_resilience.site`, or of the folder that is named behind it, with Chromium (the
machine's, else Playwright's). It refuses pages of data that are not simulated: README shows the
picture as one of simulated data.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
SITE = HERE.parents[1] / "warehouse" / "urban_resilience.site"
PAGE, WIDTH, HEIGHT = "cities.html#city=440300&lang=en", 1120, 1000
COLOURS = 128
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Write `site.png` beside this file."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else SITE).resolve()
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{site.as_uri()}/{PAGE}")
        page.wait_for_selector("#city_chart svg, #city_chart canvas")
        if not page.locator(".banner").is_visible():
            print(f"{site} is not of simulated data: the picture stays as it is", file=sys.stderr)
            return 1
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    # A page has few colours: a third of the size.
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / "site.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
