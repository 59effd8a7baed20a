"""How a removed page looks, and how much of a document another page still shows. Pure."""

from __future__ import annotations

import re

MAX_NOTICE = 300  # characters of visible text; a longer page is no bare notice, whatever words it holds
GONE_STATUS = (404, 410, 451)
SHOWN, WHOLE = 0.5, 0.9  # shares of a document's text from which a page shows it, and shows it unchanged
_NOTICE = re.compile(
    r"(?:帖子?|主[题題]|文章|[内內]容|[页頁]面|信息|日志|商品|[话話][题題]|作者|微博|[视視][频頻]|[链鏈]接|[群频頻]道)[^。！!\n]{0,16}?"
    r"(?:不存在|[删刪]除|屏蔽|移除|下架|[隐隱]藏|失效|[过過]期)"
    r"|(?:已被?|被)(?:作者|管理员|管理員|版主|[发發]布者)[^。\n]{0,6}(?:[删刪]除|屏蔽|[关關][闭閉])"
    r"|(?:抱歉|很遗憾|對不起|对不起)[^。\n]{0,20}(?:不存在|[删刪]除|找不到|[没沒]有找到|不可[见見])"
    r"|\b(?:has been|was|were) (?:deleted|removed)\b|\bno longer (?:available|exists)\b|\b(?:page|post|topic|thread) not found\b|\b404 not found\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"\W+")
_GRAM = 6
_MAX_SIGNS = 50_000


def notice(text: str) -> str:
    """The words by which a site says that something was removed, when ``text`` (the whole visible text) is such a notice, else ''."""
    text = " ".join(text.split())
    match = _NOTICE.search(text) if len(text) <= MAX_NOTICE else None
    return match[0][:100] if match else ""


def share_shown(document: str, page: str) -> float:
    """How much of a document's text a page's text holds (0..1), by runs of six letters; 1.0 for a document without letters."""
    wanted, there = _grams(document), _grams(page)
    return len(wanted & there) / len(wanted) if wanted else 1.0


def _grams(text: str) -> set[str]:
    text = _SIGNS.sub("", text[:_MAX_SIGNS])
    return {text[place : place + _GRAM] for place in range(max(1, len(text) - _GRAM + 1))} if text else set()
