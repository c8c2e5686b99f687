"""Which body a name means, also when the organisations file comes after the pages."""

import pytest
from sqlalchemy import select

from catalog import recording, schema
from catalog.authority import codes_of, find_code, load_organizations
from catalog.organizations import FormerName, OrganizationEntry
from catalog.reading import changed_documents, find_document
from catalog.store import last_seq

GOVERNMENT = OrganizationEntry("szf", "云岭市人民政府")
SCHOOLS = OrganizationEntry(
    "jyj", "云岭市教育局", "szf", ("市教育局",), (FormerName("云岭市教育委员会", 2001),)
)


def load(catalog, *entries):
    with catalog.write() as connection:
        load_organizations(connection, entries)


def seq(catalog) -> int:
    with catalog.read() as connection:
        return last_seq(connection)


def touched(catalog, since: int) -> list[str]:
    with catalog.read() as connection:
        return changed_documents(connection, since)


@pytest.mark.parametrize("name", ["云岭市教育局", "市 教 育 局", "云岭市教育委员会"])
def test_a_body_stated_before_the_file_knew_it_becomes_the_files(catalog, record, name):
    done = record("http://a.example/1", "关于开学的通知", issuer=name, publisher=name)
    before = seq(catalog)
    load(catalog, GOVERNMENT, SCHOOLS)
    assert touched(catalog, before) == [done.document_id]
    with catalog.read() as connection:
        document = find_document(connection, done.document_id)
        assert find_code(connection, name) == "jyj"
        assert connection.execute(select(schema.subsite.c.organization_code)).scalars().all() == ["jyj"]
        codes = set(connection.execute(select(schema.organization.c.code)).scalars())
    assert document.issuers == document.publications[0].organizations == ("jyj",)
    assert name in [witness.raw for witness in document.publications[0].witnesses]
    assert codes == {"szf", "jyj"}


def test_a_name_that_two_listed_bodies_bear_stays_a_body_of_its_own(catalog, record):
    other = OrganizationEntry("qjyj", "云岭市东城区教育局", None, ("市教育局",))
    done = record("http://a.example/1", "关于开学的通知", issuer="市教育局")
    load(catalog, GOVERNMENT, SCHOOLS, other)
    with catalog.read() as connection:
        (issuer,) = find_document(connection, done.document_id).issuers
    assert issuer.startswith("x-")


def test_loading_a_file_again_changes_nothing(catalog, record):
    record("http://a.example/1", "关于开学的通知", issuer="云岭市教育局")
    load(catalog, GOVERNMENT, SCHOOLS)
    before = seq(catalog)
    load(catalog, GOVERNMENT, SCHOOLS)
    assert seq(catalog) == before


def test_a_body_that_moves_in_the_tree_changes_its_documents_and_those_of_the_bodies_below(catalog, record):
    below = OrganizationEntry("ksy", "云岭市教育考试院", "jyj")
    load(catalog, GOVERNMENT, SCHOOLS, below)
    done = record(
        "http://a.example/1", "关于考试的通知", issuer="云岭市教育考试院", publisher="云岭市教育考试院"
    )
    other = record(
        "http://a.example/2", "关于防汛的通知", issuer="云岭市人民政府", publisher="云岭市人民政府"
    )
    before = seq(catalog)
    load(catalog, GOVERNMENT, OrganizationEntry("jyj", "云岭市教育局", None), below)
    # The second one is on the education office's own subsite.
    assert touched(catalog, before) == sorted([done.document_id, other.document_id])
    moved = seq(catalog)
    load(catalog, GOVERNMENT, OrganizationEntry("jyj", "云岭市教育体育局", None), below)
    assert seq(catalog) == moved  # a name is presentation


def test_another_organisation_of_a_subsite_changes_its_documents(catalog, record):
    done = record("http://a.example/1", "关于开学的通知")
    before = seq(catalog)
    with catalog.write() as connection:
        recording.ensure_subsite(
            connection, root_url="http://a.example/", name="云岭市教育局", organization="云岭市教育体育局"
        )
    assert touched(catalog, before) == [done.document_id]


def test_another_name_of_a_column_changes_the_documents_in_it(catalog, record):
    done = record("http://a.example/1", "关于开学的通知", columns=("政策法规",))
    before = seq(catalog)
    with catalog.write() as connection:
        subsite = connection.execute(select(schema.subsite.c.id)).scalar_one()
        for _ in range(2):
            recording.ensure_column(connection, subsite, path="政策法规", name="人事信息")
    assert touched(catalog, before) == [done.document_id]
    assert seq(catalog) == before + 1
    with catalog.read() as connection:
        assert find_document(connection, done.document_id).publications[0].column_names == ("人事信息",)


def test_joint_bodies_keep_their_order(catalog):
    load(catalog, GOVERNMENT, SCHOOLS)
    with catalog.write() as connection:
        assert codes_of(connection, "市教育局、云岭市人民政府") == ("jyj", "szf")
