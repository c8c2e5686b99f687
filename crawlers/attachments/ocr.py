"""Recognising text in pictures with tesseract, a program that need not be there."""

import csv
import io
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from PIL.Image import Image

from crawlers.attachments.reading import FileProblem, UnreadableError
from crawlers.attachments.wrapped_lines import unwrapped

PAGE_SECONDS = 60.0
"""No page takes longer; on one core a dense A4 page takes some five seconds."""

_LANGUAGE = "chi_sim"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Recognised:
    """Recognised text with the mean confidence of its words (0 to 100), and whether pages were left out."""

    text: str
    confidence: float
    partial: bool


@cache
def program() -> str | None:
    """Return the path of tesseract, None if it or its Chinese data is missing."""
    path = shutil.which("tesseract")
    if path is None:
        return None
    listed = subprocess.run([path, "--list-langs"], capture_output=True, timeout=PAGE_SECONDS, check=False)  # noqa: S603
    return path if _LANGUAGE.encode() in listed.stdout.split() else None


def recognise(pictures: Iterable[Image], seconds: float) -> Recognised:
    """Recognise the pictures in turn while there is time; raises `UnreadableError` without tesseract."""
    tesseract = program()
    if tesseract is None:
        raise UnreadableError(FileProblem.NO_OCR)
    end = time.monotonic() + seconds
    texts: list[str] = []
    confidences: list[float] = []
    for picture in pictures:
        left = end - time.monotonic()
        if left <= 0:
            return _recognised(texts, confidences, partial=True)
        stored = io.BytesIO()
        picture.save(stored, "PPM")
        try:
            table = _run(tesseract, stored.getvalue(), min(left, PAGE_SECONDS))
        except subprocess.TimeoutExpired:
            return _recognised(texts, confidences, partial=True)
        text, found = _read_table(table)
        texts.append(unwrapped(text))
        confidences += found
    return _recognised(texts, confidences, partial=False)


def _recognised(texts: list[str], confidences: list[float], *, partial: bool) -> Recognised:
    mean = sum(confidences) / len(confidences) if confidences else 0.0
    return Recognised("\n".join(texts).strip(), round(mean, 1), partial)


def _run(tesseract: str, picture: bytes, seconds: float) -> str:
    """Return tesseract's table of words. Whoever kills it from outside only costs another try."""
    command = [tesseract, "stdin", "stdout", "-l", _LANGUAGE, "--psm", "3", "tsv"]
    for _ in range(_TRIES):
        done = subprocess.run(command, input=picture, capture_output=True, timeout=seconds, check=False)  # noqa: S603
        if done.returncode >= 0:
            break
    if done.returncode:
        raise UnreadableError(FileProblem.CRASHED)
    return done.stdout.decode("utf-8", "replace")


def _read_table(table: str) -> tuple[str, list[float]]:
    """Return the text, a line for each line of the picture, and the confidence of each word."""
    lines: dict[tuple[str, ...], str] = {}
    confidences: list[float] = []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        word = (row.get("text") or "").strip()
        if not word:
            continue
        place = tuple(row[key] for key in ("page_num", "block_num", "par_num", "line_num"))
        before = lines.get(place, "")
        gap = " " if before[-1:].isascii() and before[-1:].isalnum() and word[0].isascii() else ""
        lines[place] = before + gap + word
        confidences.append(float(row["conf"]))
    return "\n".join(lines.values()), confidences
