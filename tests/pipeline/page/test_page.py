"""The page in a real browser: content, filters, keys, and that it sends no request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright import sync_api

from pipeline.page.page import security_policy
from pipeline.report.write import write_report
from pipeline.results.records import read_run
from tests.pipeline.report.written import GATE, HALL, YARD, write_run


@dataclass
class Opened:
    """The page and its faults: errors, dialogs and requests."""

    page: sync_api.Page
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = write_run(tmp_path_factory.mktemp("written") / "run")
    write_report(read_run(run), run / "report.html", blur="none")
    return run / "report.html"


def opened(browser: sync_api.Browser, path: Path, *, width: int = 1280) -> Opened:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(20_000)
    shown = Opened(context.new_page())

    def asked(request: sync_api.Request) -> None:
        if not request.url.startswith("data:"):
            shown.faults.append(request.url)

    def spoke(dialog: sync_api.Dialog) -> None:
        shown.faults.append(dialog.message)
        dialog.dismiss()

    shown.page.on("console", lambda message: shown.faults.append(message.text))
    shown.page.on("pageerror", lambda error: shown.faults.append(str(error)))
    shown.page.on("dialog", spoke)
    shown.page.on("request", asked)
    shown.page.goto(path.as_uri())
    shown.faults.remove(path.as_uri())
    return shown


@pytest.fixture
def shown(browser: sync_api.Browser, report: Path) -> Iterator[Opened]:
    shown = opened(browser, report)
    yield shown
    shown.page.context.close()
    assert shown.faults == []


def identities(page: sync_api.Page) -> list[str]:
    return page.locator("#cards .card h3").all_text_contents()  # also of cards not rendered yet


def test_it_opens_without_an_error_or_a_request_and_shows_all_identities_with_pictures(shown: Opened) -> None:
    page = shown.page
    assert identities(page) == [f"Identity {n}" for n in (1, 2, 3, 4, 5)]
    first = page.locator("#cards .card").first
    assert first.locator("h4").all_inner_texts() == [GATE, YARD]
    face = first.locator("img").first
    sync_api.expect(face).to_have_attribute("src", re.compile("^data:image/webp;base64,"))
    assert face.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 40
    assert "likely" in first.inner_text() and "0:00 – 0:14.9" in first.inner_text()


def test_hostile_names_and_warnings_are_text(shown: Opened) -> None:
    page = shown.page
    assert page.locator(".warnings li").inner_text() == (
        "<img src=x onerror=alert(2)> is a warning about gate.mp4"
    )
    assert page.locator(".card img[src='x'], .warnings img, #cameras b, #cards b").count() == 0
    page.keyboard.press("3")
    assert page.locator("#cameras tbody th bdi").first.inner_text() == GATE
    assert set(page.evaluate(AROUND_MARKS)) == {"BDI"}


AROUND_MARKS = r"""[...document.querySelectorAll("*")]
    .filter((one) => one.children.length === 0 && one.textContent.includes("\u202e") && one.checkVisibility())
    .map((one) => one.tagName)"""
"""Script that lists the elements with a mark that turns the direction of text."""
FILTERS = [
    ({"camera": HALL}, [2, 5]),
    ({"camera": GATE, "other": YARD}, [1]),
    ({"kind": "car"}, [4]),
    ({"word": "likely"}, [1]),
    ({"word": "ambiguous"}, [2, 3]),
    ({"word": "single"}, [4, 5]),
    ({"from": "1:00"}, [5]),
    ({"from": "12", "to": "0:22"}, [1, 2, 3]),
    ({"camera": GATE, "from": "12"}, [3, 4]),
    ({"find": "4"}, [4]),
    ({"find": "hall-2/3"}, [5]),
    ({"order": "time"}, [1, 2, 3, 4, 5]),
    ({"kind": "car", "camera": HALL}, []),
]


def test_filters_show_the_matching_identities(shown: Opened) -> None:
    page = shown.page
    for values, expected in FILTERS:
        page.locator("#filters").get_by_role("button", name="Clear").click()
        sync_api.expect(page.locator("#cards .card")).to_have_count(5)
        for name, value in values.items():
            control = page.locator(f"#filters [name={name}]")
            if name in ("from", "to", "find"):
                control.fill(value)
            else:
                control.select_option(value)
        sync_api.expect(page.locator("#cards .card")).to_have_count(len(expected))
        assert identities(page) == [f"Identity {n}" for n in expected], values
        assert page.locator("#count").inner_text().split()[0] == str(len(expected))
    assert "No identity matches" in page.locator("#cards").inner_text()


def test_it_can_be_used_by_keyboard_alone(shown: Opened) -> None:
    page = shown.page
    focused = "document.activeElement.dataset.identity"
    for key, identity in (("j", "1"), ("j", "2"), ("k", "1")):
        page.keyboard.press(key)
        assert page.evaluate(focused) == identity
    page.keyboard.press("Enter")
    why = page.locator("#cards .card").first.locator(".row")
    assert why.first.get_attribute("data-a") == f"{GATE}/1"
    assert f"it is 0.060 better than {GATE}/2" in why.first.inner_text()
    assert "runner-up, 0.060 behind" in why.first.inner_text()
    page.keyboard.press("/")
    page.keyboard.type("5")
    sync_api.expect(page.locator("#cards .card")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert page.locator("#tab-calls").get_attribute("aria-selected") == "true"
    page.locator("#tab-calls").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#cameras").is_visible() and not page.locator("#calls").is_visible()
    page.keyboard.press("?")
    assert page.locator("dialog h2").inner_text() == "Keys"
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("dialog")).not_to_be_visible()


def test_close_calls_show_the_runner_up_or_the_tracklet_that_was_linked_instead(shown: Opened) -> None:
    page = shown.page
    page.get_by_role("tab", name="Close calls").click()
    rows = page.locator("#links .row")
    assert [one.get_attribute("data-match") for one in rows.all()] == ["3", "4"]
    assert "runner-up, 0.020 behind" in rows.nth(0).inner_text()
    competitor = rows.nth(1).locator(".competitors bdi")
    assert competitor.inner_text() == f"{GATE}/1"
    rows.nth(0).get_by_role("button", name="identity 2").click()
    assert page.locator("dialog .card h3").inner_text() == "Identity 2"


def test_the_timeline_zooms_opens_identities_and_filters_by_its_time_range(shown: Opened) -> None:
    page = shown.page
    assert page.locator("#range").inner_text() == "0:00 – 1:44.9"
    page.locator("#plot").focus()
    page.keyboard.press("+")
    assert page.locator("#range").inner_text() == "0:26.2 – 1:18.7"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert page.locator("#range").inner_text() == "0:00 – 0:52.5"
    page.locator("#filter-range").click()
    assert identities(page) == [f"Identity {n}" for n in (1, 2, 3, 4)]
    page.keyboard.press("0")
    assert page.locator("#range").inner_text() == "0:00 – 1:44.9"
    page.locator("#plot").click(position={"x": 5, "y": 12})  # identity 1 begins the first camera's row
    assert page.locator("dialog .card h3").inner_text() == "Identity 1"


def test_tracklets_that_were_not_matched_are_listed_with_the_reason(shown: Opened) -> None:
    box = shown.page.locator("#not-matched")
    box.locator("summary").click()
    assert box.locator("summary").inner_text() == "1 tracklet not matched"
    for told in ("hall-2/2", "too short to match"):  # built a moment after it is opened
        sync_api.expect(box).to_contain_text(told)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(
    browser: sync_api.Browser, report: Path, scheme: Literal["light", "dark"]
) -> None:
    shown = opened(browser, report, width=390)
    shown.page.emulate_media(color_scheme=scheme)
    grounds = {"light": "rgb(246, 246, 244)", "dark": "rgb(21, 23, 26)"}
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == grounds[scheme]
    for key in "1234":
        shown.page.keyboard.press(key)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    shown.page.context.close()
    assert shown.faults == []


def test_the_page_of_a_run_without_identities_says_so(browser: sync_api.Browser, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [], [])
    write_report(read_run(run), run / "report.html", blur="none")
    shown = opened(browser, run / "report.html")
    assert "This run found no identities." in shown.page.locator("#cards").inner_text()
    shown.page.context.close()
    assert shown.faults == []


def test_cards_are_built_only_when_they_come_near_the_view(browser: sync_api.Browser, tmp_path: Path) -> None:
    seen = [(HALL, n, n, "person", 10.0 * n, "single_camera") for n in range(1, 101)]
    run = write_run(tmp_path / "run", seen, [])
    write_report(read_run(run), run / "report.html", blur="none")
    shown = opened(browser, run / "report.html")
    assert len(identities(shown.page)) < 60
    for built in (48, 72, 96, 100):  # each comes when it comes: machines differ
        shown.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        shown.page.locator(f"#cards .card >> nth={built - 1}").wait_for(state="attached")
    assert len(identities(shown.page)) == 100
    shown.page.context.close()


def test_the_policy_allows_one_style_one_script_and_pictures_from_inside_and_no_more(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    style, script = (re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script"))
    assert len(style) == len(script) == 1
    assert f'content="{security_policy(style[0], script[0])}"'.replace("'", "&#39;") in text
    assert security_policy(style[0], script[0]).startswith(
        "default-src 'none'; img-src data:; style-src 'sha256-"
    )
    assert not re.search(r"https?://|<a\b|\s(style|on\w+)=\"", text)


def test_the_same_run_gives_the_same_bytes(report: Path) -> None:
    before = report.read_bytes()
    write_report(read_run(report.parent), report, blur="none")
    assert report.read_bytes() == before
