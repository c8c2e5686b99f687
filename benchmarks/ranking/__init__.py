"""Which ranking is best on the development sets, and by how much: see `docs/ranking.md`."""
