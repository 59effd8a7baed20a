"""The names of services as adverts write them: by sound, by look, by picture, taken apart. All patterns match folded text.

A name is composed, not listed: any character that sounds like wei with any that sounds like xin (魏芯, 唯星) is WeChat, any two
signs of a name may have one sign between them (微.信, 纸 飞 机), a Latin name may be broken anywhere (Wha tsApp). What is an ordinary
word as well (卫星, 威信) is weak: it counts only with a made-up handle or a number right behind it.
"""

from __future__ import annotations

import re

from core.types import ContactKind
from text.contacts.reading import NUMERAL

_HEART = "❤♥♡❥🧡💛💚💙💜🖤🤍🤎💗💓💕💖💘💝💞💟"
_S = r"[ .·•~/|_\-=^'\"丶…]?"  # one sign between the parts of a name
NOT_LATIN = (
    r"(?<![a-z0-9_.@?&=])(?<!//)(?<!\.[a-z]{2}/)(?<!\.[a-z]{3}/)(?<!\.[a-z]{7}/)"  # no part of a word or address
)
ADD = "加佳嘉珈伽茄咖枷迦笳架家+➕"
# by sound; the first few mean nothing but the name
_WEI_SURE = "微薇徽溦葳崴嶶癓"
_WEI = _WEI_SURE + "威维围卫魏韦唯惟未味喂尾伟违苇纬委伪胃慰为畏蔚巍潍危桅帷尉"
_XIN_SURE = "信芯讯伈杺伩訫"
_XIN = _XIN_SURE + "心新星欣鑫馨辛昕忻薪莘兴杏幸性姓形型醒猩"
_CROSS = "x✘✖❌×叉乂ж"
_KOU = "(?:[扣抠叩蔻寇筘]|扌口)"
_GREEN = r"(?:绿色?|小绿|🟢|🟩|💚)"
_GREEN_THING = r"(?:[💬🫧🗨💭]|软件|app|泡泡?|炮炮?|跑跑?|图标|聊天|气泡|圆?圈|按钮)"
_FLY = "[飞菲非灰][机鸡基🐔🐓🐤]"


def _latin(name: str) -> str:
    """A Latin name, in one piece or with single signs between its letters."""
    return rf"(?:{name}|{(_S + ' ?').join(name)}(?![a-z]))"


WECHAT = "|".join((
    rf"{NOT_LATIN}(?:{_latin('weixin')}|[vw]xin|wei\s?xing?)(?:\s?hao(?:\s?ma)?(?![a-z])|\s?id(?![a-z]))?",
    rf"[{_WEI}v]\s?[{_HEART}]{{1,3}}\s?(?:[{_XIN}]|x(?:in)?(?![a-z]))?", rf"[✌🤞][🏻-🏿]?[{_XIN_SURE}]", rf"彳{_S}[山兀]?{_S}[敚攵敳夂敖]?{_S}信|[彳敚徴㣲]{_S}[{_XIN_SURE}]", r"(?<![a-z0-9])lv\s?(?:pao\s?){1,2}(?:hao(?:\s?ma)?)?(?![a-z])", rf"[{_WEI_SURE}]{_S}[{_XIN_SURE}欣馨昕辛鑫]", rf"[威维围韦魏]{_S}芯|[维围韦魏]{_S}信",
    rf"[{_WEI_SURE}威维围唯魏韦卫]{_S}x(?![a-z])", rf"(?<![a-z])[vw√]{_S}[{_XIN_SURE}]", rf"{NOT_LATIN}[vw]{_S} ?[{_CROSS}](?![a-z]{{3}}|id_)(?:\s?hao(?![a-z]))?",
    rf"{NOT_LATIN}(?:w|wei)\s?[{_HEART}]{{1,3}}\s?(?:xin|x|[{_XIN}])?(?![a-z])", rf"{NOT_LATIN}(?:x\s?[{_HEART}]{{1,3}}\s?[vw]|[{_HEART}]{{1,3}}\s?[vw]x|[vw]x\s?[{_HEART}]{{1,3}})(?![a-z])", rf"{NOT_LATIN}(?:w|wei)\s?[{_HEART}]{{1,3}}",
    rf"{NOT_LATIN}{_latin('wechat')}(?:\s?(?:id|hao(?:\s?ma)?)(?![a-z]))?", rf"[{_WEI_SURE}]{_S}xin(?![a-z])", r"wei\s?信", rf"{_GREEN}的?(?:那个|小)?图?标?{_GREEN_THING}(?:(?:的?那[个款])?{_GREEN_THING})?", r"小绿泡",
    rf"[{_WEI_SURE}]\s?号|[{_WEI_SURE}]聊号?", r"绿色?的(?:那个|那款)|那个绿色?的", rf"威{_S}(?:信|❤)号", r"(?<![a-z])w\s?e\s?i(?=\s?:)",
    rf"[{ADD}](?:个|一下|下|我的?)?[{_WEI}][{_XIN}]", rf"[{_WEI}v]{_S}亻{_S}[言讠訁]|(?:[{ADD}]|力{_S}口)(?:我|个)?{_S}亻{_S}[言讠訁]|(?:[{ADD}]|力{_S}口){_S}[{_WEI}](?:{_S}亻{_S}[言讠訁])(?![一-鿿])", rf"(?:[{ADD}](?:个|一下|下|我的?)?|^)[{_WEI}](?=\s?[:：])",
))  # fmt: skip
WECHAT_WEAK = "|".join((
    rf"[{_WEI}v]{_S}[{_XIN}]", rf"[{_WEI}]{_S}x(?![a-z])", r"[💬🫧](?=\s?[:a-z_])", rf"绿标|{_GREEN}(?:信|聊|标|号)|小绿(?!书|植|点|洲)|[💚🟢🟩](?=\s?[:a-z_]|\s?1[3-9][0-9]{{9}})", r"(?<![蔷紫采])薇|(?<![安])徽|溦|葳|崴|(?<![示权发声助])威|(?<![轻稍略些])微|(?<![保防自护警守])卫(?![生健视浴衣士计校])",
    rf"[{ADD}十]\s?[{_WEI}芯](?:x(?![a-z]))?", rf"{NOT_LATIN}v(?![a-z]?\s?\d?\.\d)", rf"{NOT_LATIN}w(?=[:+号同]|\s(?!h\sa)|1[3-9])", rf"[{ADD}十]\s?(?:w|wei)(?![a-z])", rf"{NOT_LATIN}(?:tian\s?)?jia\s?(?:wo\s?(?:de\s?)?)?(?:wei|[vw]x?)(?:\s?hao)?(?![a-z])", rf"{NOT_LATIN}wei(?=[\s:]{{0,2}}1[3-9][0-9])", "🛰|小号|个人号|工作号|私人号|客服号|助理号|同微",
))  # fmt: skip
QQ = "|".join((
    rf"(?:{NOT_LATIN}|(?<=\.com)|(?<=\.net)|(?<=\.top)|(?<=\.cc))q[\s.·\-_]?q\.?(?:\s?(?:[大小新老主副]?号码?|交流群|[0-9一二三四五]?群|咨询|客服|裙|君羊))?(?!音乐|空间|钻|飞车|邮箱|浏览器)",
    rf"{_KOU}{_S}{_KOU}号?", rf"{NOT_LATIN}(?:kou\s?kou|qiu\s?qiu)(?:\s?hao(?:\s?ma)?)?(?![a-z])", "[球丘邱秋]{2}号?", r"[企气起其奇汽][鹅额](?:号|扣|[群裙])?号?|鹅号|(?:腾讯的?|那)那?[只个]?小?鹅|小鹅(?=\s?:)" , r"企\s鹅",
    r"[扣q]\s?(?:裙|君羊|群|号)|(?<=[一二三四五六七八九1-9新老大小主总分])[群裙](?=\s?:?\s?(?!20[0-9]{2}[01][0-9])[1-9][0-9]{6,9}(?![0-9a-z.%]))|(?:进|加|入)[群裙](?=\s?:?\s?[1-9])|🐧|裙号|群号", r"(?<![人信微薇vx机tg链型种社族])[群裙](?:号码?)?(?=\s?:\s?[1-9][0-9]{6,9}(?![0-9a-z.%]))|(?:交流|姐妹|互助|讨论|咨询|妈|福利|备孕|代理|接单|粉丝)[群裙](?=\s?[1-9][0-9]{7,9}(?![0-9a-z.%]))(?!\s?20[0-9]{2}[01][0-9])",
))  # fmt: skip
QQ_WEAK = rf"{NOT_LATIN}q(?![a-z]|[1-4][\s\-](?:19|20)[0-9]{{2}})|扣|抠|口口号?"
TELEGRAM = "|".join((
    rf"{NOT_LATIN}(?:{_latin('telegram')}|telegra|tel+e?g+r?a?m(?![a-z])|tele(?=[\s:@]))(?:\s?(?:群|频道|号))?", rf"[纸小蓝]色?\s?飞{_S}[机鸡]|纸{_S} ?飞{_S} ?机|纸{_FLY}",
    rf"{NOT_LATIN}(?:fei\s?ji|dian\s?bao)(?:\s?hao(?:\s?ma)?)?(?![a-z])", "[电点店][报抱暴](?:群主?|频道主?|号)?|土豆号|✈|🛩|🛫",
))  # fmt: skip
TELEGRAM_WEAK = rf"{NOT_LATIN}t{_S}g\.?(?![a-z])号?|{_FLY}(?![票场上])(?:号|群|频道|见|私)?|土豆"
WHATSAPP = "|".join((
    rf"{NOT_LATIN}(?:what'?\s?s?\s?apps?|{_latin('whatsapp')}|whats(?=[\s:+])|wh?at?s?\s?ap+s?|wts?\s?ap+|w\s?app|whats\s?[一-鿿]{{1,3}}(?=[^\w\n]{{0,3}}[0-9+(]))", "[瓦哇挖娃袜沃][次茨此兹萨擦撒司][艾爱阿啊鸭]?[普扑噗铺朴]?",
))  # fmt: skip
WHATSAPP_WEAK = rf"{NOT_LATIN}w/?[as](?![a-z])|{NOT_LATIN}wts(?=[^\w\n]{{0,3}}[0-9+])(?![^\w\n]{{0,3}}(?:19|20)[0-9]{{2}}[^0-9]?[01])|(?:华|瓦)次"
LINE = "|".join((
    rf"{NOT_LATIN}line\s?的?\s?(?:id(?![a-z])|号|@|:|官方|搜[索寻]?|[帐账]号|群)", rf"[{ADD}]\s?(?:个|我的?)?\s?line|[{ADD}](?:个|我的?)?赖", rf"{NOT_LATIN}l(?P<line>[\s.·\-])i(?P=line)n(?P=line)e(?![a-z])\.?",
    r"我的?\s?(?:赖|line(?![a-z]))|[赖濑](?:id|号)|[拉莱赖][因茵音恩]\s?(?:的?\s?id(?![a-z])|[帐账]?号)|拉[因茵音](?=\s?:)", rf"{NOT_LATIN}(?:ll|l1|1i|il)ne(?![a-z0-9])",
))  # fmt: skip
LINE_WEAK = rf"{NOT_LATIN}line(?![a-z-])|赖(?=\s?(?:的?\s?id|[帐账]?号码?|搜[索寻]?|联[系络])[^\w\n]{{0,3}}[a-z0-9@._])|小?赖(?=\s?的?\s?(?:id|号码?|[帐账]号|名[字称]?)?\s?[:@是叫])|(?<![依信抵耍无])赖(?=\s?[a-z0-9])|(?<![依信抵耍无])赖(?=\s?[➡→👉⇒»>]\ufe0f?\s?@?[a-z0-9._])|[濑莱](?=\s?[:@])|线(?=\s?@)"
PHONE = "|".join((
    rf"(?:香港|澳门|本地)的?号码?(?=\s?[:是])|电{_S} ?话号?码?|电\s?联|电{_S}讠{_S}舌|手{_S}机号?码?|[座坐]机|固话|(?<![香出到离抵靠入进留在])港号(?=\s?:)|热线|{NOT_LATIN}(?:dian\s?hua|shou\s?ji)(?![a-z])|致电|拨打|请[拨电](?![话脑])|来电|联系方式|联系人|咨询处",
    rf"{NOT_LATIN}(?:tel|phone|mobile|call|(?:te?xt|ring|reach|dial|sms)\s(?:me|us)|(?:my|our)\s(?:[a-z]{{2,8}}\s)?(?:number|no\.|cell))(?![a-z])|[☎📞📱📲]|电有|enquir(?:y|ies)|查询|专线|总机",
))  # fmt: skip
PHONE_WEAK = (
    rf"打(?=\s?(?![2-9][0-9]00 [0-9]{{2}}00)(?:[2-9][0-9]{{3}} ?[0-9]{{4}}(?![0-9])|[二三五六九]{NUMERAL}{{7}}(?!{NUMERAL}|[十百千万])))|"
    + r"(?<![充停来发])电(?=\s?[1-9一幺])|打(?=\s?(?:1[3-9]|[一幺][三四五六七八九]))|主号|备用号?|大号|(?<![0-9a-z])(?:dh|sj)(?![a-z])"
)
# (kind, strong, the signs that it may begin with, pattern): the signs are looked for first, since most places in a text begin no name
_ROWS = (
    (ContactKind.WECHAT, True, f"{_WEI}vwx√绿小🟢🟩那力l彳敚徴㣲✌🤞{_HEART}{ADD}", WECHAT), (ContactKind.WECHAT, False, f"{_WEI}vw绿小🟢🟩💚💬🫧🛰个工私客助同十jt{ADD}", WECHAT_WEAK),
    (ContactKind.QQ, True, "q扣抠叩蔻寇筘扌k球丘邱秋企气起其奇汽鹅腾那小进加入🐧裙群交姐互讨咨妈福备代接粉", QQ), (ContactKind.QQ, False, "q扣抠口", QQ_WEAK),
    (ContactKind.TELEGRAM, True, "t纸小蓝fd电点店土✈🛩🛫", TELEGRAM), (ContactKind.TELEGRAM, False, "t飞菲非灰土", TELEGRAM_WEAK),
    (ContactKind.WHATSAPP, True, "w瓦哇挖娃袜沃", WHATSAPP), (ContactKind.WHATSAPP, False, "w华瓦", WHATSAPP_WEAK),
    (ContactKind.LINE, True, f"l1i我赖濑拉莱{ADD}", LINE), (ContactKind.LINE, False, "l小赖濑莱线", LINE_WEAK),
    (ContactKind.PHONE, True, "香港澳本电手座坐固热ds致拨请来联咨tpmcrso☎📞📱📲e查专总", PHONE), (ContactKind.PHONE, False, "电打主备大ds", PHONE_WEAK),
)  # fmt: skip
NAMES = tuple((kind, strong, f"(?=[{firsts}])(?:{pattern})") for kind, strong, firsts, pattern in _ROWS)
# names that may stand in a note beside a number: 微信同号, WhatsApp同号
IN_NOTE = {
    ContactKind.WECHAT: re.compile(rf"[{_WEI}]{_S}[{_XIN_SURE}星❤]|唯[{_XIN}]|[{_WEI_SURE}威卫](?![a-z])|(?<![a-z])(?:wechat|weixin|[vw]{_S}[{_CROSS}{_XIN_SURE}{_HEART}]|[vw](?![a-z]))|绿泡泡?|🛰"),
    ContactKind.WHATSAPP: re.compile(r"(?<![a-z])(?:what'?\s?s?\s?app|whats?\s?ap+|ws(?![a-z])|wa(?![a-z])|wts?ap+)|瓦次普?"),
    ContactKind.QQ: re.compile(r"(?<![a-z])q\s?q|扣扣|企鹅|(?<![a-z])q(?![a-z])"),
}  # fmt: skip
IN_NOTE_PHONE = re.compile(r"电话?|手机|号码|(?<![a-z])(?:tel|phone|mobile|call)(?![a-z])|热线|[☎📞]")
