"""The pages in a browser: accessible, nothing off our origin, no sideways scrolling, no script needed."""

import os
import shutil
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from search_api.server import address_of, listen

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "results": "/search?q=保障性住房",
    "filtered": "/search?topic=T10&genre.not=_missing&published_from=bad",
    "nothing": "/search?q=没有这样的词语组合&match=exact",
    "void": "/search?validity=LV02&validity=LV03",
    "document": "document",
    "void document": "void document",
    "error": "/nothing",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI must test the pages in a browser, and there is no chromium")
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(app) -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address_of(listener)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def paths(address: str) -> dict[str, str]:
    found = httpx.get(f"{address}/api/v1/search", params={"q": "用水价格"}, trust_env=False).json()
    void = httpx.get(f"{address}/api/v1/search", params={"validity": "LV03"}, trust_env=False).json()
    return PAGES | {
        "document": f"/documents/{found['results'][0]['id']}",
        "void document": f"/documents/{void['results'][0]['id']}",
    }


@pytest.fixture
def visit(browser, address: str, paths: dict[str, str]) -> Iterator[object]:
    """Open a page; what it logs, misses or asks of others is a failure."""
    contexts, wrong = [], []

    def open_page(name: str, *, script: bool = False, cookie: str | None = None, **options: object) -> object:
        context = browser.new_context(locale="zh-CN", java_script_enabled=script, **options)
        contexts.append(context)
        if cookie:
            context.add_cookies([{"name": "text", "value": cookie, "url": address}])
        page = context.new_page()
        expected = 404 if name == "error" else 200
        page.on(
            "console",
            lambda message: (
                wrong.append(message.text) if message.type == "error" and expected == 200 else None
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: wrong.append(request.url) if not request.url.startswith(address) else None,
        )
        response = page.goto(address + paths[name])
        assert response.status == expected
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


@pytest.mark.parametrize(("name", "width"), [*((name, 360) for name in PAGES), ("results", 1280)])
def test_no_barrier_is_found(visit, name: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, script=True, viewport={"width": width, "height": 800})
    for details in page.query_selector_all("details:not([open])"):
        details.evaluate("node => { node.open = true }")
    # What is opened fades in; half way its colours are not those that people read.
    page.evaluate("() => Promise.all(document.getAnimations().map(animation => animation.finished))")
    result = Axe().run(page, options={"runOnly": RULES})
    assert result.violations_count == 0, result.generate_report()


def test_the_search_for_barriers_finds_some_where_they_are(visit) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit("home", script=True)
    page.evaluate(
        "document.querySelector('label').remove();"
        "document.documentElement.removeAttribute('lang');"
        "document.querySelector('main').innerHTML += '<img src=\"/static/favicon.svg\">'"
    )
    found = {
        violation["id"] for violation in Axe().run(page, options={"runOnly": RULES}).response["violations"]
    }
    assert {"label", "html-has-lang", "image-alt"} <= found


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("cookie", [None, "large"])
def test_nothing_runs_over_the_edge_of_a_narrow_screen(visit, name: str, cookie: str | None) -> None:
    page = visit(name, script=True, cookie=cookie, viewport={"width": 320, "height": 640})
    for details in page.query_selector_all("details:not([open])"):
        details.evaluate("node => { node.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_citizen_finds_narrows_and_reads_without_a_script(visit) -> None:
    page = visit("home", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.get_by_role("searchbox").fill("用水价格")
    page.get_by_role("button", name="检索").tap()
    page.wait_for_url("**/search?q=*")
    assert "共 1 件文件" in page.get_by_role("status").inner_text()
    assert page.locator(".hit").first.bounding_box()["y"] < 740, "the filters push the results off the screen"
    page.get_by_text("筛选结果").tap()
    page.get_by_role("link", name="河东区人民政府 1 件", exact=True).tap()
    page.locator(".chip").wait_for()
    page.locator(".hit a").first.tap()
    page.wait_for_url("**/documents/*")
    assert page.get_by_role("heading", level=1).inner_text().startswith("关于调整市区")
    page.get_by_role("link", name="大字版").tap()
    page.locator("html.large").wait_for()
    assert page.get_by_role("heading", level=1).inner_text().startswith("关于调整市区")


def test_filters_stand_open_beside_the_results_where_there_is_room(visit) -> None:
    page = visit("results", viewport={"width": 1280, "height": 800})
    facet, hit = page.locator(".facet .take").first, page.locator(".hit").first
    assert facet.is_visible()
    assert facet.bounding_box()["x"] + facet.bounding_box()["width"] < hit.bounding_box()["x"]


def test_keyboard_users_reach_the_text_first(visit) -> None:
    page = visit("results")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "跳到正文"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_a_document_prints_on_paper_without_the_service_around_it(visit) -> None:
    page = visit("document")
    page.emulate_media(media="print")
    assert not page.locator(".site").is_visible()
    assert not page.locator(".band").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
