"""What was read from a file."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class FileKind(StrEnum):
    """What a file is by its content, whatever its name says."""

    PDF = "pdf"
    DOC = "doc"
    DOCX = "docx"
    XLS = "xls"
    XLSX = "xlsx"
    ODS = "ods"
    ODT = "odt"
    PPT = "ppt"
    PPTX = "pptx"
    OFD = "ofd"
    RTF = "rtf"
    TXT = "txt"
    CSV = "csv"
    HTML = "html"
    XML = "xml"
    ZIP = "zip"
    IMAGE = "image"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    GZIP = "gzip"
    CEB = "ceb"
    VIDEO = "video"
    OLE = "ole"
    UNKNOWN = "unknown"


class FileProblem(StrEnum):
    """Why a file has no text, not all of it, or a doubtful one."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    TOO_SLOW = "too_slow"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    KILLED = "killed"
    NOT_A_FILE = "not_a_file"
    NOT_FETCHED = "not_fetched"
    SKIPPED = "skipped"
    NO_OCR = "no_ocr"
    OCR_PARTIAL = "ocr_partial"
    OCR_DOUBTFUL = "ocr_doubtful"

    @property
    def label(self) -> str:
        """What clerks and operators read."""
        return str(_labels()[self.value])


@cache
def _labels() -> dict[str, str]:
    text = resources.files("crawlers.attachments").joinpath("data", "problems.json").read_text("utf-8")
    return dict(json.loads(text))


@dataclass(frozen=True, slots=True)
class FileReading:
    """What was read from a file.

    `provenance` is `text` or `ocr` where there is text; `confidence` the mean confidence of recognised
    words, 0 to 100. `scanned` says that there is no text but a picture of it, which was not recognised.
    """

    kind: FileKind
    text: str | None = None
    problem: FileProblem | None = None
    provenance: str | None = None
    confidence: float | None = None
    scanned: bool = False

    def to_json(self) -> bytes:
        """Return the form in which the child process hands it over."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "FileReading":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(data)
        problem = values.pop("problem")
        kind = FileKind(values.pop("kind"))
        return cls(kind=kind, problem=FileProblem(problem) if problem else None, **values)


class UnreadableError(Exception):
    """A file gives no text, for a reason."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.label)
        self.problem = problem


TEXT, OCR = "text", "ocr"
"""The two provenances of a file's text."""

MAX_CHARACTERS = 5_000_000
"""Some three yearbooks; what lies beyond is cut off."""
