"""Print versions and mirrored columns: the same page at other addresses of its subsite is one document."""

from dataclasses import replace

import pytest


@pytest.fixture
def mirrored(server, jcms, planting, answer):
    """A subsite whose second column mirrors its first, under addresses and index numbers of its own."""
    planted = planting(3)
    mirror = [replace(item, column="最新公开") for item in planted]
    return jcms(server, [*planted, *mirror])


@pytest.fixture
def shared(server, jcms, planting):
    """A subsite two columns of which list the very same pages."""

    class Shared(jcms):
        def _path(self, item):
            return super()._path(replace(item, column="部门文件"))

    planted = planting(3)
    return Shared(server, [*planted, *(replace(item, column="最新公开") for item in planted)])


def ids(crawled, what):
    return {row[0] for row in crawled.rows(f"SELECT DISTINCT {what} FROM publication")}  # noqa: S608 - ours


def without_numbers(server, paths):
    """Take away what else would make one document of them: the number the pages print."""
    for path in paths:
        page = server.routes[path]
        table = page.body[page.body.index(b"<table>") : page.body.index(b"</table>") + 8]
        server.routes[path] = replace(page, body=page.body.replace(table, b""))


def test_a_column_that_mirrors_another_makes_no_second_document(server, mirrored, crawled):
    without_numbers(server, map(mirrored._path, mirrored.planted))
    assert crawled.run(mirrored).complete
    assert len(ids(crawled, "id")) == 6
    assert len(ids(crawled, "document_id")) == 3


def test_a_page_that_two_columns_list_is_one_publication_in_both(shared, crawled):
    assert crawled.run(shared).complete
    assert len(ids(crawled, "id")) == 3
    assert {tuple(found["columns"]) for found in crawled.publications().values()} == {
        ("最新公开", "部门文件")
    }


def test_a_print_version_is_the_same_document(server, jcms, planting, crawled, answer):
    """The list names it beside the page: bare, with its own head line and buttons, without navigation."""
    planted = planting(2)

    class Printing(jcms):
        def _records(self, items):
            rows = "".join(
                f"<record><![CDATA[<li><a href='{path}' title='{item.title}'>{item.title}</a>"
                f"<span>{item.date}</span></li>]]></record>"
                for item in items
                for path in (self._path(item), self._path(item).replace("art_70", "art_970"))
            )
            return f"<recordset>{rows}</recordset>"

    subsite = Printing(server, planted)
    for item in planted:
        page = (
            f"<html><head><meta charset=utf-8><title>打印：{item.title}</title></head>"
            "<body onload='window.print()'>"
            f"<h1>{item.title}</h1><p>发布日期：{item.date}　【打印本页】【关闭窗口】</p>"
            f"<div id='zoom'>{item.body}</div></body></html>"
        )
        server.routes[subsite._path(item).replace("art_70", "art_970")] = answer(page.encode())
    without_numbers(server, map(subsite._path, planted))
    assert crawled.run(subsite).complete
    assert len(ids(crawled, "id")) == 4
    assert len(ids(crawled, "document_id")) == 2
    assert len({found["text"] for found in crawled.publications().values()}) == 2
