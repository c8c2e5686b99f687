"""Subsites into the catalogue: what fetches pages, and what reads them.

`crawlers.reading` turns the bytes of one page into facts and text and touches no network;
everything else here brings it those bytes. This package imports `catalog` and none of the others.
"""
