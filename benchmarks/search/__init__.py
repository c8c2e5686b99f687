"""The speed of searches, of ours and of other engines, over the same documents, terms and queries."""
