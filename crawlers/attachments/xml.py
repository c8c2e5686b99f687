"""XML out of strange hands: no entity is expanded, nothing is loaded, nothing is fetched."""

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from crawlers.attachments.reading import FileProblem, UnreadableError


def parse(body: bytes) -> Any:
    """Return the root element; raises `UnreadableError` if there is none.

    `huge_tree` only lifts the limits on depth and text length, which yearbook tables reach; entities
    stay unexpanded, so there is nothing to multiply.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableError(FileProblem.BROKEN) from error
    if root is None:
        raise UnreadableError(FileProblem.BROKEN)
    return root


def local(element: Any) -> str:
    """Return an element's name without its namespace, "" for comments and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
