"""Questions to an engine at random: whatever can be asked in one request."""

from hypothesis import strategies as st
from made_up import FRAGMENTS, filters, queries

from indexer.engine import EngineRequest, Order
from indexer.requests import Facet, Filters, Match, Scope
from indexer.understanding import understand

long_queries = st.lists(st.sampled_from(FRAGMENTS), min_size=4, max_size=9).map(" ".join)
"""Of many words: not all of them are asked for, but a share of the best score."""

requests = st.builds(
    lambda text, scope, match, wanted, order, hidden: EngineRequest(
        understand(text, scope=scope, match=match).query,
        wanted,
        order=order,
        limit=50,
        facets=tuple(Facet),
        years=True,
        texts=True,
        hidden=hidden,
    ),
    queries | long_queries,
    st.sampled_from(Scope),
    st.sampled_from(Match),
    st.just(Filters()) | filters,
    st.sampled_from(Order),
    st.frozensets(st.sampled_from(("d00", "d01")), max_size=1),
)
