import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from demo.ofd import write_ofd

CHINESE = st.text(
    alphabet=st.sampled_from('泓州市人民政府关于印发管理办法的通知〔〕（）《》&<"0123。，'), min_size=1
)


def read_text(data):
    """Follow the file from OFD.xml to its pages as a reader does."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        root = re.search(r"DocRoot>([^<]+)<", archive.read("OFD.xml").decode()).group(1)
        pages = re.findall(r'BaseLoc="([^"]+)"', archive.read(root).decode())
        trees = [ElementTree.fromstring(archive.read(f"Doc_0/{page}")) for page in pages]  # noqa: S314
    return "".join(
        code.text or "" for tree in trees for code in tree.iter("{http://www.ofdspec.org/2016}TextCode")
    )


@given(st.lists(CHINESE, min_size=1, max_size=60))
def test_text_comes_out_of_the_ofd_as_it_went_in(lines):
    assert read_text(write_ofd("题名", lines)) == "".join(lines)


def test_the_same_lines_make_the_same_bytes():
    assert write_ofd("题名", ["一", "二"]) == write_ofd("题名", ["一", "二"])
