"""Accounts that a text says are in use no more: 老号 zq0old, zq0old 已停用, 原来的 138... 停机了, X 请勿再加."""

from __future__ import annotations

import re

from core.types import ContactKind
from text.contacts.candidate import Candidate

_ACCOUNT = (
    r"(?:微信|[薇徽溦威]信?|v信|vx|wx|qq|扣扣|企鹅|tg|飞机|电报|line|whatsapp|wechat|电话|手机(?=号)|账|帐|邮箱|网址|网站|域名|频道)(?:号码?|群)?|"
    r"号码?|(?<![a-z])v号?|群号?|站"
)
_WHEN = (
    r"(?:[0-9]{1,4}|[一二三四五六七八九十两几半])个?(?:年|月|日|号|天|周|星期|小时)(?:[前后初底中]|以前|之前)?|[昨前今]天|[昨今]日|[去前今]年|[上这本]个?(?:月|周|星期)|"
    r"最近|近[期日]|日前|刚刚?|年[初底]"
)
_ADVERB = r"已经?|早就?|也|都|均|全部?|就|又|于|在|因故?|现在?|目前|暂时?|正式|永久|彻底|不小心|基本|再|是|了|被?(?:平台|腾讯|系统|官方|人)"
_THIS = r"(?:这|那|该|此|本|上述|以上)(?:个|两个|几个)?(?:号码?|账号|帐号|微信|电话|手机|qq|群)?|的"
_GONE = (
    r"停用|停机|停号|销号|注销|弃用|废弃|作废|废了|失效|关停|解散|关闭|关站|停止使用|暂停使用|欠费|空号|过户(?!费|手续)|易主|被回收|丢失|丢了|被盗|炸了|登不上|(?:别人|他人|其他人|陌生人)(?:在用|在使用|用了|用着)|"
    r"(?:被|给)(?:平台|腾讯|系统|人)?(?:封|冻结|限制)(?:掉|号|禁|停)?|封了|封号了|封掉|不(?:用|能用|使用|再用|再使用|登)了|不再(?:使用|用|启用)|停了"
)
# what happens to it some day is not said of it now: 被封之前, 停用后
_NOT_YET = r"(?!了?(?:之?[前后时]|以[前后]|的?话|[就再才][加找用换]|[吗么?]|过(?!户)|时[间段]|不了|怕|微?信?支付|营业|执照|评论|私信|抖音|快手|小红书|微博|旧|老|原|其他|别的|朋友圈))"
_STATE = re.compile(
    rf"(?:(?:{_THIS}|{_ACCOUNT}|我们?|本人|{_WHEN}|{_ADVERB})\s?){{0,8}}(?:{_GONE}){_NOT_YET}"
    rf"|[^\w\n]{{1,3}}(?:(?:{_THIS}|{_WHEN}|{_ADVERB})(?:我们?|本人)?\s?){{1,8}}(?:{_GONE}){_NOT_YET}"
    rf"|[^\w\n]{{1,3}}(?:{_GONE}){_NOT_YET}(?<!不用了)(?:(?<=[了掉])|(?=[^\w]|$|[了掉请勿别如改新加]|[好很挺][久多]|(?:快|有|都)?[一二两三半几多][个]?[年月]))"
)
_LISTED = re.compile(r"(?:\s?[、,/和跟与及]\s?[a-z0-9_\-]{5,20}){1,3}\s?(?=[都均全两]|这[两几])")
_REPLACED = re.compile(
    r"[^\w\n]{0,2}(?:现?已经?)?(?:换成|换为|改成|改为|改用|更换为|更改为|变更为)了?[^\w\n]{0,2}新?(?:号码?|微信|电话)?[^\w\n]{0,2}(?:[a-z_][a-z0-9_\-]{4}|[0-9]{5})"
)
# nobody is to use it: the clause ends there, or it is no ban (别加错, 不要加价, 别打电话加微)
_NOT = r"(?:请勿|切勿|勿|请?不要|请?别|莫)(?:再|继续)?"
_CLAUSE = r"(?:了|它|这个|我|好友)?(?=[^\w]|$)"
_TO = r"(?:(?:大家|各位|姐妹们?|亲们?|千万|请|以后|都|再|[这那该此]个?号?)\s?){0,4}"
_OTHERS = r"(?:不(?:提供|办理|受理|接待|负责|开展)[一-鿿]{1,10}[^\w\n]{0,2})?"
_BANNED = re.compile(
    rf"[^\w\n]{{0,3}}{_TO}{_NOT}(?:添?加(?!好友)|添加|相信|转账){_CLAUSE}|[^\w\n]{{0,3}}{_OTHERS}{_TO}{_NOT}(?:联系|加)(?:了|此号|该号)?(?=[^\w]|$)"
)
_BANNED_CALL = re.compile(
    rf"[^\w\n]{{0,3}}(?:均|都)?{_OTHERS}{_TO}{_NOT}(?:拨打|来电|致电|拨|打了){_CLAUSE}(?![^\n]{{0,6}}(?:短信|信息|文字))"
)
_ENDED = "(?:已?经?(?:停用|停机|作废|注销|废弃|弃用|失效))"
_OLD = re.compile(
    rf"(?:(?<!年)老|旧|原先?|原来(?=[的那])|原先|以前|之前|从前|过去|早先|前面?那个)(?:的|那个|这个|用的|那)?(?:{_ACCOUNT})?(?<![老原旧])(?<!以前)(?<!之前)(?<!从前)(?<!过去)(?<!原先)"
    r"[^\w\n)\]】,;、。!?]{0,3}(?:就?是|为|叫)?[^\w\n)\]】,;、。!?]{0,3}$"
    r"|(?<![a-z])(?:old|former|previous)\s(?:wechat|whatsapp|line|telegram|tg|wx|qq|phone|number|tel|mobile|account|id)(?:\s(?:id|number|account))?(?:\s(?:is|was))?[^\w\n)\],;]{0,3}$"
)
# the same behind it: zq0old（旧号）, 138... 是以前的号
_OLD_BEHIND = re.compile(
    rf"[^\w\n]{{0,2}}[(\[【]\s?(?:这?是)?(?:我的?)?(?:老|旧|原|以前的?|之前的?|old)\s?(?:{_ACCOUNT}|的|number)?\s?[)\]】]"
    rf"|\s?(?:这?个?是)?(?:我们?的?)?(?:老|旧|以前的|之前的)(?:{_ACCOUNT})(?=[^\w\n]{{1,2}}(?:[a-z_][a-z0-9_\-]{{4}}|[0-9]{{5}}|[现新]))"
    r"|\s?[(,]?\s?(?:(?:old|former)\s(?:number|id|account)|(?:is|was|has\sbeen)?\s?(?:now\s)?(?:dead|closed|disabled|deactivated|banned|out\sof\s(?:use|service)|no\slonger\s(?:in\suse|used|works|working|active)))(?![a-z])"
)
# the same as a sentence: 138... 是我以前的号,停机好久了
_WAS = re.compile(
    rf"[^\w\n]?(?:这个?|那个?)?是(?:我们?|[她他]|本人)?的?(?:以前|之前|从前|过去|原来|早先|旧|大学时?|上学时?)用?的?(?:那个|旧)?(?:{_ACCOUNT})(?=[^\w\n]|$)"
)
# 被封的微信 zq0old, 停用账号: zq0old; and 别再加 zq0old, 勿拨打 138...
_GONE_BEFORE = re.compile(rf"(?:(?:被封|封掉|{_ENDED})的|{_ENDED})(?:那个|这个)?(?:{_ACCOUNT}){{1,2}}[^\w\n]{{0,3}}$")
_BANNED_BEFORE = re.compile(rf"{_NOT}(?:添?加|联系|相信|理|信)(?:那个|这个|此)?(?:{_ACCOUNT}){{0,2}}[^\w\n]{{0,2}}$")
_BANNED_CALL_BEFORE = re.compile(rf"{_NOT}(?:拨打|打|拨|致电)(?:那个|这个|此)?(?:电话|号码?){{0,2}}[^\w\n]{{0,2}}$")
_KEPT = re.compile(
    r"老(?:地方|规矩|样子|价格)[^\w\n]?$|(?:还是|仍是|依旧|依然|用回|换回|恢复|回到|继续用|[收售卖买租求]|不是)(?:我们?|用|的|几个|大量|各种)?$"
)
_STILL = re.compile(
    r"[^\w\n]{0,3}(?:[一-鿿]{0,4}?)(?:还能|还[会用]|还在|还可|仍|照[常旧样]|[也都]能|[也都]可以?|可以|继续|没封|正常|不变|依然|长期|通用|保留)"
)
_SUPPOSED = re.compile(r"(?:如果|万一|若是?|要是|假如|一旦|哪天|就怕)[^\n。,;!?]{0,14}$")
_BEFORE, _BEHIND = 20, 48


def is_retired(folded: str, c: Candidate) -> bool:
    """Whether the words right before or behind a candidate say that this account is one that is no longer used or not to be used."""
    before = folded[max(0, c.start - _BEFORE) : c.start].rpartition("\n")[2]
    old = _OLD.search(before)
    if old and not _KEPT.search(before[: old.start()]) and not _STILL.match(folded, c.end):
        return True
    banned = _BANNED_CALL_BEFORE if c.kind is ContactKind.PHONE else _BANNED_BEFORE
    if _GONE_BEFORE.search(before) or banned.search(before):
        return True
    behind = folded[c.end : c.end + _BEHIND].partition("\n")[0]
    listed = _LISTED.match(behind)
    at = listed.end() if listed else 0
    if _STATE.match(behind, at):
        return not _SUPPOSED.search(before)
    was = _WAS.match(behind)
    if was and not _STILL.match(behind, was.end()):
        return not _SUPPOSED.search(before)
    if _OLD_BEHIND.match(behind) or _REPLACED.match(behind, at) or _BANNED.match(behind, at):
        return True
    return c.kind is ContactKind.PHONE and bool(_BANNED_CALL.match(behind, at))
