"""What makes a handle or number no contact of the text's own act: another platform's account, a code, a person who is addressed, a footer,
an office's line, an account that is used no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.types import ContactKind
from text.contacts.candidate import DOUBTED, Candidate
from text.contacts.offices import is_office_line
from text.contacts.reading import is_reversed
from text.contacts.retired import is_retired

# rules that guess a WeChat or Telegram name where no label says so
_GUESSED = {"verb", "colon", "last word of a line", "@name"}
_PLATFORM = (
    "抖音|快手|小红书|红书|b站|up主|哔哩哔哩|微博|weibo|淘宝|闲鱼|拼多多|百度|贴吧|知乎|头条|支付宝|西瓜|豆瓣|推特|油管|脸书|视频号|直播间?|美团|大众点评|京东|"
    r"(?<![a-z])(?:ins|ig|insta|instagram|twitter|fb|facebook|youtube|tiktok|steam|github|signal|viber|kakao|messenger|x|x\.com|threads|soul|discord|skype|switch|psn|wifi)"
)
_OTHER = re.compile(
    rf"(?:(?:{_PLATFORM})(?:号|id|账号|帐号|搜索?|频道|主页|店铺?|关注|同名|名)*|密码|口令|优惠码|邀请码|验证码|预约码|兑换码|取件码|提货码|推荐码|激活码|提取码|识别码|编码|代码|"
    r"检查号|住院号|门诊号|病历号|会员号|批件号?|注册号|备案号|登记号|受理号|许可证号?|证书号?|合同号?|样本号?|样品号?|货号|型号|编号|单号|文号|批号|版本号?|序列号|"
    r"用户名?|昵称|网名|楼主|作者|编辑|记者|发布[者人]|发[帖表]人|贡献者|回答者|提问者|审核|校对|来源|署名|游戏(?:id|名|号)?|王者(?:荣耀)?(?:id)?|吃鸡|角色|课程|店铺|车牌|航班|车次|封面|文件名?|图片|水印|ssid|变量|函数|import|def|class|字段|参数|脚本|路径|目录)"
    r"(?:号|id|搜索?|名)?(?:是|为|叫)?[^\w]{0,3}$"
)
_MENTION_BEFORE = re.compile(
    r"(?:回复|感谢|谢谢|多谢|转发|转自|来自|问问|艾特|同问|恭喜|抱抱|[/／]{2}|楼上的?|姐妹们?|via|by|cc)\s{0,2}$"
)
_MENTION_AFTER = re.compile(
    r"\s{0,3}[:,]?\s?(?:你|您|问|妳|姐妹|亲|宝|请问|谢|感谢|多谢|看|快来|快看|求|出来|的(?:分享|帖|回复|笔记|经验|贴)|说|我也|同问|怎么|什么|一起|哈哈)"
)
# what only a site's footer says, and what one says among other things
_FOOTER = re.compile(
    r"版权(?:所有|声明|问题|归)|copyright|©|不良[^\n]{0,8}信息|侵权|技术支持|网站(?:合作|管理|建设|制作|备案|维护|地图)|icp备|icp证|公网安备|未成年人(?:举报|保护)"
)
_SITE = re.compile(
    r"站长|本站|举报(?:电话|邮箱|热线|中心|投诉|方式|qq|信箱)|网站客服|友情链接|法律顾问|编辑部|媒体合作|商务合作|联系我们"
)
_KEEPER = re.compile(r"(?:站长|站务|网管|网站管理员?|webmaster)(?:的?(?:邮箱|邮件|信箱|e-?mail))?[^\w\n]{0,3}$")
# who keeps a site and how to reach him: 论坛管理员电话, 纠错请联系QQ
_MANAGER = re.compile(
    r"(?:(?:论坛|网站|本站|站点|社区|站务|本刊|杂志社?|报社)[^\n。!?]{0,8}(?:管理员|管理组|编辑部?|站务组?|运营方|运维)|纠错|站务|版务)(?:请|可|找|联系|发|致|至|到|[^\w\n])*(?:(?:的?(?:电话|手机|微信|邮箱|信箱|热线|联系方式)|qq|q|扣扣|企鹅|wx|vx|tel|e-?mail)?(?:交流|反馈)?群?号?)?[^\w\n]{0,3}$"
)
# the keeper of a forum, in a sentence on its faults and accounts
_FORUM_KEEPER = re.compile(
    r"(?:管理员|版主|坛主|站长|网管|运维|技术(?:员|支持|客服)?|维护人员|超管)的?\s?(?:qq|q|扣扣|企鹅|微信|薇信?|wx|vx|电话|手机|邮箱|信箱)(?:交流|反馈)?群?号?[^\w\n]{0,3}$"
)
_FAULT = re.compile(
    r"故障|找回|密码|[登打上]不[上开了]|无法(?:登[录陆]|打开|访问|注册|发[帖言])|登[录陆]异常|申诉|解封|[账帐]号[^\n。!?]{0,2}误封|误删|(?<![被总])删帖|版务|版规|发帖|bug|服务器|注册(?:失败|不了|账号|问题|审核)|[账帐]号(?:问题|异常|被盗|申诉|注销|安全)"
)
_RECORD = re.compile(r"icp备|icp证|公网安备|版权所有|copyright|©|all rights reserved|网站地图")
_VIDEO = re.compile(r"bv1[a-z0-9]{9}|(?:av|cv)[0-9]{5,}")
# the address of what a text was taken from: (来源:每日新闻网 https://...); a laboratory's own is no source
_SOURCE = re.compile(
    r"(?<![货客资])(?:来源|出处|[转摘]自|转载自?|原载于?|稿源|编译自|引自|首发于?)(?:网站|网址|链接|地址)?(?:于|是|为)?\s?[:(]?\s?(?:(?!检测|中心|基因|化验|实验|公司|诊所|咨询|顾问)[^\n。,;!?]){0,24}$"
)
# one half of a handle, of which the other stands nowhere
_HALF = re.compile(r"(?:尾巴|[前后上下]半[截段部]?|[前后上下]一半|后缀|前缀)[^\w\n]{0,2}(?:就?是|为)?[^\w\n]{0,3}_?$")
_JOINED = {"halves", "joined", "told in words", "numbered pieces", "brackets"}
_HANDLES = {ContactKind.WECHAT, ContactKind.TELEGRAM, ContactKind.LINE}
_AROUND = 60
_WINDOW = 26


def guarded(folded: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """``candidates`` with those in doubt that the words around them give to somebody or something else."""
    for c in candidates:
        if c.confidence > DOUBTED and _other(folded, c):
            yield replace(c, confidence=DOUBTED)
        else:
            yield c


def _other(folded: str, c: Candidate) -> bool:
    before = folded[max(0, c.start - _WINDOW) : c.start]
    line = before.rpartition("\n")[2]
    if c.kind is ContactKind.URL and _SOURCE.search(line):
        return True
    if c.rules[0] in _GUESSED:
        if (
            _VIDEO.fullmatch(c.canonical)
            or _OTHER.search(line)
            or ("reversed" not in c.rules and is_reversed(folded, c.start, c.end))
        ):
            return True
        if c.rules[0] == "@name" and (_MENTION_BEFORE.search(line) or _is_addressed(folded, c)):
            return True
    if c.kind in _HANDLES and not _JOINED & set(c.rules) and not c.canonical.isdigit() and _HALF.search(line):
        return True
    if _FOOTER.search(line) or _MANAGER.search(line) or (c.kind is ContactKind.EMAIL and _is_webmaster(folded, c)):
        return True
    if is_office_line(folded, c) or is_retired(folded, c) or _is_keeper(folded, c, line):
        return True
    return bool(_SITE.search(line) and _FOOTER.search(folded, max(0, c.start - _AROUND), c.end + _AROUND))


def _is_webmaster(folded: str, c: Candidate) -> bool:
    """Whether an e-mail is that of the site: in the line of its footer, or named as its keeper's."""
    before = folded[max(0, c.start - _AROUND) : c.start].rpartition("\n")[2]
    behind = folded[c.end : c.end + _AROUND].partition("\n")[0]
    keeper = _KEEPER.search(before) or re.match(
        r"(?:web|post|host)master@|no-?reply@|abuse@|jubao[a-z0-9_.]*@", c.canonical
    )
    return bool(keeper or _FOOTER.search(before) or _RECORD.search(behind))


def _is_keeper(folded: str, c: Candidate, line: str) -> bool:
    """Whether a candidate is the keeper's of a forum, named in a sentence on its faults or accounts."""
    if not _FORUM_KEEPER.search(line):
        return False
    sentence = re.split(r"[\n。!]", folded[max(0, c.start - _AROUND) : c.start])[-1]
    return bool(_FAULT.search(sentence) or _FAULT.search(re.split(r"[\n。!?]", folded[c.end : c.end + _WINDOW])[0]))


def _is_addressed(folded: str, c: Candidate) -> bool:
    """Whether the text speaks to the one it names: @zq0_mama 你家出结果没."""
    return bool(_MENTION_AFTER.match(folded, c.end))
