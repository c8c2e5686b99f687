"""The lists of words in `indexer/data`: one a line; everything behind a space is the reason."""

from importlib.resources import files


def word_list(name: str) -> tuple[str, ...]:
    """Return the words of a list in the order of its lines."""
    text = files("indexer").joinpath("data", name).read_text("utf-8")
    return tuple(line.split(" ")[0] for line in text.splitlines() if line and not line.startswith("#"))
