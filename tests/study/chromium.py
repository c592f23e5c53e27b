"""A real browser for the tests of pages: how it is started, what it is shown, and what it is asked."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

DESK, SMALL, PHONE = (1280, 900), (400, 800), (375, 812)
_SWITCHES = (
    "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "hide-scrollbars",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser, or skip the test where there is none."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium or chromedriver is not installed: the page was not tried in a browser")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.unhandled_prompt_behavior = "ignore"  # an alert must not go away unseen
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for switch in (*_SWITCHES, f"user-data-dir={profile}"):
            options.add_argument(f"--{switch}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        chrome = webdriver.Chrome(options=options, service=Service(driver, log_output=os.devnull))
        chrome.set_script_timeout(120)
        try:
            yield Browser(chrome)
        finally:
            chrome.quit()


class Browser:
    """A browser with a page in it."""

    def __init__(self, chrome) -> None:
        self.chrome = chrome

    def open(self, page: Path, size: tuple[int, int] = DESK, *, dark: bool = False, media: str = "") -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        self.chrome.get("about:blank")
        self.chrome.get_log("performance")
        self.chrome.get(page.as_uri())

    def run(self, script: str):
        return self.chrome.execute_script(f"return {script}")

    def complaints(self) -> list[str]:
        """Return what the console holds."""
        return [entry["message"] for entry in self.chrome.get_log("browser")]

    def asked(self, page: Path) -> set[str]:
        """Return the addresses that the page asked for, other than its own."""
        messages = [json.loads(entry["message"])["message"] for entry in self.chrome.get_log("performance")]
        found = {
            message["params"]["request"]["url"].partition("#")[0]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }
        return {address for address in found if not address.startswith("data:")} - {page.as_uri(), "about:blank"}

    def overflow(self) -> tuple[int, int]:
        """Return how wide the page is, and how much of it is in view."""
        wide, seen = self.run("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        return wide, seen

    def violations(self) -> list[str]:
        """Return what axe-core finds wrong, a line each."""
        self.chrome.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        found = self.chrome.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations.map("
            "one => `${one.id}: ${one.help} (${one.nodes.length}), ${one.nodes[0].html.slice(0, 200)}`)))"
        )
        return list(found)

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        printed = self.chrome.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
        return base64.b64decode(printed["data"])
