"""CMS families: one module for each, and the table of them that the sites file chooses from."""

from crawlers.families.family import Family
from crawlers.families.hanweb_jcms import HanwebJcms
from crawlers.families.hefei_xp import HefeiXp

FAMILIES: dict[str, Family] = {family.name: family for family in (HefeiXp(), HanwebJcms())}

__all__ = ["FAMILIES", "Family"]
