"""CMS families: one module for each, and the table of them that the sites file may choose from."""

from crawlers.families.family import Family
from crawlers.families.recognising import FAMILIES, GENERIC, recognise

__all__ = ["FAMILIES", "GENERIC", "Family", "recognise"]
