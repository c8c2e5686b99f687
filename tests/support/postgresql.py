"""A PostgreSQL database of a test's own, where the environment names a server for it.

`GONGKAI_TEST_POSTGRESQL` is the URL of a database on a server that may be used for tests; databases
beside it are made and dropped. `.ci/run` starts such a server.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, create_engine, make_url, text

VARIABLE = "GONGKAI_TEST_POSTGRESQL"


def server() -> URL:
    """Return the server's URL; skips the test where there is none, and fails it where CI is set."""
    given = os.environ.get(VARIABLE)
    if not given:
        if os.environ.get("CI"):
            pytest.fail(f"{VARIABLE} must name a PostgreSQL server where CI is set")
        pytest.skip(f"no PostgreSQL for tests: {VARIABLE} is not set")
    return make_url(given).set(drivername="postgresql+psycopg")


@contextmanager
def database(name: str, options: str = "ENCODING 'UTF8' LOCALE 'C'") -> Iterator[str]:
    """Make a database, give its URL, and drop it."""
    url = server()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 {options}"))
    try:
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()


def emptied(url: str) -> str:
    """Take everything out of a database that `database` made; return its URL."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url
