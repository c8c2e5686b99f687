import pypdfium2
from hypothesis import given
from hypothesis import strategies as st

from demo.pdf import write_pdf

CHINESE = st.text(
    alphabet=st.sampled_from("泓州市人民政府关于印发管理办法的通知〔〕（）《》0123第条〇，。"), min_size=1
)


def read_text(data):
    document = pypdfium2.PdfDocument(data)
    try:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


@given(st.lists(CHINESE, min_size=1, max_size=60))
def test_chinese_text_comes_out_of_the_pdf_as_it_went_in(lines):
    assert read_text(write_pdf("题名", lines)) == "".join(lines)
