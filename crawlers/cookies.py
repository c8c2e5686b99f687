"""The cookies of one server: which of them are kept and sent back."""

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from urllib.request import Request

MAX_LENGTH = 4096
"""Characters of a cookie's name and value together (RFC 6265, 6.1)."""


class _SendablePolicy(DefaultCookiePolicy):
    """Keeps only cookies that can be sent back."""

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Tell whether a cookie is kept.

        Headers are sent in ASCII: one 用户=… would make every further request to its server fail.
        """
        said = f"{cookie.name}{cookie.value or ''}{cookie.path}"
        return said.isascii() and len(said) <= MAX_LENGTH and super().set_ok(cookie, request)


def cookie_jar() -> CookieJar:
    """Return an empty jar for one server."""
    return CookieJar(_SendablePolicy())
