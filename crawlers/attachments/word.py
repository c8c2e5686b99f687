"""Text of Word 97-2003 documents and of WPS documents that are the same inside."""

import re
import struct

from legacy_doc import ExtractionOptions, LegacyDocError, extract_text

from crawlers.attachments.reading import MAX_CHARACTERS, FileProblem, UnreadableError

_OPTIONS = ExtractionOptions(max_file_bytes=64 * 1024 * 1024, max_text_bytes=4 * MAX_CHARACTERS)
# Field codes, which Word does not show. In footers: — PAGE \* MERGEFORMAT 15 —; in texts: HYPERLINK "http://…".
_PAGE_NUMBER = re.compile(r"^[\s—–-]*(?:NUM)?PAGE\b[^\n]{0,60}$\n?", re.MULTILINE)
_CODE = re.compile(r'\bHYPERLINK[ \t]+(?:\\l[ \t]+)?"[^"\n]{0,500}"[ \t]*')


def doc_text(body: bytes) -> str:
    """Return the text, a line per paragraph."""
    try:
        text = extract_text(body, options=_OPTIONS).text
    except LegacyDocError as error:
        problem = FileProblem.ENCRYPTED if "ncrypted" in str(error) else FileProblem.BROKEN
        raise UnreadableError(problem) from error
    except (struct.error, IndexError, ValueError, KeyError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error
    return _CODE.sub("", _PAGE_NUMBER.sub("", text))
