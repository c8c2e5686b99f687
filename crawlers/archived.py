"""What a visitor is given in place of a fetcher when pages are read again: the archive's responses.

Nothing is asked for on the web. What the archive does not hold near the page is missing, and said so.
"""

from catalog.records import ArchivePlace
from crawlers.addresses import resolve
from crawlers.archive_reading import ArchiveReader
from crawlers.errors import ArchiveError, FetchError, Problem
from crawlers.families.family import PageRequest
from crawlers.fetching import REDIRECTS, Fetched, as_meant
from crawlers.limits import Limits
from crawlers.response import Response, Validators


class ArchivedPages:
    """Gives the responses that were archived with a page, as the server gave them then."""

    def __init__(self, reader: ArchiveReader, limits: Limits) -> None:
        self._reader = reader
        self._limits = limits
        self._page: Response | None = None
        self._place = ArchivePlace("", 0, 0)
        self.missing: set[str] = set()
        """Addresses that were wanted for the page and are not in the archive."""

    def turn_to(self, place: ArchivePlace) -> Response:
        """Go to a page; what is wanted next belongs to it. Raises `ArchiveError`."""
        self._page, self._place, self.missing = self._reader.read(place), place, set()
        return self._page

    async def fetch(self, request: PageRequest, validators: Validators | None = None) -> Fetched:  # noqa: ARG002
        """Return the page, or what was archived with it; raises `FetchError` as a fetcher does."""
        if self._page is not None and request.url == self._page.url:
            return Fetched(self._page, (self._page,))
        hops: list[Response] = []
        url = request.url
        while len(hops) <= self._limits.redirects:
            response = self._near(url, request.url)
            hops.append(response)
            location = response.header("location")
            if response.status not in REDIRECTS or not location:
                return Fetched(response, tuple(hops))
            url = resolve(url, as_meant(location)) or ""
        raise FetchError(Problem.BAD_REDIRECT, request.url)

    def _near(self, url: str, wanted: str) -> Response:
        try:
            place = self._reader.near(self._place, url)
            if place is not None:
                return self._reader.read(place)
        except ArchiveError as error:
            self.missing.add(wanted)
            raise FetchError(Problem.BAD_RESPONSE, str(error)) from error
        self.missing.add(wanted)
        raise FetchError(Problem.GONE, f"{url} 不在归档中")
