"""Tables inside a document are text: their headings name columns and state nothing."""

import pytest

from catalog.records import Field
from crawlers.reading import read_page

ROWS = "".join(
    f"<tr><td>{n}</td><td>荷塘路改造{n}</td><td>市住建局</td><td>2013年{n}月</td></tr>" for n in (5, 6, 7)
)
PAGE = """<html><head><title>工程安排</title></head><body><table><tr><td>
<table><tr><td>索引号</td><td>301925699/201310-00001</td><td>发布机构</td><td>云岭市公积金中心</td></tr></table>
</td></tr><tr><td><h2>2013年工程安排</h2></td></tr><tr><td>
<p>　　现将今年的工程安排公布如下，请市民监督，如有意见请在十日内以书面形式提出。</p>
<p>　　各责任单位应当按期完成，逾期未完成的说明原因并提出补救办法。</p>
<table><tr>HEADINGS</tr>ROWS</table></td></tr></table></body></html>"""


@pytest.mark.parametrize(
    "headings", [("序号", "项目名称", "责任单位", "完成时限"), ("序号", "责任单位", "文号", "期限")]
)
def test_headings_of_columns_state_nothing_and_stay_in_the_text(headings):
    cells = "".join(f"<td>{heading}</td>" for heading in headings)
    reading = read_page(PAGE.replace("HEADINGS", cells).replace("ROWS", ROWS).encode())
    publishers = {each.raw for each in reading.witnesses if each.field is Field.PUBLISHER}
    assert publishers == {"云岭市公积金中心"}
    assert not any(each.field is Field.DOC_NUMBER for each in reading.witnesses)
    assert "\t".join(headings) in reading.text


def test_a_body_in_cells_of_a_layout_table_is_found_and_the_metadata_is_not_in_it():
    cells = "<td>序号</td><td>项目名称</td><td>责任单位</td><td>完成时限</td>"
    text = read_page(PAGE.replace("HEADINGS", cells).replace("ROWS", ROWS).encode()).text
    assert "现将今年的工程安排公布如下" in text
    assert "荷塘路改造6" in text
    assert "301925699/201310-00001" not in text
