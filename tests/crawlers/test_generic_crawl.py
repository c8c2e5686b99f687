"""A site of unknown make, crawled on loopback with the generic reader."""

from typing import NamedTuple

from catalog.recording import Change

BODY = "各区县人民政府，市政府各部门：现就做好防汛工作有关事项通知如下，请认真贯彻执行。" * 5


class Root(NamedTuple):
    root: str
    family: str = "generic"


def site(server, answer):
    """Set up home page -> a page of columns -> two lists of two pages -> their details."""
    pages = {"/": "<ul class=nav><li><a href='/xxgk/'>信息公开</a></li></ul>"}
    columns = "".join(f"<li><a href='/xxgk/c{c}/'>第{c}类文件</a></li>" for c in (1, 2))
    pages["/xxgk/"] = f"<ul>{columns}</ul>"
    for c in (1, 2):
        for number in (1, 2):
            rows = "".join(
                f"<li><a href='{number}{n}.html'>关于第{c}{number}{n}号事项的通知</a>2012-10-0{n}</li>"
                for n in (1, 2, 3)
            )
            following = f"<a href='/xxgk/c{c}/index_2.html'>下一页</a>" if number == 1 else ""
            pages[f"/xxgk/c{c}/" + ("" if number == 1 else "index_2.html")] = f"<ul>{rows}</ul>{following}"
            for n in (1, 2, 3):
                title = f"关于第{c}{number}{n}号事项的通知"
                pages[f"/xxgk/c{c}/{number}{n}.html"] = (
                    f"<title>{title}</title><h1>{title}</h1><p>发布日期：2012-10-0{n}</p>"
                    f"<div id=zoom><p>{BODY}</p></div>"
                )
    for path, text in pages.items():
        page = f"<html><head><meta charset=utf-8></head><body>{text}</body></html>"
        server.routes[path] = answer(page.encode(), headers={"Content-Type": "text/html;charset=utf-8"})
    return Root(server.url + "/")


def test_columns_below_a_page_of_columns_are_crawled_to_their_end(server, answer, crawled):
    summary = crawled.run(site(server, answer))
    assert summary.changes == {Change.NEW: 12}
    found = crawled.publications()
    assert found[f"{server.url}/xxgk/c2/23.html"]["columns"] == ["第2类文件"]
    assert len(server.targets()) == len(set(server.targets())) == 18, "home, page of columns, lists, details"
