"""The catalogue's documents as a search index: analysis, engines, the order of answers."""
