"""A catalogue written by an earlier version is brought up to this one with everything in it."""

import sqlite3
import zlib

from alembic import command

from catalog import store
from catalog.engines import sqlite_engine
from catalog.reading import find_document
from catalog.records import paragraphs
from catalog.store import Catalog, last_seq
from catalog.texts import encode, store_text

ROWS = """
INSERT INTO subsite VALUES ('s', 'http://a.example/', '云岭市教育局', NULL, NULL, '2012-10-15 00:00:00');
INSERT INTO document VALUES ('d', '2012-10-15 00:00:00', NULL, NULL);
INSERT INTO publication VALUES
    ('p', 'd', 's', 'http://a.example/1', 'c', '2012-10-15 00:00:00', NULL);
INSERT INTO publication_alias VALUES ('http://a.example/1', 'p', 'h');
INSERT INTO capture VALUES
    ('c', 'p', 'http://a.example/1', '2012-10-15 00:00:00', 200, 'document', 't', NULL, NULL, NULL, NULL);
INSERT INTO witness VALUES ('c', 0, 'title', '关于开学的通知', 'printed', '关于开学的通知');
INSERT INTO attachment VALUES ('f', 'p');
INSERT INTO attachment_alias VALUES ('p', 'http://a.example/1.pdf', 'f');
INSERT INTO capture_attachment VALUES ('c', 0, 'f', 'http://a.example/1.pdf', '校历.pdf', 't');
INSERT INTO change VALUES (7, 'd', 'recorded', '2012-10-15 00:00:00');
"""


def written_by_the_first_version(folder):
    engine = sqlite_engine(folder / "catalog.db", read_only=False)
    with engine.begin() as connection:
        config = store._migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(folder / "catalog.db") as connection:
        connection.execute("INSERT INTO text VALUES ('t', ?, 6)", [store_blob()])
        connection.executescript(ROWS)
    connection.close()


def store_blob():

    return zlib.compress(encode(paragraphs("九月一日开学")))


def test_what_the_first_version_wrote_is_read_by_this_one(tmp_path):
    written_by_the_first_version(tmp_path)
    with Catalog.open(tmp_path) as catalog, catalog.read() as connection:
        document = find_document(connection, "d")
        assert document.title == "关于开学的通知"
        assert document.texts == ("九月一日开学",)
        (file,) = document.publications[0].attachments
        assert (file.name, file.kind, file.provenance, file.confidence, file.problem) == (
            "校历.pdf",
            None,
            None,
            None,
            None,
        )
        assert last_seq(connection) == 7


def test_the_clock_goes_on_after_an_upgrade(tmp_path):
    written_by_the_first_version(tmp_path)
    with Catalog.open(tmp_path) as catalog, catalog.write() as tx:
        store.log_change(tx, "d", "recorded")
        assert last_seq(tx) == 8
        assert store_text(tx, paragraphs("另一段"))
