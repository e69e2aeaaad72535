"""Debian's Chromium, driven by Playwright, with everything off that would call home."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


class ChromiumMissing(Exception):
    """Browser tests need Chromium and a Chinese font: apt-get install chromium fonts-noto-cjk (or run .ci/run)."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def binary() -> str:
    found = os.environ.get("HUOSHUI_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not os.access(found, os.X_OK):
        raise ChromiumMissing
    return found


@contextmanager
def launched(arguments: Sequence[str] = ()) -> Iterator[Browser]:
    path = binary()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()
