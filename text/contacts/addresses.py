"""Addresses that carry their own shape: e-mail, web address, Telegram name, in plain and in disguised spelling."""

from __future__ import annotations

import re

from core.types import ContactKind
from text.contacts.candidate import Candidate
from text.contacts.reading import DIGIT_OF, IN_DIGITS, NUMERAL

TLD = (
    "com|net|org|cn|hk|tw|mo|top|vip|cc|info|xyz|site|online|shop|club|live|app|link|me|io|co|biz|pro|fun|wang|ltd|group|store|tech|icu|work|"
    "mobi|asia|one|cool|bar|bet|game|games|fit|run|chat|center|gg|so|tv|ru|us|uk|jp|kr|sg|my|th|la|vi|wiki|ink|art|plus|love|men|bid|win|pw|ws|ai|dev|page|cloud|space|website|world|life|today|ee|"
    "test|example|invalid|localhost|gov|edu"
)
EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])(?P<user>[a-z0-9][a-z0-9._%+\-]{0,63}|" + NUMERAL + r"{5,12})"
    r"(?:\s{0,2}@\s{0,2}|\s?(?:艾特|圈a|小老鼠)\s?|\s?[(\[【{<]\s?(?:at?|@|艾特|圈a|小老鼠)\s?[)\]】}>]\s?|\s(?:at|艾特)\s|#(?=(?:qq|163|126|gmail|outlook|mail|example)))"
    r"(?P<host>[a-z0-9\-]{1,63}(?:(?:\.|\s{1,2}\.\s{1,2}|\s?[(\[{【<]?(?:dot|点|[。·]|(?<=[(\[{【<])\.(?=[)\]}】>]))[)\]}】>]?\s?)[a-z0-9\-]{1,63}){0,4}(?:\.|\s{1,2}\.\s{1,2}|\s?[(\[{【<]?(?:dot|点|[。·]|(?<=[(\[{【<])\.(?=[)\]}】>]))[)\]}】>]?\s?)(?:" + TLD + r"))(?![a-z0-9\-])"
)  # fmt: skip
URL = re.compile(
    r"(?P<scheme>(?:https?|hxxps?|ftp):/{1,2})?(?<![a-z0-9@\-])(?P<host>(?<=//)(?:[a-z0-9\-]{1,63}\.){1,5}[a-z]{2,12}(?![a-z0-9\-])|(?:[a-z0-9](?:[a-z0-9\-_]{0,61}[a-z0-9])?\.){1,5}(?:" + TLD + r")(?![a-z0-9\-_])|(?<=/)[0-9]{1,3}(?:\.[0-9]{1,3}){3})"
    r"(?P<port>:[0-9]{2,5})?(?P<path>[/?#][a-z0-9\-._~:/?#@!$&'*+,;=%]{0,300})?"
)  # fmt: skip
# what ends an address that hides its dots
_HIDDEN_TLD = "com|net|cn|cc|top|vip|hk|xyz|org|app|shop|club|site|me|info|example|test"
_HIDDEN_TLDS = tuple(_HIDDEN_TLD.split("|"))
_HIDDEN_URL = re.compile(
    r"(?<![a-z0-9@.\-])(?P<name>[a-z0-9零〇一二三四五六七八九][a-z0-9零〇一二三四五六七八九\-]{1,40})\s?(?:点|dot|[(\[【]\s?(?:点|dot|\.)\s?[)\]】]|。)\s?(?P<tld>"
    + _HIDDEN_TLD
    + r")(?![a-z0-9])"
    r"|(?<![a-z0-9@.\-])(?P<name2>[a-z\-]{0,20}[0-9][a-z0-9\-]{1,20})\s{0,4}(?:\.\s{1,4}|\s\.|[:典])\s?(?P<tld2>com|net|cn|cc|top|vip)(?![a-z0-9])"
)
_TELEGRAM_LINK = re.compile(
    r"(?:https?:/{1,2})?(?<![a-z0-9])t(?:elegram)?\s?(?:[(\[【{<]\s?(?:\.|点|。|dot)\s?[)\]】}>]|\.|点|。|·|,|dot)\s?(?:me|dog)\s?(?:/|[(\[【]?斜[杠线][)\]】]?)\s?(?:s/|joinchat/)?(?P<name>\+?[a-z0-9_\-]{4,40})"
)
_TG_NAME = re.compile(r"(?<![a-z0-9._@\-/])@\s?(?P<name>[a-z][a-z0-9_]{4,31})(?![a-z0-9_]|\.[a-z]{2})")
_AT = re.compile(r"[@#]|at|艾特|圈a|小老鼠|\(a")
_TELEGRAM_APP = re.compile(r"(?<![a-z])tg://resolve\?domain=(?P<name>[a-z][a-z0-9_]{3,31})")
_WECHAT_LINK = re.compile(
    r"(?<![a-z])(?:weixin|wechat)://[a-z/]{0,40}[/?=](?:[a-z]{2,10}=)?(?P<name>[a-z][a-z0-9_\-]{4,19})(?![a-z0-9_/])"
)
_WECHAT_ID = re.compile(r"(?<![a-z0-9_])wxid_[a-z0-9]{6,22}(?![a-z0-9_])")  # the account's inner name
_WHATSAPP_LINK = re.compile(
    r"(?:https?:/{1,2})?(?:wa\s?(?:[.点。]|dot|\(dot\))\s?me\s?(?:/|斜杠)\s?|api\.whatsapp\.com/send/?\?phone=)\+?(?P<number>[0-9]{8,15})"
)
_LINE_LINK = re.compile(
    r"(?:https?:/{1,2})?line\s?(?:[(\[【]\s?(?:[.点。]|dot)\s?[)\]】]|[.点。]|dot)\s?me\s?(?:/|斜[杠线])\s?(?:r\s?(?:/|斜[杠线])\s?)?ti\s?(?:/|斜[杠线])\s?p\s?(?:/|斜[杠线])\s?[~@]?(?P<name>[a-z0-9._\-]{3,30})"
)
_TG_CONTEXT = re.compile(r"telegram|(?<![a-z])tg(?![a-z])|飞机|电报|t\.me|机器人|频道|✈|bot\b")
_ASKED = re.compile(r"[^\n。!@]{0,16}?(?:吗|没有?\b|呢|\?|同求|蹲|沾)")  # somebody is spoken to
_NOT_TG = re.compile(r"(?:(?:微博|weibo|小红书|抖音)(?:私信|关注|搜索?)?|转发|回复|感谢|//)[^\w@]{0,3}$")
# hosts that are named, not dialled
PUBLIC = re.compile(
    r"(?:^|\.)(?:gov|edu)(?:\.cn|\.hk)?$|^t\.me$|^(?:www\.)?(?:baidu|weibo|zhihu|qq|taobao|jd|163|sina|sohu|douyin|xiaohongshu|bilibili|google|youtube|twitter|x|instagram|facebook|tiktok|threads|wa|github|wikipedia|gmail|hotmail)\.(?:com|cn|org|com\.cn|me)$"
)


def has_hidden_tld(folded: str) -> bool:
    """Whether the end of an address that may hide its dots stands in a folded text: most have none and need no search."""
    return any(tld in folded for tld in _HIDDEN_TLDS)


def canonical_host(host: str) -> str:
    """A host without the ``www.`` before a name: the site answers with it and without, and both spellings must meet."""
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def find_addresses(folded: str) -> list[Candidate]:
    """E-mail, web and Telegram addresses in a folded text, in no order, overlapping ones left in."""
    found: list[Candidate] = []
    for match in EMAIL.finditer(folded) if _AT.search(folded) else ():
        host = re.sub(r"\s?[(\[{【<]?(?:dot|点|[。·]|(?<=[(\[{【<])\.)[)\]}】>]?\s?|\s+\.\s+", ".", match.group("host"))
        before = folded[max(0, match.start() - 12) : match.start()]
        if re.match(r"\sat\s", folded[match.end("user") :]) and not (
            re.search(rf"[0-9_.]|{NUMERAL}", match["user"])
            or re.search("dot|点", match["host"])
            or re.search("mail|邮", before)
        ):
            continue
        user = match["user"].translate(IN_DIGITS)  # 五二八…@qq.com
        plain = match.group() == f"{user}@{host}"
        found.append(
            Candidate(
                *match.span(),
                ContactKind.EMAIL,
                f"{user}@{host}",
                0.97 if plain else 0.85,
                ("address",) if plain else ("address", "disguised"),
            )
        )
    for match in _TELEGRAM_LINK.finditer(folded):
        found.append(Candidate(*match.span(), ContactKind.TELEGRAM, match.group("name"), 0.98, ("telegram link",)))
    for match in _TELEGRAM_APP.finditer(folded):
        found.append(Candidate(*match.span(), ContactKind.TELEGRAM, match.group("name"), 0.98, ("telegram link",)))
    for match in _WECHAT_LINK.finditer(folded):
        found.append(Candidate(*match.span(), ContactKind.WECHAT, match.group("name"), 0.97, ("wechat link",)))
    for match in _WECHAT_ID.finditer(folded) if "wxid_" in folded else ():
        found.append(Candidate(*match.span(), ContactKind.WECHAT, match.group(), 0.95, ("wechat link",)))
    for match in _WHATSAPP_LINK.finditer(folded):
        found.append(Candidate(*match.span(), ContactKind.WHATSAPP, match.group("number"), 0.98, ("whatsapp link",)))
    for match in _LINE_LINK.finditer(folded) if "line" in folded else ():
        found.append(Candidate(*match.span(), ContactKind.LINE, match.group("name"), 0.97, ("line link",)))
    found += _names(folded)
    found += _web(folded)
    return found


def _names(folded: str) -> list[Candidate]:
    found = []
    for match in _TG_NAME.finditer(folded) if "@" in folded else ():
        name = match.group("name")
        if _NOT_TG.search(folded, max(0, match.start() - 8), match.start()):
            continue
        sure = _TG_CONTEXT.search(folded, max(0, match.start() - 60), min(len(folded), match.end() + 20))
        asked = not sure and _ASKED.match(folded, match.end())
        confidence = 0.9 if sure else 0.6 if re.search(r"[0-9_]", name) and not asked else 0.4
        found.append(Candidate(*match.span(), ContactKind.TELEGRAM, name, confidence, ("@name",)))
    return found


def _web(folded: str) -> list[Candidate]:
    found = []
    for match in URL.finditer(folded) if "." in folded else ():
        host = match.group("host").strip(".")
        if PUBLIC.search(host) or (not match.group("scheme") and re.fullmatch(r"[0-9.]+", host)):
            continue
        path = (match.group("path") or "").rstrip(".,;:!?'*/")
        end = (
            match.start("host")
            + len(match.group("host"))
            + len(match.group("port") or "")
            + len((match.group("path") or "").rstrip(".,;:!?'*"))
        )
        found.append(
            Candidate(
                match.start(),
                end,
                ContactKind.URL,
                canonical_host(host) + (match.group("port") or "") + path,
                0.95 if match.group("scheme") else 0.85,
                ("address",),
            )
        )
    for match in _HIDDEN_URL.finditer(folded) if has_hidden_tld(folded) else ():
        name, tld = match["name"] or match["name2"], match["tld"] or match["tld2"]
        host = f"{''.join(DIGIT_OF[c] if c > 'z' else c for c in name)}.{tld}"
        if (not PUBLIC.search(host) and not name.isdigit()) or re.search(
            r"点(?:com|cc|top|vip|net|cn)$", match.group()
        ):
            found.append(Candidate(*match.span(), ContactKind.URL, host, 0.75, ("address", "disguised")))
    return found
