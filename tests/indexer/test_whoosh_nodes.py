"""What every node of a query must know of its leaf."""

import pytest

from indexer.whoosh_engine.whoosh_nodes import Node


def test_a_node_that_lacks_a_method_cannot_be_made():
    class Half(Node):
        def rows(self):
            return []

    with pytest.raises(TypeError, match="hold, score"):
        Half()
