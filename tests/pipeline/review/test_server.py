"""The review in a real browser on the real server: decisions, matching, undo, and access control."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright import sync_api

from pipeline.review.guard import TOKEN, Guard
from tests.pipeline.report.written import GATE, HALL, YARD

HEADER = '"tracklet_a","tracklet_b","verdict"'


@dataclass
class Opened:
    """The page and its faults: errors, dialogs and requests."""

    page: sync_api.Page
    faults: list[str] = field(default_factory=list)


def opened(browser: sync_api.Browser, address: str, width: int = 1280) -> Opened:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(60_000)
    shown = Opened(context.new_page())

    def asked(request: sync_api.Request) -> None:
        if not request.url.startswith(("data:", address)):
            shown.faults.append(request.url)

    def spoke(message: sync_api.ConsoleMessage) -> None:
        if "409 (Conflict)" not in message.text:  # the page shows the error itself
            shown.faults.append(message.text)

    shown.page.on("console", spoke)
    shown.page.on("pageerror", lambda error: shown.faults.append(str(error)))
    shown.page.on("dialog", lambda dialog: shown.faults.append(dialog.message))
    shown.page.on("request", asked)
    shown.page.goto(address)
    shown.page.wait_for_selector(".question")
    return shown


@pytest.fixture
def shown(browser: sync_api.Browser, served: Guard) -> Iterator[Opened]:
    shown = opened(browser, served.address)
    yield shown
    shown.page.context.close()
    assert shown.faults == []


def rows(run: Path) -> list[str]:
    return (run / "corrections.csv").read_text(encoding="utf-8").splitlines()


def settle(page: sync_api.Page, left: str) -> None:
    sync_api.expect(page.locator("#left")).to_have_text(left)


def test_keys_split_an_identity_and_undo_joins_it_again(shown: Opened, run: Path) -> None:
    page = shown.page
    settle(page, "9 left")
    question = page.locator(".question")
    assert question.locator(".look bdi").all_inner_texts() == [f"{GATE}/1", f"{HALL}/1"]
    page.keyboard.press("n")
    settle(page, "8 left · 1 settled")
    assert question.get_attribute("data-b") == f"{YARD}/1"
    page.keyboard.press("a")
    changed = page.locator("#changes li")
    sync_api.expect(changed.first).to_contain_text("Identity 1 was split: ")
    assert len(rows(run)) == 2
    page.keyboard.press("u")
    sync_api.expect(page.locator("#decisions")).to_be_hidden()
    page.keyboard.press("a")
    sync_api.expect(changed.first).to_contain_text("Identities 1 and 4 were merged: ")
    settle(page, "9 left")
    assert rows(run) == [HEADER]


def test_decisions_on_two_pairs_settle_the_third(shown: Opened) -> None:
    page = shown.page
    settle(page, "9 left")
    page.keyboard.press("y")
    page.keyboard.press("y")  # gate and hall, gate and yard: so hall and yard, too
    settle(page, "6 left · 3 settled")


def test_skipped_links_come_again_after_all_others_and_undo_returns_to_them(shown: Opened) -> None:
    page = shown.page
    settle(page, "9 left")
    first = page.locator(".question").get_attribute("data-match")
    page.keyboard.press("s")
    settle(page, "8 left · 1 skipped")
    page.keyboard.press("u")
    settle(page, "9 left")
    assert page.locator(".question").get_attribute("data-match") == first
    for _ in range(9):
        page.keyboard.press("s")
    page.get_by_role("button", name="Show skipped links").click()
    settle(page, "9 left")


def test_a_key_ignores_a_tracklet(shown: Opened, run: Path) -> None:
    page = shown.page
    settle(page, "9 left")
    page.keyboard.press("r")
    settle(page, "7 left · 2 settled")  # it was in two of the links
    assert rows(run)[1:] == ['"hall-2/1","","ignore"']


def test_contradicting_decisions_are_named_and_not_saved(shown: Opened, run: Path) -> None:
    page = shown.page
    page.get_by_role("tab", name="Identities").click()
    first, second = (page.locator(".card").nth(n) for n in (0, 1))
    first.get_by_role("button", name="Merge…").click()
    sync_api.expect(page.locator("#notice")).to_contain_text("Identity 1 is selected")
    second.get_by_role("button", name="Merge…").click()
    sync_api.expect(page.locator("#notice")).to_contain_text("Identities 1 and 2 will be merged")
    kept = rows(run)
    assert len(kept) == 6  # six tracklets are joined by five rows
    first.locator(".sighting").nth(1).get_by_role("button", name="split off").click()
    notice = page.locator("#notice")
    sync_api.expect(notice).to_contain_text("Not saved: these rows contradict each other")
    assert "hall-2/1" in notice.inner_text() and rows(run) == kept


def test_a_tracklet_that_is_split_off_has_its_own_identity_after_applying(shown: Opened, run: Path) -> None:
    page = shown.page
    page.get_by_role("tab", name="Identities").click()
    page.locator(".card").first.locator(".sighting").nth(1).get_by_role("button", name="split off").click()
    page.locator("#notice").get_by_role("button", name="Apply").click()
    page.get_by_role("tab", name="Review").click()
    sync_api.expect(page.locator("#changes li").first).to_contain_text("hall-2/1 is identity 4")
    assert len(rows(run)) == 3


def test_two_tabs_do_not_lose_each_others_decisions(
    browser: sync_api.Browser, served: Guard, shown: Opened, run: Path
) -> None:
    other = opened(browser, served.address)
    for page, key in ((shown.page, "y"), (other.page, "s"), (other.page, "s"), (other.page, "n")):
        settle(page, page.locator("#left").inner_text())
        page.keyboard.press(key)
    sync_api.expect(other.page.locator("#decisions li")).to_have_count(2)
    assert len(rows(run)) == 3
    other.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(
    browser: sync_api.Browser, served: Guard, scheme: Literal["light", "dark"]
) -> None:
    shown = opened(browser, served.address, width=390)
    shown.page.emulate_media(color_scheme=scheme)
    for key in "12345":
        shown.page.keyboard.press(key)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    shown.page.context.close()
    assert shown.faults == []


def test_the_page_may_send_requests_to_its_own_server_only(shown: Opened, served: Guard) -> None:
    page = shown.page
    refused = "(to) => fetch(to).then(() => 'answered', () => 'refused')"
    policy = page.locator("meta[http-equiv]").get_attribute("content") or ""
    assert policy.endswith("; connect-src 'self'")
    assert page.evaluate(refused, f"{served.address}state") == "answered"
    assert page.evaluate(refused, f"http://127.0.0.2:{served.port}/") == "refused"
    shown.faults.clear()  # the browser reports what it refused


def test_only_the_page_itself_is_answered(served: Guard, run: Path) -> None:
    own = f"127.0.0.1:{served.port}"
    body = '{"verdict": "ignore", "tracklets": ["hall-2/1"]}'
    right = {"Host": own, "Origin": f"http://{own}", TOKEN: served.token}
    cases = [
        ("GET", "/", {"Host": own}, 403),
        ("GET", "/wrong/", {"Host": own}, 403),
        ("GET", f"/{served.token}/", {"Host": f"evil.example:{served.port}"}, 403),
        ("GET", f"/{served.token}/", {"Host": f"localhost:{served.port}"}, 403),
        ("POST", f"/{served.token}/decide", right | {"Host": "evil.example"}, 403),
        ("POST", f"/{served.token}/decide", right | {"Origin": "http://evil.example"}, 403),
        ("POST", f"/{served.token}/decide", {"Host": own, TOKEN: served.token}, 403),
        ("POST", f"/{served.token}/decide", {"Host": own, "Origin": f"http://{own}"}, 403),
        ("GET", f"/{served.token}/", {"Host": own}, 200),
    ]
    for method, path, headers, status in cases:
        assert answer(served.port, method, path, headers, body) == status, (method, path, headers)
    assert not (run / "corrections.csv").exists()
    assert answer(served.port, "POST", f"/{served.token}/decide", right, body) == 200
    assert rows(run)[1:] == ['"hall-2/1","","ignore"']


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("decide", "no JSON"),
        ("decide", '{"verdict": "maybe", "tracklets": ["hall-2/1", "hall-2/2"]}'),
        ("decide", '{"verdict": "same", "tracklets": ["hall-2/1", 2]}'),
        ("decide", '{"verdict": "same", "tracklets": ["hall-2/1", "hall-2/1"]}'),
        ("decide", '{"verdict": "ignore", "tracklets": ["hall-2/77"]}'),
        ("merge", '{"identities": [1, 99]}'),
        ("split", '{"tracklet": "nowhere"}'),
        ("undo", '{"step": 5}'),
        ("undo", "[]"),
    ],
)
def test_invalid_requests_are_refused_and_change_nothing(
    served: Guard, run: Path, path: str, body: str
) -> None:
    own = f"127.0.0.1:{served.port}"
    headers = {"Host": own, "Origin": f"http://{own}", TOKEN: served.token}
    assert answer(served.port, "POST", f"/{served.token}/{path}", headers, body) == 409
    assert not (run / "corrections.csv").exists()


def answer(port: int, method: str, path: str, headers: dict[str, str], body: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body if method == "POST" else None, headers)
    status = connection.getresponse().status
    connection.close()
    return status
