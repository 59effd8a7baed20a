"""What says of a following sign that it is a contact: names of services, their homophones, emoji and abbreviations.

``strong`` labels mean the service wherever they stand; ``weak`` ones are ordinary words or single letters as well, and count
only with a made-up handle or a number right behind them. All patterns match folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.types import ContactKind


@dataclass(frozen=True, slots=True)
class Label:
    """One way to name a service."""

    kind: ContactKind
    strong: bool
    pattern: re.Pattern[str]


_HEART = "❤♥♡❥🧡💛💚💙💜🖤🤍🤎💗💓💕💖💘💝💞💟"
_WEI = "微薇徽溦葳崴嶶癓"  # homophones of 微 that mean nothing before 信
_NOT_LATIN = r"(?<![a-z0-9_.@/])"
_ADD = "加佳嘉珈伽茄咖+➕家架"
_TABLE = (
    (ContactKind.WECHAT, True,
     rf"[{_WEI}维围威卫v]\s?[{_HEART}]{{1,3}}\s?信?|[{_WEI}]\s?-?(?:[信芯讯伈杺]|x(?![a-z]))|[维围韦][信芯]|威[芯伈杺]|(?<![a-z])w\s?e\s?i(?=\s?:)|(?<![a-z])v\s?[信芯]|{_NOT_LATIN}[vw]\s?[.·\-]?\s?[x✘✖❌×](?![a-z]{{3}})|"
     rf"{_NOT_LATIN}wei\s?[{_HEART}]{{1,3}}|{_NOT_LATIN}(?:weixin|wei\s?xin|wechat|we\s?chat)(?:\s?id)?|微\s?xin(?![a-z])|wei\s?信|绿泡泡?|(?:🟢|💚|绿色?)的?\s?(?:聊天)?(?:软件|app|泡泡|图标|聊天)|小绿泡|"
     rf"{_NOT_LATIN}(?:w\se\si\sx\si\sn|w\se\sc\sh\sa\st)(?![a-z])|{_NOT_LATIN}w\s?[{_HEART}信]|[微薇]\s?号|[{_WEI}]\s信|威\s?(?:信|❤)号|[{_ADD}](?:个|一下|下|我的?)?(?:威信|卫星|微星|唯心|维心|微心)"),
    (ContactKind.WECHAT, False,
     rf"威信|卫星|微星|微心|唯心|v心|绿标|小绿(?!书|植|点|洲)|(?<![蔷紫采])薇|(?<![安])徽|溦|葳|崴|(?<![示权发声助])威|(?<![轻稍略些])微|卫|[{_ADD}]\s?芯|"
     rf"{_NOT_LATIN}v(?![a-z]?\s?\d?\.\d)|{_NOT_LATIN}w(?=[:+号同]|\s(?!h\sa)|1[3-9])|🛰|💚(?=\s?[:：a-z])|小号|个人号|工作号|私人号|客服号|助理号|同微"),
    (ContactKind.QQ, True, rf"(?:{_NOT_LATIN}|(?<=\.com)|(?<=\.net)|(?<=\.top)|(?<=\.cc))q\s?q(?:号码?|群|咨询|客服)?(?!音乐|空间|钻|飞车|邮箱|浏览器)|[扣抠叩蔻寇]\s?[扣抠叩蔻寇]|{_NOT_LATIN}(?:kou\s?kou|qiu\s?qiu)(?![a-z])|[球丘邱]{{2}}号?|企鹅号|企\s?鹅[群裙]?|[扣q]裙|(?:进|加|入)[群裙](?=\s?[:：]?\s?[1-9])|🐧|秋秋号?|q号|q群|扣群|裙号|群号"),
    (ContactKind.QQ, False, rf"{_NOT_LATIN}q(?![a-z])|扣|抠"),
    (ContactKind.TELEGRAM, True, rf"{_NOT_LATIN}(?:telegram|telegra|telgram|tele(?=[\s:@]))|纸飞机|{_NOT_LATIN}(?:fei\s?ji|dian\s?bao|t\se\sl\se\sg\sr\sa\sm)(?![a-z])|电报群?|土豆号|✈|🛩|🛫"),
    (ContactKind.TELEGRAM, False, rf"{_NOT_LATIN}tg(?![a-z])号?|飞机号?"),
    (ContactKind.WHATSAPP, True, rf"{_NOT_LATIN}(?:what'?\s?s?\s?apps?|w\sh\sa\st\ss\sa\sp\sp(?![a-z]))|{_NOT_LATIN}whats(?=[\s:+])|{_NOT_LATIN}wh?at?s?\s?ap+s?|{_NOT_LATIN}wts?ap+|{_NOT_LATIN}w\s?app|瓦次艾?普?|沃茨阿?普?"),
    (ContactKind.WHATSAPP, False, rf"{_NOT_LATIN}ws(?![a-z])"),
    (ContactKind.LINE, True, rf"{_NOT_LATIN}line\s?(?:id|号|@|:)|[{_ADD}]\s?(?:个|我的?)?\s?line|[{_ADD}](?:个|我的?)?赖|{_NOT_LATIN}l(?P<line>[\s.·\-])i(?P=line)n(?P=line)e(?![a-z])|我的?\s?(?:赖|line(?![a-z]))|赖(?:id|号)"),
    (ContactKind.LINE, False, rf"{_NOT_LATIN}line(?![a-z-])|赖(?=\s?[:：@是])|(?<![依信抵耍无])赖(?=\s?[a-z0-9])"),
    (ContactKind.PHONE, True, rf"电话号?码?|电\s?联|手机号?码?|[座坐]机|固话|热线|{_NOT_LATIN}(?:dian\s?hua|shou\s?ji)(?![a-z])|致电|拨打|来电|联系方式|联系人|咨询处|{_NOT_LATIN}(?:tel|phone|mobile|call)(?![a-z])|[☎📞📱📲]|电🈶|手\s机|电\s话|enquir(?:y|ies)|查询|专线|总机"),
    (ContactKind.PHONE, False, r"(?<![充停来发])电(?=\s?[1-9一幺])|打(?=\s?(?:1[3-9]|[一幺][三四五六七八九]))"),
)  # fmt: skip
LABELS = tuple(Label(kind, strong, re.compile(pattern)) for kind, strong, pattern in _TABLE)

# between a strong label and what it names
CONNECTIVE = re.compile(
    r"(?:\([^()\n]{1,24}\)|[^\w@]|号码?|是|为|即|叫|账号|帐号|名字?|就|搜索?|请|加|添加?|一下|我|客服|联系|咨询|预约|同步?|小编|和|及|或|手机|电话|直接|这个|这里|放|发|在|到|的|群|"
    r"(?<![a-z])id(?![a-z])|(?<![a-z])no\.?(?![a-z])|了解|找|搵|官方|详[谈情聊]|细聊|面谈|谈|聊|报名|领取|信|老师|助理|顾问|复制|可|也|都|只|认|她|他|本人|通过|方式|[倒反]过来|倒着?|反着?|从后往前|看|写|读|念|打|拨){0,8}"
)
SHORT_CONNECTIVE = re.compile(
    r"(?:[^\w@]{0,3}(?:号码?|是|同步?号?|[倒反]过来[写读念加]?|[倒反]着?[写读念加]|从后往前[写读念]?|我|id|搜|找|搵|电话?|手机)?[^\w@]{0,4})"
)
# verbs that ask for contact; what follows them without a label is most often a WeChat handle
VERB = re.compile(
    rf"(?:[{_ADD}](?:我|她|他|一下|个|下|好友|小编|客服|助理|老师|顾问)|(?<![增更参附追添])加(?:[一-鿿]{{1,4}}[^\w@+])?|(?<![a-z0-9)%+\-])\+|私信?我?|滴滴我?|滴我|戳我?|找我?|联系|咨询|预约(?=[:\s])|备用|扫码?|好友|同号|报名|对接|合作|私聊|聊|(?:就是|叫)(?=[^\w]{{0,2}}[a-z][a-z0-9_]{{6}})|👉|→|➡|客服|顾问|助理|领取?|(?<![大节契制预节])约|(?<![型编单货批证账机车房门番])号|(?<![a-z])id)"
    r"[^\w@]{0,4}(?:我|号|是|:|她|他)?[^\w@]{0,3}(?:(?:bot|id)[\s:]{1,2})?(?=[a-z][a-z0-9_\- .]{4})"
)
SAME_NUMBER = re.compile(
    r"(?:[(（]?\s?(?:电话|手机|号码|电)?[/&+、.]?\s?(?:微信?|威信?|薇信?|v信?|vx|wx|w|v?溦|卫星)\s?[xX❤]?(?:同步|同号|同|同电|同手机|一样|也是)|同[微薇v威w](?:信|x|❤)?|(?:微信?|vx|v|w)也是这个)"
)
VERB_NUMBER = re.compile(
    rf"(?:[{_ADD}](?:我|她|他)|(?<![增更参附追])加|(?<![a-z0-9)%+\-])\+|➕|找我?|联系我?|咨询)[^\w]{{0,3}}(?P<id>[1-9][0-9]{{6,9}})(?![0-9a-z_.%])"
)
# a colon behind a word that names nothing technical announces a handle as well
COLON = re.compile(
    r"(?<=[一-鿿❤☎📱])(?<!型号)(?<!编号)(?<!版本)(?<!批号)(?<!单号)(?<!基因)(?<!位点)(?<!突变)(?<!规格)(?<!密码)(?<!用户名)(?<!标签)(?<!来源)(?<!作者)(?<!回答者)(?<!提问者)(?<!昵称)(?<!网友)(?<!用户)(?<!楼主)(?<!发布者)(?<!分期)(?<!分型)(?<!文件)(?<!图片)(?<!代码)\s?[:>]\s?"
    r"(?=[a-z][a-z0-9_\-]{5,19}(?![a-z0-9_@.\-/]))"
)
# a label behind what it names, in brackets or at the end of a clause, with nothing of its own to name: zq0lily（微）; zq0lily，绿泡泡
_HANDLE = r"(?<![a-z0-9_@./\-])@?(?P<id>[a-z][a-z0-9_\-]{5,19}"
_CLAUSE_END = r"(?=[)）\]】。，,！!；;～~\n]|\s(?![^\w\n]{0,3}[a-z0-9@])|$)(?![^\w\n]{0,4}[a-z0-9@])"
_BEHIND = (
    (
        ContactKind.WECHAT,
        _HANDLE + r"|(?<![0-9a-z_])1[3-9][0-9]{9})",
        rf"加?(?:[{_WEI}威]信?|vx?|wx|v信|绿泡泡?|卫星)号?",
        rf"[{_WEI}威][信芯]|绿泡泡?|小绿|卫星|vx|wx|v信|wechat|weixin|v|[{_WEI}威]",
    ),
    (ContactKind.WECHAT, _HANDLE + ")", "加我|加好友", "加我|加好友|可加|这个号|可搜|(?:我们的?)?客服号"),
    (
        ContactKind.QQ,
        r"(?<![0-9a-z.,\-])(?P<id>[1-9][0-9]{4,10})",
        "(?:qq?|扣扣|企鹅)号?",
        "qq?|扣扣|抠抠|企鹅|秋秋|🐧",
    ),
    (ContactKind.TELEGRAM, _HANDLE + ")", "(?:tg|飞机|电报|telegram)号?", "tg|纸?飞机|电报|telegram|✈"),
    (ContactKind.LINE, _HANDLE + ")", "(?:line|赖)", "line|赖"),
)
BEHIND = tuple(
    (
        kind,
        re.compile(
            rf"{named}(?:\s?[(【\[]\s?(?:{bracketed})\s?[)】\]]|[^\w\n]{{0,3}}(?:[←👈]\s?|<-+\s?)?(?:就?是|这是)?(?:我的?)?(?:{label})[号❤️]?{_CLAUSE_END})"
        ),
    )
    for kind, named, bracketed, label in _BEHIND
)
ON_SERVICE = re.compile(
    r"(?<![a-z0-9_@./\-])@?(?P<id>[a-z][a-z0-9_\-]{4,31})\s(?:on|via|@)\s(?P<service>telegram|wechat|line|whatsapp)(?![a-z])"
)
# what a handle without a label is the name or code of, when this stands right before it
OTHER_NAME = re.compile(
    r"(?:密码|口令|优惠码|邀请码|验证码|预约码|兑换码|取件码|提货码|推荐码|检查号|住院号|门诊号|病历号|会员号|课程|店铺|抖音|快手|小红书|b站|微博|淘宝|闲鱼|百度|车牌|航班|车次|封面)(?:号|id|搜索?)?[^\w]{0,3}$"
)
# a made-up handle that closes a line, with nothing to say what it is
LAST = re.compile(
    r"(?<=[一-鿿)!。，,:~\s])[^\w@#/.=\-]{0,3}(?<![a-z0-9_@#/.=\-])(?P<id>[a-z][a-z0-9_]{5,19})[^\w\n]{0,3}(?:\n|$)"
)
NOT_PHONE_BEFORE = re.compile(
    r"(?:订单|单号|编号|流水|序号|条码|卡号|身份证|证号|运单|快递|备案|批号|文号|货号|uid|imei|期号|机器码|验证码)号?码?[^\w]{0,3}$"
)
