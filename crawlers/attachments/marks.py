"""The marks with which files begin: cheap enough to ask of everything that is fetched."""

from crawlers.attachments.reading import FileKind

_STARTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.OLE),
    (b"PK\x03\x04", FileKind.ZIP),
    (b"{\\rtf", FileKind.RTF),
    (b"\x89PNG\r\n\x1a\n", FileKind.IMAGE),
    (b"\xff\xd8\xff", FileKind.IMAGE),
    (b"GIF8", FileKind.IMAGE),
    (b"II*\0", FileKind.IMAGE),
    (b"MM\0*", FileKind.IMAGE),
    (b"Rar!", FileKind.RAR),
    (b"7z\xbc\xaf\x27\x1c", FileKind.SEVEN_ZIP),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"Founder CEB", FileKind.CEB),
    (b"FLV\x01", FileKind.VIDEO),
    (b"\x1a\x45\xdf\xa3", FileKind.VIDEO),
)


def marked_kind(body: bytes) -> FileKind | None:
    """Return what a file's first bytes show it to be; None for pages, texts and what bears no mark.

    `OLE` and `ZIP` are containers, whose contents `crawlers.attachments.kinds` tells apart.
    """
    # Readers accept the mark of a PDF in the first KiB.
    if b"%PDF-" in body[:1024]:
        return FileKind.PDF
    for start, kind in _STARTS:
        if body.startswith(start):
            return kind
    is_picture = (body.startswith(b"BM") and body[6:10] == b"\0\0\0\0") or (
        body[:4] == b"RIFF" and body[8:12] == b"WEBP"
    )
    if is_picture:
        return FileKind.IMAGE
    return FileKind.VIDEO if body[4:8] == b"ftyp" else None
