"""What was published, where and by whom: the records, the vocabularies, the store.

This package imports none of the others; what several of them need (text folding, document
numbers, dates) lives here.
"""
