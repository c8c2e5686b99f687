"""Feedback from the top documents: the words of a second query (RM3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.ranking.asking import Term
from benchmarks.ranking.postings import Floats
from benchmarks.ranking.setup import Feedback
from indexer import analysis
from indexer.query import TermField

if TYPE_CHECKING:
    from benchmarks.ranking.scorer import Scorer


def words(scorer: Scorer, asked: list[Term], scores: Floats, feedback: Feedback) -> list[Term]:
    """Return the words that weigh most in the first documents, each as it weighs there."""
    collection = scorer.collection
    postings = collection.postings[TermField.WORDS]
    top = np.argsort(-scores, kind="stable")[: feedback.documents]
    masses: Counter[str] = Counter()
    for row in top[scores[top] > 0].tolist():
        tokens = analysis.tokens(collection.titles[row]) + analysis.tokens(collection.texts[row])
        length = collection.lengths[TermField.WORDS][row] / collection.lengths[TermField.WORDS].mean()
        for word, count in tokens.items():
            if len(word) > 1 and not word.isdigit() and not analysis.is_stop_word(word):
                share = count / (count + 1.2 * (0.25 + 0.75 * length)) * scores[row] / scores[top].sum()
                masses[word] += share * scorer.idf(len(postings(word)[0]))
    best = masses.most_common(feedback.words)
    whole = sum(mass for _, mass in best) or 1.0
    weight = feedback.share * sum(term.field == TermField.WORDS for term in asked) / whole
    return [Term(TermField.WORDS, word, weight * mass) for word, mass in best]
