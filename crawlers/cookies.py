"""The cookies of one server: which of them are kept and sent back."""

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from urllib.request import Request

MAX_LENGTH = 4096
"""Characters of a cookie's name and value together (RFC 6265, 6.1)."""


MOST_COOKIES = 50
"""Cookies kept of one server (RFC 6265, 6.1: at least so many). A page that sets more fills every request."""


class _SendablePolicy(DefaultCookiePolicy):
    """Keeps only cookies that can be sent back, and not too many."""

    def __init__(self, jar: CookieJar) -> None:
        super().__init__()
        self._jar = jar

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Tell whether a cookie is kept.

        Headers are sent in ASCII: one 用户=… would make every further request to its server fail.
        """
        said = f"{cookie.name}{cookie.value or ''}{cookie.path}"
        if not said.isascii() or len(said) > MAX_LENGTH:
            return False
        is_known = any(known.name == cookie.name for known in self._jar)
        return (is_known or len(self._jar) < MOST_COOKIES) and super().set_ok(cookie, request)


def cookie_jar() -> CookieJar:
    """Return an empty jar for one server."""
    jar = CookieJar()
    jar.set_policy(_SendablePolicy(jar))
    return jar
