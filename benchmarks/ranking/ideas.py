"""The ideas that were tried, each against the set-up that would ship without it."""

from dataclasses import dataclass, replace

from benchmarks.ranking.setup import Feedback, Model, Setup
from indexer.reranking import Reranking

FIRST = Setup()
"""The ranking of the first commit."""

LIGHT = replace(FIRST, stop_words=0.3)
"""Its successor's first stage: each term once, pairs with characters of stop words weigh less."""

CHARACTERS = Reranking(characters=1.0, window=0.0, window_length=30, k1=1.2, b=0.75)
SHIPPED = replace(LIGHT, min_score=0.22, reranking=replace(CHARACTERS, window=1.5))
"""What `docs/ranking.md` arrives at."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A set-up and the one that it has to beat."""

    name: str
    against: Setup
    setup: Setup


def _first(name: str, **numbers: object) -> Idea:
    return Idea(name, LIGHT, replace(LIGHT, **numbers))  # type: ignore[arg-type]


def _second(name: str, against: Setup = LIGHT, **numbers: float) -> Idea:
    numbers = {"characters": 0.0, "window": 0.0, **numbers}
    return Idea(name, against, replace(LIGHT, reranking=replace(CHARACTERS, **numbers)))  # type: ignore[arg-type]


_WITH_CHARACTERS = replace(LIGHT, reranking=CHARACTERS)

IDEAS = (
    Idea("shipped", FIRST, SHIPPED),
    Idea("terms-once", FIRST, replace(FIRST, damped=True)),
    *(Idea(f"stop-words-{share}", FIRST, replace(FIRST, stop_words=share)) for share in (0.0, 0.1, 0.3, 0.5)),
    _first("stop-words-rank", stop_words_rank=True),
    *(_first(f"bigrams-{weight}", bigrams=weight) for weight in (0.5, 0.75, 1.25, 1.5, 2.0)),
    *(_first(f"k1-{k1}", k1=k1) for k1 in (0.9, 1.5, 2.0)),
    *(_first(f"b-{b}", b=b) for b in (0.6, 0.85)),
    *(_first(f"bigram-b-{b}", bigram_b=b) for b in (0.5, 0.9)),
    *(_first(f"bm25f-title-{weight}", title_weight=weight) for weight in (1.5, 2.0, 3.0)),
    *(_first(f"title-added-{weight}", title_added=weight) for weight in (0.1, 0.3)),
    *(_first(f"title-share-{weight}", title_share=weight) for weight in (0.1, 0.3)),
    *(_first(f"bm25-plus-{delta}", plus=delta) for delta in (0.25, 0.5)),
    _first("dfr-in-l2", model=Model.IN_L2),
    *(_first(f"idf-power-{power}", idf_power=power) for power in (0.8, 1.15, 1.5)),
    *(_first(f"tiles-{weight}", tiles=weight) for weight in (0.2, 0.5)),
    *(_first(f"trigrams-{weight}", trigrams=weight) for weight in (0.1, 0.3)),
    *(_first(f"min-score-{share}", min_score=share) for share in (0.15, 0.22, 0.25, 0.3)),
    *(_first(f"feedback-5-{share}", feedback=Feedback(5, 10, share)) for share in (0.1, 0.3)),
    *(_second(f"characters-{weight}", characters=weight) for weight in (0.5, 1.0, 1.5, 2.0)),
    *(_second(f"window-{length}", window=1.5, window_length=length) for length in (15, 30, 100, 300)),
    *(
        _second(
            f"characters-and-window-{length}",
            _WITH_CHARACTERS,
            characters=1.0,
            window=1.5,
            window_length=length,
        )
        for length in (15, 30, 60, 100)
    ),
    *(
        _second(f"characters-and-window-weight-{weight}", _WITH_CHARACTERS, characters=1.0, window=weight)
        for weight in (0.5, 1.0, 2.0)
    ),
    Idea(
        "shipped-without-characters",
        SHIPPED,
        replace(SHIPPED, reranking=replace(CHARACTERS, characters=0.0, window=1.5)),
    ),
    Idea("shipped-without-window", SHIPPED, replace(SHIPPED, reranking=CHARACTERS)),
    Idea("shipped-stop-words-rank", SHIPPED, replace(SHIPPED, stop_words_rank=True)),
    Idea("shipped-bigrams-1.5", SHIPPED, replace(SHIPPED, bigrams=1.5)),
    Idea("shipped-b-0.85", SHIPPED, replace(SHIPPED, b=0.85)),
    Idea("shipped-bm25f-title-2", SHIPPED, replace(SHIPPED, title_weight=2.0)),
    Idea("shipped-depth-100", SHIPPED, replace(SHIPPED, depth=100)),
)
