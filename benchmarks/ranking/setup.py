"""The numbers of one ranking: everything that an idea may change."""

from dataclasses import dataclass
from enum import StrEnum

from indexer.reranking import Reranking


class Model(StrEnum):
    """How often a term stands in a document becomes a share of its weight."""

    BM25 = "bm25"
    BM25_PLUS = "bm25+"
    IN_L2 = "in_l2"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A second query (RM3): words of the first documents, with this share of the query's weight."""

    documents: int
    words: int
    share: float


@dataclass(frozen=True, slots=True)
class Setup:
    """The first commit's ranking where nothing else is said; weights are factors of idf.

    `stop_words` is the weight of a stop word's characters in pairs (None: they count fully) and, with
    `stop_words_rank`, that of the word itself, which else adds nothing; with either, and if `damped`,
    each term of the query counts once. `title_weight` adds occurrences in titles before saturation
    (BM25F), `title_added` their score after it; `title_share` is the factor for a title made of the
    query's words; `plus` is BM25+'s delta; `tiles` and `trigrams` are weights of further terms.
    """

    k1: float = 1.2
    b: float = 0.75
    bigram_b: float | None = None
    bigrams: float = 1.0
    stop_words: float | None = None
    stop_words_rank: bool = False
    damped: bool = False
    title_weight: float = 1.0
    title_added: float = 0.0
    title_share: float = 0.0
    model: Model = Model.BM25
    plus: float = 0.0
    idf_power: float = 1.0
    tiles: float = 0.0
    trigrams: float = 0.0
    min_score: float = 0.2
    feedback: Feedback | None = None
    reranking: Reranking | None = None
    depth: int = 200
