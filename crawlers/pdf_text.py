"""The text of a PDF, read where it can do no harm."""

import asyncio
import os
import sys

from catalog.folding import clean
from crawlers import pdf_child
from crawlers.wrapped_lines import unwrapped

TIMEOUT = 40.0


class PdfReader:
    """Reads PDFs one at a time, each in a process of its own (`crawlers.pdf_child`)."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._one_at_a_time = asyncio.Semaphore(1)

    async def read(self, body: bytes) -> str | None:
        """Return the text of a PDF, a line feed after each page.

        None where none can be read: it is broken or locked, holds only pictures, or takes more than
        the timeout (seconds) or the memory it may.
        """
        async with self._one_at_a_time:
            # -I: the child must find pypdfium2, and nothing that happens to lie in the working folder.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                pdf_child.__file__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ},
            )
            try:
                output, _ = await asyncio.wait_for(process.communicate(body), self._timeout)
            except TimeoutError:
                return None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        pages = output.decode("utf-8", "replace").split("\f")
        text = "\n".join(unwrapped(clean(page)) for page in pages).strip()
        return text if process.returncode == 0 and text else None
