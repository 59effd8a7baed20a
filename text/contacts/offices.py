"""The lines of offices, hospitals and newspapers that a text gives beside what it says: 举报电话, 新闻热线, 卫生署热线, 记者从 ... 获悉 ... 总机."""

from __future__ import annotations

import re

from core.types import ContactKind
from text.contacts.candidate import Candidate

_AUTHORITY = (
    r"卫健[委局]|卫计[委局]|卫生健康[委局](?:员会)?|卫生计生[委局]|[卫衛衞]生[局厅署]|计生[办委局]|医管局|医保局|药监局|疾控(?:中心)?|卫生监督(?:所|局|机构)|监督所|"
    r"公安(?:[局厅]|机关|分局)?|警[方署务](?:处)?|派出所|国安|国家安全(?:机关|局|部)|市场监(?:管|督管理)局|市监局|消委会|消费者(?:委员会|协会)|消协|反诈中心|法律援助(?:中心)?|司法局|民政局|海关|检察院|法院|纪委|信访局|妇联|政府|(?<![布格结])[署局]方(?![面向式案法])|(?<![a-z一-鿿])当局"
)
_ENDS = r"[^\w\n]{0,3}$"
_LINE = rf"(?:(?:举报|投诉|监督|值班|咨询|服务|报料|爆料|求助|救助|急救|预约|门诊|公开|联系|办公|查询)[一-鿿]{{0,4}}(?:电话|热线|专线|号码)|总机|值班[室台]?|服务台|分机|热线){_ENDS}"
_OFFICE = re.compile(_LINE)
_BODY = rf"{_AUTHORITY}|院方|医院|保健院"
_NEWS = re.compile(
    rf"(?:本报|本台|日报|晚报|时报)[^\n。,]{{0,8}}讯|讯[(](?:本报|通讯员|记者)|记者[^\n。]{{0,16}}获悉|据[一-鿿]{{0,10}}(?:{_BODY})(?:通报|介绍|消息|公告)"
)
_PUBLISHED = re.compile(
    rf"(?:{_BODY})(?:[昨今]日|近日|日前)?(?:还|并|同时|已|对外|向社会)?(?:公布|公开)了?的?[一-鿿]{{0,6}}{_LINE}"
)
_SERVICE = re.compile(r"0[0-9]{9,11}|[48]00[0-9]{7}")
_REPORTED = 100  # how far in front of a number the news may be announced
# lines that are for reports and never for an advert's customers, with the numbers that are listed before this one
_LISTED = r"(?:[(]?[0-9][0-9\-() ]{2,14}\s?(?:[、,/;]|或者?|和|及|以及)\s?){0,3}"
_PURPOSE = r"(?<![别勿不被])(?<!不要)(?:举报|检举|报料|爆料|新闻(?=热线)|线索(?:征集|举报|提供)?[,:]?|(?:本|[日晚早时])报(?=热线)|(?:电视台|报社|栏目组?|记者|编辑部)(?=热线|电话|邮箱))"
_REPORTING = re.compile(
    rf"{_PURPOSE}(?:[、和及/]?(?:投诉|受理|咨询|监督|服务|奖励|线索|中心|机构|网络|专用|有奖|的|官方|24小时|方式|途径|渠道)){{0,3}}(?:[^\w\n]?(?:1[^\w\n]|①)?)?(?:电话|热线|专线|号码|平台|网站|网址|入口|邮箱|邮件|信箱|电邮|e-?mail|微信|qq){{1,2}}(?:号码?|地址|群)?(?:为|是|有|[(][^()\n]{{1,12}}[)])?[^\w\n]{{0,3}}{_LISTED}$"
)
# an authority's own line: 卫生署热线, 市卫健委咨询电话
_OWN_LINE = re.compile(
    rf"(?:{_AUTHORITY})(?:的|官方|健康|卫生|妇幼|政务|统一|对外|公共|24小时|[、和及]|[(][^()\n]{{1,8}}[)])*(?:(?!认[可证]|指定|批准|注册|授权|备案|特许|核准|合作)[一-鿿]{{2,6}}(?:[科处股司队]|(?<![验诊])室))?(?:举报|投诉|监督|值班|咨询|服务|查询|办公|公开|联系|健康|求助|受理|报警|维权)*(?:电话|热线|专线|号码|总机|值班室)[^\w\n]{{0,3}}{_LISTED}$"
)
_NAMED = re.compile(rf"(?:{_AUTHORITY}){_ENDS}")
_WATCHED = re.compile(rf"(?:监督|受理)[一-鿿]{{0,4}}(?:电话|热线|专线){_ENDS}")
_NOTICE = re.compile(_AUTHORITY)
_CALLED = re.compile(rf"(?:拨打|致电|打|拨)[^\w\n]{{0,2}}{_LISTED}$")
_VISITED = re.compile(r"(?:上|登[录陆]|访问|通过|进入|[到去])[^\w\n]{0,2}$")
_TO_REPORT = re.compile(r"[^\w\n]{0,2}(?:进行|来|向)?(?:实名|匿名)?(?:举报|检举|报料)(?![我者必])")
_MAIL = re.compile(r"(?:邮箱|信箱|邮件|电邮|e-?mail|网站|网址|平台)[^\w\n]{0,3}$")
_BESIDE = re.compile(
    rf"{_PURPOSE}(?:投诉|受理|奖励)?(?:电话|热线|专线|平台|方式|途径|渠道)"
)  # 举报电话: ...; 邮箱: ...
# 向公安局举报,电话: ...
_TOLD_TO = re.compile(rf"向[^\n。!?]{{0,6}}(?:{_AUTHORITY})[^\n。!?]{{0,10}}举报,?(?:联系)?(?:电话|热线){_ENDS}")
_SIGNED = re.compile(rf"[^\w\n]{{0,2}}[(][^()\n]{{0,6}}(?:{_AUTHORITY})")
# the telephone in an editor's or publisher's line: 责任编辑:周某 ..., 电话010-...; and beside the address for reports
_TEL = r"(?:电话|热线|传真|联系方式|tel|手机)(?:号码?)?(?:/传真)?[^\w\n]{0,3}$"
_EDITOR = re.compile(
    rf"(?:(?:责任|执行|特约|特邀|文字|美术|本文|本期|本刊|值班)编辑|责编|编审|主编(?=[:\s])|出版(?:者|社|单位)?(?=[:,、]|地址)|(?:出版|发行)(?:单位|部|者)|编辑部|期刊社|杂志社|投稿(?:邮箱|信箱|方式)|作者单位)[^\n]{{0,56}}?{_TEL}"
)
_MAIL_BESIDE = re.compile(
    rf"{_PURPOSE}(?:投诉|受理|奖励)?(?:邮箱|邮件|信箱|电邮|e-?mail|网址|网站|平台)(?:为|是)?[^\w\n]{{0,3}}[a-z0-9@._:/\-]{{5,40}}[^\w\n]{{0,3}}{_TEL}"
)
_AT = 60
_ANSWERED = {ContactKind.PHONE, ContactKind.URL, ContactKind.EMAIL}
_MESSENGERS = {ContactKind.QQ, ContactKind.WECHAT}
_MESSENGER_LINE = re.compile(r"(?:微信|qq)(?:号码?|群)?[^\w\n]{0,3}$")


def is_office_line(folded: str, c: Candidate) -> bool:
    """Whether a candidate is a line for reports or the own line of an authority, or one that news gives for an office or a hospital.

    A private clinic's or laboratory's 咨询电话 and a hospital's 总机 in its own notice are neither.
    """
    line = folded[max(0, c.start - _AT) : c.start].rpartition("\n")[2]
    if c.kind in _MESSENGERS:
        return bool(_MESSENGER_LINE.search(line) and _REPORTING.search(line))
    if c.kind not in _ANSWERED:
        return False
    if _REPORTING.search(line) or (c.kind is not ContactKind.PHONE and _MAIL.search(line) and _BESIDE.search(line)):
        return True
    if c.kind is ContactKind.URL:
        return bool(_VISITED.search(line) and _TO_REPORT.match(folded, c.end))
    return c.kind is ContactKind.PHONE and _is_of_office(folded, c, line)


def _is_of_office(folded: str, c: Candidate, line: str) -> bool:
    if _OWN_LINE.search(line) or _TOLD_TO.search(line) or _EDITOR.search(line) or _MAIL_BESIDE.search(line):
        return True
    if not _SERVICE.fullmatch(c.canonical):
        return False
    if (
        _NAMED.search(line)
        or _SIGNED.match(folded, c.end)
        or (_CALLED.search(line) and _TO_REPORT.match(folded, c.end))
    ):
        return True
    if not _OFFICE.search(line):
        return False
    before = max(0, c.start - _REPORTED)
    if _WATCHED.search(line) and _NOTICE.search(folded, before, c.start):
        return True
    return bool(_PUBLISHED.search(line) or _NEWS.search(folded, before, c.start))
