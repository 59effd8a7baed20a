"""What says of a following sign that it is a contact: names of services, their homophones, emoji and abbreviations.

``strong`` labels mean the service wherever they stand; ``weak`` ones are ordinary words or single letters as well, and count
only with a made-up handle or a number right behind them. All patterns match folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.types import ContactKind
from text.contacts.names import ADD, NAMES


@dataclass(frozen=True, slots=True)
class Label:
    """One way to name a service."""

    kind: ContactKind
    strong: bool
    pattern: re.Pattern[str]


LABELS = tuple(Label(kind, strong, re.compile(pattern)) for kind, strong, pattern in NAMES)
_ADD = ADD
_WEI = "微薇徽溦葳崴嶶癓"

# a phone is likely, but what is named may be a messenger's number alone: 查询 WhatsApp ...
GENERIC = re.compile(
    r"(?:香港|澳门|本地)的?号码?|查询|专线|总机|热线|联系方式|联系人|咨询处|[📞📱📲]|enquir(?:y|ies)|主号|备用号?|大号"
)
# between a strong label and what it names
CONNECTIVE = re.compile(
    r"(?:\((?!0[0-9]{2,3}\)\s?[0-9])[^()\n]{1,24}\)|[^\w@]|丨|[见看在](?:下[面方文]?|正文|内容|文末|这)|如下|下[面方文]|(?![0-9](?:[.:][0-9]){4})[1-9一二三](?=\s?[:.])|[一-鿿]{1,8}?\s?:|帐号|揾|频道|香港|澳门|台湾|内地|大陆|国际|海外|号码?|是|为|即|叫|账号|帐号|名字?|就|搜索?|请|加|添加?|一下|我|客服|联系|咨询|预约|同步?|小编|和|及|或|手机|电话|直接|这个|这里|放|发|在|到|的|(?:群主|管理员)(?=[^\w\n]?(?:id|号|[:@]))|群|"
    r"(?<![a-z])id(?![a-z])|(?<![a-z])no\.?(?![a-z])|了解|找|官方|(?:signal|viber|imessage|call|tel|phone|sms)(?![a-z])|详[谈情聊]|细聊|面谈|谈|聊|报名|领取|好友|信|老师|助理|顾问|复制|可|也|都|只|认|她|他|本人|通过|方式|[倒反]过来|[倒反逆]序|倒叙|逆着|倒着?|反着?|从后往前|看|写|读|念|打|拨){0,8}"
)
SHORT_CONNECTIVE = re.compile(
    r"(?:(?:[^\w@]|丨){0,3}(?:(?:id(?![a-z])|号码?|群)[一-鿿]{1,6}?(?=\s?:)|的?\s?同?(?:id(?![a-z])|号码?|[帐账]号|名[字称]?)\s?(?:就?[是叫为])?|(?![0-9](?:[.:][0-9]){4})[1-9一二三](?=\s?[:.])|[一-鿿]{1,6}?(?=\s?:)|就?是|同步?号?|[倒反]过来[写读念加]?|[倒反逆]序[写读念]?|[倒反]着?[写读念加来]|从后往前[写读念]?|(?:我|找我|聊|见|来)?[吧呀哈哦哟喔嘛啦呗了](?:[^\w@]{0,2}我的?(?:id|号码?|[帐账]号|名字?)?[是叫])?|我的?(?:id|号码?|[帐账]号|名字?)?[是叫]|我|id|[加添]|搜[索寻]?|联[系络]|找|揾|群|电话?|手机)?[^\w@]{0,4})"
)
# the same in English: my wx is ..., our wechat's ..., text me at ..., WhatsApp only, ...; what follows must be made up or a number
_IDLE = r"only|messages?|msgs?|texts?|preferred|pls|please|first|anytime|any\stime|directly|chat|now|24/7|no\scalls"
ENGLISH = re.compile(
    rf"(?:\s(?:{_IDLE})(?![a-z])){{0,3}}(?:[,:]\s(?:{_IDLE})(?![a-z])){{0,2}}"
    r"(?:'s(?![a-z]))?(?:\s(?:of|for)\s(?:my|our|the)\s[a-z]{2,12})?(?:\s(?:id|number|no\.?|acc(?:oun)?t|handle|name)(?![a-z]))?(?:\s?(?::|=|(?<![a-z])(?:is|at|on|to|me|us|here)(?![a-z]))){0,3}[^\w@+\n]{0,3}"
)
# verbs that ask for contact; what follows them without a label is most often a WeChat handle
VERB = re.compile(
    rf"(?=[{_ADD}私滴戳找联咨预备扫好同报对合聊就叫👉→➡客顾助领约号i])(?:[{_ADD}](?:我|她|他|一下|个|下|好友|小编|客服|助理|老师|顾问)|(?<![增更参附追添])加(?:[一-鿿]{{1,4}}[^\w@+])?|(?<![a-z0-9)%+\-])\+|私信?我?|滴滴我?|滴我|戳我?|找我?|联系|咨询|预约(?=[:\s])|备用|扫码?|好友|同号|报名|对接|合作|私聊|聊|(?:就是|叫)(?=[^\w]{{0,2}}[a-z][a-z0-9_]{{6}})|👉|→|➡|客服|顾问|助理|领取?|(?<![大节契制预节])约|(?<![型编单货批证账机车房门番])号|(?<![a-z])id)"
    r"[^\w@]{0,4}(?:我|号|是|:|她|他)?[^\w@]{0,3}(?:(?:bot|id)[\s:]{1,2})?(?=[a-z][a-z0-9_\- .]{4})"
)
VERB_NUMBER = re.compile(
    rf"(?=[{_ADD}找联咨])(?:[{_ADD}](?:我|她|他)|(?<![增更参附追])加|(?<![a-z0-9)%+\-])\+(?=[^\w+]{{0,3}}[1-9][0-9]{{8}})|➕|找我?|联系我?|咨询)[^\w+]{{0,3}}(?P<id>[1-9][0-9]{{6,9}})(?![0-9a-z_.%])"
)
# a colon behind a word that names nothing technical announces a handle as well
COLON = re.compile(
    r"(?=\s?[:>])(?<=[一-鿿❤☎📱])(?<!型号)(?<!编号)(?<!版本)(?<!批号)(?<!单号)(?<!基因)(?<!位点)(?<!突变)(?<!规格)(?<!密码)(?<!用户名)(?<!标签)(?<!来源)(?<!作者)(?<!回答者)(?<!提问者)(?<!昵称)(?<!网友)(?<!用户)(?<!楼主)(?<!发布者)(?<!发布人)(?<!发帖人)(?<!发表人)(?<!分期)(?<!分型)(?<!文件)(?<!图片)(?<!代码)\s?[:>]\s?"
    r"(?=[a-z][a-z0-9_\-]{5,19}(?![a-z0-9_@.\-/]))"
)
# (kind, what is named, label in brackets, label, of which one stands in every match): a label behind what it names, in brackets or at the end of a clause, with nothing of its own to name: zq0lily（微）; zq0lily，绿泡泡
_HANDLE = r"(?<![a-z0-9_@./\-])@?(?P<id>[a-z][a-z0-9_\-]{5,19}"
_CLAUSE_END = r"(?=[)）\]】。，,！!？?；;～~\n]|\s(?![^\w\n]{0,3}[a-z0-9@])|$)(?![^\w\n]{0,4}[a-z0-9@])"
_GREEN = "绿色?的?(?:聊天|社交)?(?:那个|那款|软件|图标|app)"
_WHOSE = "(?:我们|[她他]|(?:我们?的?)?(?:老师|助理|客服|顾问|医生|护士|小编|店长|老板娘?|负责人|中介|介绍人|姐姐|本人|[一-鿿](?:姐|哥|医生|老师|经理|主任)))"
_BEHIND = (
    (
        ContactKind.WECHAT,
        _HANDLE + r"|(?<![0-9a-z_])1[3-9][0-9]{9})",
        rf"加?(?:[{_WEI}威]信?|vx?|wx|v信|绿泡泡?|卫星|{_GREEN})号?",
        rf"[{_WEI}威][信芯]|绿泡泡?|{_GREEN}|小绿|卫星|vx|wx|v信|wechat|wei(?:\s?xin)?|v|[{_WEI}威]",
        (*_WEI, "威", "绿", "卫星", "v", "w"),
    ),
    (
        ContactKind.WECHAT,
        _HANDLE + ")",
        "加我|加好友",
        "加我|加好友|可加|这个号|可搜|(?:我们的?)?客服号",
        ("加我", "加好友", "可加", "这个号", "可搜", "客服号"),
    ),
    (
        ContactKind.QQ,
        r"(?<![0-9a-z.,\-])(?P<id>[1-9][0-9]{4,10})",
        "(?:qq?|扣扣|企鹅)号?(?:[/、和+]?(?:微信|v))?(?:同[号步])?",
        "qq?|扣扣|抠抠|企鹅|秋秋|🐧",
        ("q", "扣", "抠", "企鹅", "秋", "🐧"),
    ),
    (
        ContactKind.TELEGRAM,
        _HANDLE + ")",
        "(?:tg|飞机|电报|telegram)号?",
        "tg|纸?飞机|电报|telegram|✈",
        ("tg", "飞机", "电报", "telegram", "✈"),
    ),
    (ContactKind.LINE, _HANDLE + ")", "(?:line|赖)", "line|赖", ("line", "赖")),
)
# (kind, what stands before, the name behind it, words): the named thing, then the name in brackets or in a clause that ends with it
_TAILS = tuple(
    (
        kind,
        named,
        rf"(?:\s?[(【\[]\s?(?:{bracketed})\s?[)】\]]|[^\w\n]{{0,3}}(?:[←👈]\s?|<-+\s?|\n?[↑☝👆⬆]️?[↑☝👆⬆️]{{0,3}}\s?)?(?:就?是|这是|这个|在|用|同名|复制|搜一?下?[，,]|可以?|直接|[去到上]|[添]?加|jia|搜|[拼连合组凑](?:[起在](?:一起|来)|一起|成|[好完])?|加起来|(?:[这上]面?)?[两二三四2-4](?:段|行|截|半|部分|句|条)|按(?:顺序|楼层?|数字|编号)|\s)*(?:我的?|{_WHOSE}的)?(?:{label})[号❤️]?(?:上|里)?(?:的|搜(?:得到|这个|索|它|此号|一下|到)?|找(?:得到|我)|加(?:我|这个)?|[可能](?:以)?[加搜]|联系|这个|也是|就我一个|只有我|[私细详]?聊|[详细面]谈|咨询|预约|沟通|了解|看[一-鿿]{{0,4}})?[吗么呢吧啊哦哈]?{_CLAUSE_END})",
        words,
    )
    for kind, named, bracketed, label, words in _BEHIND
)
BEHIND = tuple((kind, re.compile(named + tail), words) for kind, named, tail, words in _TAILS)
# the same behind a number in any writing, also backwards (158...0000...2008 加V; 8002 0000 851倒着看，是她的薇)
WECHAT_BEHIND = re.compile(rf"(?:[^\w\n]{{0,3}}[倒反逆](?:过来|着)[写读看念]?的?)?{_TAILS[0][2]}")
# an account of another platform that is said to be the messenger's name as well: 抖音号 zq0mama88 微信同号; zq0red, 绿泡泡也是这个
SAME = (
    "同",
    "即",
    "=",
    "这个",
    "一样",
    "一致",
    "也是",
    "都是",
    "它",
    "此号",
)  # one of these stands in every match of SHARED
SHARED = re.compile(
    rf"{_HANDLE}|(?<![0-9a-z.,\-])[1-9][0-9]{{6,9}})(?![a-z0-9_@./\-])[^\w\n]{{0,3}}(?P<as>[同即=])?(?:和|跟|与)?(?:我的?)?"
    rf"(?:(?P<wechat>[{_WEI}威][信芯]|绿色?的?(?:泡泡?|软件|那个|app)|小绿泡?|卫星|vx|wx|v信|wechat|weixin|v|[{_WEI}威])|(?P<telegram>tg|纸?飞机|电报|telegram)|(?P<line>line|赖))"
    r"号?(?(as)(?=[^\w]|$)|[^\w\n]?(?:[也都]?(?:是|叫|用|搜)?(?:这个|同[号名步id]|一样|一致|它|此号|同一个)|同(?=[^\w]|$)|[也都]是(?=[^\w]|$)))"
)
# what a number must stand behind to be a shared name
ACCOUNT = re.compile(
    r"(?:抖音|快手|小红书|红书|b站|微博|闲鱼|贴吧|知乎|陌陌|探探|豆瓣|头条|soul|uid|平台)(?:号码?|id|[账帐]号)?[^\w\n]{0,3}$"
)
SERVICES = ("telegram", "wechat", "line", "whatsapp")
ON_SERVICE = re.compile(
    r"(?<![a-z0-9_@./\-])@?(?P<id>[a-z][a-z0-9_\-]{4,31})\s(?:on|via|@)\s(?P<service>"
    + "|".join(SERVICES)
    + ")(?![a-z])"
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
    r"(?:订单|单号|工号|排队?号?|叫号|取号|诊号|学号|网安备|网安|税号|房号|门牌|编号|流水|(?<![倒逆反])序号|条码|卡号|身份证|证号|运单|快递|备案|批号|文号|货号|uid|imei|期号|机器码|验证码)号?码?[^\w]{0,3}$"
    r"|(?<![a-z])(?:claim|order|invoice|policy|case|ref(?:erence)?|tracking|ticket|acc(?:oun)?t|booking|receipt|serial|batch|lot|sample|confirmation|permit|passport|licen[cs]e)"
    r"(?:\s?(?:no|num(?:ber)?|nr|id|#)(?![a-z]))\.?(?:\sis)?[^\w\n]{0,3}$"
)
