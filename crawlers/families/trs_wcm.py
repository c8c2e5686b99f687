"""拓尔思 (TRS) WCM.

Site        Very many portals and departments, from ministries to counties: static pages, published by the
            CMS.
Known by    Details /202301/t20230103_4512345.html below their column's folder; the scripts
            createPageHTML(…) and createPage(…) in lists; the classes TRS_Editor, trs_editor_view,
            TRS_UEDITOR around texts.
Lists       index.html of a folder, then index_1.html, index_2.html … (page 2 is index_1 on most sites,
            index_2 on others). The pager is written by a script, called with the number of pages, the
            current page (from 0 or from 1), name and ending of the files: createPageHTML(34, 0, "index",
            "html"); some sites pass the name of a <div> before these or the number of items behind them.
Details     .TRS_Editor, .trs_editor_view, .TRS_UEDITOR, often one within another. Facts in a table or
            list above the text. Files are named relatively, ./P020230103….pdf and ./W020230103….doc.
Oddities    Which file is page 2: index_1 is asked first, because on a site that counts from 2 it is
            missing or repeats page 1, while on one that counts from 1 index_2 exists and is page 3, so
            that page 2 would be skipped unseen. Deep pages may be stubs of some 350 bytes with status
            200. Lists show [2012-10-15], [10-15] or nothing; the address holds a whole date, which gives
            [10-15] its year where both agree on month and day. Side boxes link other columns' items: what
            stands beside items of the column's own folder is its list; a page with none, and none of the
            folders that page 1 linked, is another list. Columns are the folders that a home page or its
            frames link; those that only another column's page links are not looked for. Lists from a search
            (was5/web/search?channelid=, /igs/front/search/list.html) are not read.
Proven by   domain.md 5.1, 5.2 (keys CG, CG-GOVCMS, IGS, BUDGET), fact 14; calls with a <div> and from 1
            from a public copy of such a script. From memory (domain.md 5.3): P… and W… names. Assumed:
            that t20230103 is the day on which the item was made, near its posting but no witness of it.
"""

import hashlib
import re
from itertools import islice
from urllib.parse import urlsplit

from catalog.dates import read_date
from catalog.records import Field
from crawlers.families.family import (
    OTHERWISE,
    ColumnLink,
    HomeReading,
    ListItem,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
    said_by_list,
)
from crawlers.families.markup import DATE, frames, is_file, links, own_paths, text_of, whole_title
from crawlers.families.trs_pager import is_called, next_file, read_pager
from crawlers.reading.page import ReadingHints
from crawlers.reading.tree import Element

# /zwgk/tzgg/202301/t20230103_4512345.html
_ARTICLE = re.compile(r"^(.*/)(?:\d{6}/)t(\d{8})_\d{1,12}\.s?html?$", re.IGNORECASE)
# /zwgk/tzgg/   /zwgk/tzgg/index.shtml
_COLUMN = re.compile(r"^(/.+/)(?:(?:index|default)\.s?html?)?$", re.IGNORECASE)
# [10-15]   10/15   10月15日
_DAY_OF_YEAR = re.compile(r"(?<![\d年./-])[\[(（]?(\d{1,2})\s?[-./月]\s?(\d{1,2})\s?日?[\])）]?(?![\d./-])")
_CLASS = re.compile(
    r"""class\s{0,3}=\s{0,3}["']?[^"'>]{0,100}\btrs_?(?:editor|ueditor|editor_view)\b""", re.IGNORECASE
)
_ROWS = ("li", "tr", "dd", "p")
_CLIMB = 6
_ROW_LINKS = 3
_MOST_FOLDERS = 50
_FOLDER_LIMIT = 200

_Holder = tuple[Element | None, str]


class TrsWcm:
    """How TRS WCM lists page and how its details read."""

    name = "trs_wcm"
    label = "拓尔思 TRS WCM"
    hints = ReadingHints(body=(".TRS_Editor", ".trs_editor_view", ".TRS_UEDITOR"))

    def recognises(self, page: WebPage) -> bool:
        """Look for an item's address, for a call of the pager, or for the class around texts.

        UCAP keeps that class in texts it took over, and pages of its own by scripts of other names.
        """
        if any(_ARTICLE.search(urlsplit(path).path) for path in own_paths(page)):
            return True
        if "ucap" in page.text.lower():
            return False
        return is_called(page) or _CLASS.search(page.text) is not None

    def read_home(self, page: WebPage) -> HomeReading:
        """Read the links to folders, which are columns, below the home page's own server."""
        columns: dict[str, ColumnLink] = {}
        here = urlsplit(page.url)
        for link, url in links(page, page.tree):
            parts = urlsplit(url)
            name = text_of(link) or " ".join((link.get("title") or "").split())
            found = _COLUMN.match(parts.path)
            if found and name and not parts.query and parts.netloc == here.netloc:
                path = found.group(1)
                if path != here.path[: here.path.rfind("/") + 1]:
                    columns.setdefault(path, ColumnLink(path, name, PageRequest(url)))
        return HomeReading(tuple(columns.values()), tuple(frames(page)))

    def read_list(self, page: WebPage, place: ListPlace) -> ListReading:
        """Read one page of a folder's list."""
        linked = list(links(page, page.tree))
        found = _list_links(page, place, linked)
        urls = [url for _, url in found]
        pager = read_pager(page, (url for _, url in linked))
        items = tuple(_item(link, url) for link, url in found)
        if place.number == 1 or not place.memo.get("shown"):
            memo = _noted(urls) | {"pages": str(pager.pages), "read": "1"}
            if not urls:
                # The list may stand in a frame of its own.
                return ListReading((), next(frames(page), None), memo, is_list=is_called(page))
            if len(pager.second) > 1:
                memo[OTHERWISE] = pager.second[1]
            return ListReading(items, PageRequest(pager.second[0]) if pager.second else None, memo)
        memo = dict(place.memo)
        otherwise = memo.pop(OTHERWISE, None)
        if otherwise and (not urls or _fingerprint(urls) == memo["shown"]):
            # No page 2 under this name, or page 1 again: the site counts from 2.
            return ListReading(next=PageRequest(otherwise), memo=memo, may_repeat=True)
        memo["read"] = str(int(memo["read"]) + 1)
        memo["pages"] = str(max(pager.pages, int(memo["pages"])))
        following = next_file(page.url) if urls and int(memo["read"]) < int(memo["pages"]) else None
        return ListReading(items, following, memo, is_list=bool(items) or is_called(page))


def _noted(urls: list[str]) -> dict[str, str]:
    """Return what is to be known of page 1 on later pages: what it showed, and the folders of its items.

    Items of a parent column lie in its children's folders.
    """
    folders = {folder for url in urls if (folder := _folder(url)) and len(folder) <= _FOLDER_LIMIT}
    shown = _fingerprint(urls) if urls else ""
    return {"shown": shown, "folders": " ".join(sorted(folders)[:_MOST_FOLDERS])}


def _fingerprint(urls: list[str]) -> str:
    # All items: one that is pinned to the top stands first on every page.
    return hashlib.sha256("\n".join(urls).encode()).hexdigest()[:16]


def _folder(url: str) -> str | None:
    found = _ARTICLE.search(urlsplit(url).path)
    return found.group(1) if found else None


def _list_links(
    page: WebPage, place: ListPlace, linked: list[tuple[Element, str]]
) -> list[tuple[Element, str]]:
    """Return the links of the column's list: those beside links to items of its folder, each address once.

    On a first page without such, and on later ones that the pager proves to be a list, the largest list of
    dated rows there is (that of a parent of other columns).
    """
    groups: dict[_Holder, dict[str, Element]] = {}
    known = (place.path, *place.memo.get("folders", "").split())
    ours: set[_Holder] = set()
    for link, url in linked:
        path = urlsplit(url).path
        if not _ARTICLE.search(path) and not (is_file(path) and path.startswith(place.path)):
            continue
        holder = _holder(link)
        groups.setdefault(holder, {}).setdefault(url, link)
        if path.startswith(place.path) or _folder(url) in known:
            ours.add(holder)
    dated = {holder for holder, group in groups.items() if _is_dated(group)}
    if not ours and (place.number == 1 or is_called(page)):
        ours = _largest(groups, dated)
    # Side boxes show no dates, and may hold items of this column too.
    ours = ours & dated or _largest(groups, ours)
    found: dict[str, Element] = {}
    for holder, group in groups.items():
        if holder in ours:
            for url, link in group.items():
                found.setdefault(url, link)
    return [(link, url) for url, link in found.items()]


def _largest(groups: dict[_Holder, dict[str, Element]], among: set[_Holder]) -> set[_Holder]:
    """Return the largest of some groups, the first of equals; none of none."""
    return set(sorted((holder for holder in groups if holder in among), key=lambda h: -len(groups[h]))[:1])


def _is_dated(group: dict[str, Element]) -> bool:
    beside = [_beside(link) for link in islice(group.values(), 10)]
    dated = [text for text in beside if DATE.search(text) or _DAY_OF_YEAR.search(text)]
    return len(dated) * 2 > len(beside)


def _holder(link: Element) -> _Holder:
    """Return what holds the list a link stands in: an element, and the class of the list within it.

    Lists are often cut into blocks of five rows, each a <ul> of its own; blocks of one class are one list.
    """
    row = _row(link)
    block = (row if row is not None else link).getparent()
    if block is not None and block.tag == "tbody":
        block = block.getparent()
    outer = None if block is None else block.getparent()
    is_block = outer is not None and block.tag in ("ul", "ol", "dl", "table")
    return (outer, f"{block.tag}.{block.get('class') or ''}") if is_block else (block, "")


def _row(link: Element) -> Element | None:
    return next((e for e in islice(link.iterancestors(), _CLIMB) if e.tag in _ROWS), None)


def _item(link: Element, url: str) -> ListItem:
    said = {Field.TITLE: whole_title(link), Field.PUBLISHED_ON: _date_of(link, url)}
    return ListItem(url, tuple(said_by_list(field, raw) for field, raw in said.items() if raw))


def _date_of(link: Element, url: str) -> str | None:
    """Return the date in a link's row: whole, or [10-15] with the year that the address confirms."""
    beside = _beside(link)
    if whole := DATE.findall(beside):
        return str(whole[-1])
    days = _DAY_OF_YEAR.findall(beside)
    named = _ARTICLE.search(urlsplit(url).path)
    made = read_date(named.group(2)) if named else None
    if not days or made is None or made.date is None:
        return None
    month, day = map(int, days[-1])
    return made.date.isoformat() if (month, day) == (made.month, made.day) else None


def _beside(link: Element) -> str:
    """Return what a link's row says beside it; where no row is to be made out, what the link says."""
    row = _row(link)
    if row is None or len(list(islice(row.iter("a"), _ROW_LINKS + 1))) > _ROW_LINKS:
        return text_of(link)
    return text_of(row).replace(text_of(link), " ", 1)


FAMILY = TrsWcm()
