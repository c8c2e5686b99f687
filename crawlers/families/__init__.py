"""CMS families: one module for each, and the table of them that the sites file chooses from."""

from crawlers.families.anhui_openness import AnhuiOpenness
from crawlers.families.family import Family
from crawlers.families.hanweb_jcms import HanwebJcms
from crawlers.families.hefei_xp import HefeiXp
from crawlers.families.lonsun import LonSun

FAMILIES: dict[str, Family] = {
    family.name: family for family in (HefeiXp(), HanwebJcms(), LonSun(), AnhuiOpenness())
}

__all__ = ["FAMILIES", "Family"]
