import httpx
import pytest

from demo.publishing import generate
from demo.server import serving


@pytest.fixture(scope="session")
def city():
    return generate(seed=3, publications=400)


@pytest.fixture(scope="session")
def port(city):
    with serving(city) as port:
        yield port


@pytest.fixture(scope="session")
def get(port):
    """Fetch a path of a subsite; the text is decoded as the family really encodes it."""

    with httpx.Client() as client:

        def fetch(subsite, path, **form):
            url = subsite.root(port).rstrip("/") + path
            response = client.post(url, data=form) if form else client.get(url)
            response.encoding = subsite.cms.charset
            return response

        yield fetch
