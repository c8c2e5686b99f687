"""Files of publications read: bytes in, text out, and a reason where there is none.

`kinds` tells a file by its content; one module for each kind reads it (`pdf`, `office`, `sheets`,
`word`, `ofd`, `rtf`, `plain`, `archives`, `images`); `parsing` brings the two together. All of this
runs only in a process of its own (`child`), which `worker` starts, bounds and replaces; `reader` is
what the crawler asks.
"""

from crawlers.attachments.reader import FileReader
from crawlers.attachments.reading import FileKind, FileProblem, FileReading

__all__ = ["FileKind", "FileProblem", "FileReader", "FileReading"]
