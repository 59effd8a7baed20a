"""The name under which a post stands, where its words say that this is the messenger's name as well: 作者:zq0sister ... 作者名就是绿泡泡."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.types import ContactKind
from text.contacts.candidate import Candidate
from text.contacts.names import IN_NOTE

_NAMES = "作者名?|昵称|网名|用户名|名字|(?<![a-z])id|发布[人者]名?|发帖人名?|博主名|楼主名"
_NAME = re.compile(
    r"(?=[作发回楼博u用昵网i])(?:作者名?|发布[人者]|发帖人|发表[人者]|回答者|楼主|博主|up主|用户名?|昵称|网名|(?<![a-z])id)\s?[:]\s?@?(?:[一-鿿]{1,8}[_\-·. ]?)?"
    r"(?P<id>[a-z][a-z0-9_\-]{5,19})(?![a-z0-9_@.\-])"
)
_SERVICES = {
    ContactKind.WECHAT: IN_NOTE[ContactKind.WECHAT].pattern,
    ContactKind.TELEGRAM: "(?<![a-z])(?:tg|telegram)(?![a-z])|纸?飞机|电报",
}
# what the name of a service may be a part of
_NOT_ID = r"(?!信|号?[里上]?(?:[吗么]|群|公众|朋友圈|文章|平台|昵称|头像|登[录陆]|授权|名|读书|小程序|支付|客户|用户|[一-鿿]{0,2}[发看转]))"
_END = r"(?![^\w\n]{0,3}[a-z0-9@])"
_SAID = tuple(
    (
        kind,
        re.compile(
            rf"(?:{_NAMES}|[那这]一?[串个](?:字母|数字|英文|拼音)[一-鿿]{{0,4}}?)(?:[一-鿿]{{0,4}}?(?:就?是|即|同|当)|\s?=|[一-鿿]{{0,4}}?复制[到去]|[一-鿿]{{0,4}}?[到去]|直接搜?)\s?(?:我的?)?(?:{service}){_NOT_ID}{_END}"
            rf"|(?:{service})号?[里上]?\s?(?:就?是|直?接?搜索?|=|同|加)\s?(?:我的?|这个|上面的?)?(?:{_NAMES})(?![一-鿿]?\s?:|[^\w\n]{{0,3}}[a-z0-9@])"
        ),
    )
    for kind, service in _SERVICES.items()
)


def find_authors(folded: str) -> Iterator[Candidate]:
    """The names in a folded text that stand as its author's and are said to be those of a messenger, in no order."""
    named = list(_NAME.finditer(folded)) if ":" in folded else []
    for kind, said in _SAID if named else ():
        if said.search(folded):
            for match in named:
                yield Candidate(*match.span("id"), kind, match["id"], 0.86, ("author's name",))
