"""What an advert promises: prices, the earliest week of pregnancy, accuracy, turnaround."""

from __future__ import annotations

import re

from core.types import Price
from text.normalise import normalise
from text.numerals import NUMERALS, chinese_number

_MAX_CHARACTERS = 200_000
_CN = f"[{NUMERALS}]"
_AMOUNT = r"(?<![0-9])(?<![0-9][.,])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})(?:\.[0-9]{1,2})?(?![0-9])"
_TO = r"\s?(?:-|~|～|至|到)\s?"
_SCALE = r"(?:\s?(?P<{0}>万|千|百|k|w)(?![a-z]))?"
_BEFORE = {
    "HKD": r"hkd|hk\$|hk¥|港币|港元|港纸|港幣", "USD": r"us\$|usd|美金|美元", "TWD": r"nt\$|twd|新台币", "EUR": r"eur|€",
    "GBP": r"gbp|£", "THB": r"thb|฿|泰铢", "CNY": r"rmb|cny|人民币|¥", "$": r"\$",
}  # fmt: skip
_BEHIND = {
    "HKD": r"港币|港元|港纸|hkd|hk\$|蚊", "USD": r"美金|美元|美刀|usd|(?<=[0-9]{2})刀(?!片|具|口|子)", "TWD": r"新台币|台币", "EUR": r"欧元", "GBP": r"英镑",
    "THB": r"泰铢|泰珠", "CNY": r"元(?!旦|月|宵|素|气|器|年|老|首)|块(?!儿|地|田|石|肉|头|状)|圆(?!圈|形|满)|rmb|人民币|大洋|毛爷爷|软妹币",
}  # fmt: skip
_PREFIXED = re.compile(
    r"(?P<cur>" + "|".join(_BEFORE.values()) + r")\s?[:：]?\s?(?P<low>" + _AMOUNT + "|" + _CN + "{2,8})" + _SCALE.format("scale")
    + "(?:" + _TO + "(?P<high>" + _AMOUNT + ")" + _SCALE.format("scale2") + ")?"
)  # fmt: skip
_SUFFIXED = re.compile(
    r"(?P<low>" + _AMOUNT + f"|(?<!{_CN})" + _CN + "{1,9})" + _SCALE.format("scale")
    + "(?:" + _TO + "(?P<high>" + _AMOUNT + "|" + _CN + "{1,9})" + _SCALE.format("scale2") + r")?\s?(?:多|余|左右)?\s?(?:个)?(?P<cur>"
    + "|".join(_BEHIND.values()) + ")"
)  # fmt: skip
# without a currency: a scale (2.98万, 3k), or a word of price in front
_SCALED = re.compile(
    r"(?P<low>" + _AMOUNT + f"|(?<!{_CN})" + _CN + "{1,5}?)(?:\\s?(?:万|k(?![a-z0-9]))?" + _TO + "(?P<high>" + _AMOUNT
    + f"|{_CN}" + r"{1,5}?))?\s?(?P<scale>万(?P<rest>[一二三四五六七八九](?![千百十个])|[1-9](?![0-9.万]))?|k(?![a-z0-9])|w(?![a-z0-9]))"
    + r"(?!\s?(?:多|余)?\s?[人名个次条份例家户件粉字步米里斤吨亩对位册篇平赞播台只周+]|一|分之|多人|国|科|物|事|能|岁|达|圣|里|粉丝|阅读|浏览|点击|用户|单位|像素|画质|视频|屏|高清|跑)"
)  # fmt: skip
_PRICE_WORDS = (
    r"价[格钱]?|售价|报价|收费|费用|[单双]胎|套餐价?|[团优原现特]价|[团优]惠?购?价|结算价?|散单|一口价|只要|只需|仅需?|[定订押]金|[全尾余]款|一共|总共|全部|全包|打包|包干|佣金|提成?|返[现佣]?|奖励?|各奖|红包|"
    r"花了?|转了?|付了?|再付|交了?|收你?|再?要(?=[0-9])|报我?|降到|算你?|营养费|补[贴偿助]?|报酬|待遇|酬劳|底薪|工资|月?综合|另[加收]|[^一-鿿]加(?=[0-9]{3})|加急加?|[加针报路餐查检务]费|手续费|中介费|劳务|价值|"
    r"[每一](?:趟|单|次|针|支|份|例|箱|盒|户|个样|人|位|管|料|条)|(?:标准|普通|基础|高级|快线|飞线|加急|特急|特快)[版档件款线]?"
)
_WORDED = re.compile(
    rf"(?:{_PRICE_WORDS})(?:是|为|约|大概|差不多|在|就|从|了|高达|另?给|到|拿|:|\s|给你|您|\+|[(（][^()\d]{{1,6}}[)）]){{0,3}}"
    r"(?P<low>(?:[1-9][0-9]{1,5}|[1-9][0-9]?,[0-9]{3})(?:\.[0-9])?|" + _CN + r"{2,6})"
    + "(?:" + _TO + r"(?P<high>[1-9][0-9]{2,5}))?(?![0-9.%:]|[-/][0-9]|\s?(?:多?年|月|日|号|天|周|个|人|名|例|家|份|位|小时|分钟|克|毫|ml|mg|m|种|项|米|公里|多人|岁|期|万|k|w|倍|折|楼|室|字|点|次(?!性)|u?g|多?条|款|~|支|页|粒|片|管|g|cm|条|款|层))"
)  # fmt: skip
# words that announce an amount only of three digits and more
_GIVEN = re.compile(
    r"(?:给[您你她他我]?|[再可]?得|结|留|拿|升到|由|统一|一个月|月薪|日[结补]|单[件程人]|费|双胞|隔日|酬|上门|半天|港检|港验|寄血|患者|外[县地])\s?[:是约]?\s?"
    r"(?P<low>[1-9][0-9]{2,4}(?:,[0-9]{3})?)(?!20[0-3][0-9]|[0-9.%:+]|[-/][0-9]|\s?(?:多?年|月|日|号|天|周|多?个|多?人|多?名|多?例|多?家|份|多?位|小时|分|克|毫|ml|mg|m|种|项|米|公里|岁|期|万|k|w|倍|折|楼|室|字|点|次|u?g|多?条|款|~|支|页|粒|片|管|cm|层|块|元|斤|大卡|卡))"
)
_FOLLOWED = re.compile(
    r"(?P<low>(?<![0-9])(?<![0-9][.,])[1-9][0-9]{1,5}|"
    + f"(?<!{_CN})"
    + _CN
    + r"{2,6})\s?(?:全包|包来回|包邮|包干|一口价|(?<=[0-9]{3})起(?![来点床步始])|[一/](?:趟|单|次(?!性)|针|支|套|例|位|盒|户|疗程|份|只|箱|条|本|斤)|💰|💴|💵|(?<=[0-9])r(?![a-z])|现结|搞定|包冰袋|打包)"
)
# four-digit amounts said as in talk (四千六, 两千三百)
_SPOKEN = re.compile(
    rf"(?<!{_CN})(?P<low>[一二两三四五六七八九][千百][零一二三四五六七八九百十]{{1,5}})(?!{_CN}|\s?(?:多?[人名个次条家户件字步米里斤吨亩位年天克]|公里|毫|分之|万))"
)
_SCALES = {"万": 10_000.0, "w": 10_000.0, "千": 1000.0, "k": 1000.0, "百": 100.0, None: 1.0}
_PRICED = re.compile(
    r"价|费|款|付|收|赚|挣|花|钱|薪|佣|提成|套餐|起|全包|包|奖|返|补|金|预算|左右|成本|报酬|营养|要|利润|入账"
)


# what stands in every match, found quickly: most texts have no price, and are not searched for one
_NEEDED = {
    _PREFIXED: re.compile("[d$¥币元纸幣美rby€p£฿铢]"), _SUFFIXED: re.compile("[币元纸幣d$蚊金刀镑铢珠块圆b洋爷]"), _SCALED: re.compile("[万kw]"),
    _FOLLOWED: re.compile(f"[1-9][0-9]|{_CN}{_CN}"), _WORDED: re.compile(f"[1-9][0-9,]|{_CN}{_CN}"), _GIVEN: re.compile("[1-9][0-9][0-9]"),
    _SPOKEN: re.compile("[千百]"),
}  # fmt: skip
_VAGUE = frozenset("第几数上")  # 第二十一条, 几十万
_NOT_MONEY = re.compile(r"亿|条|套(?!餐)|年(?!货|费)|所|本科")
_HONG_KONG_MONEY = re.compile(r"hkd|hk\$|港币|港元|港纸")
_MAINLAND_MONEY = re.compile(r"rmb|人民币|(?<![港美日欧台])元|¥|块钱|内地")


def find_prices(text: str) -> list[Price]:
    """The amounts of money in ``text``, in order; of a range the low end, with the span of the whole range.

    ``currency`` is ISO 4217; where none is named HKD in a text that
    reckons in Hong Kong dollars alone, else CNY; a bare ``$`` is HKD where the text speaks of Hong Kong, else USD.
    """
    normal = normalise(text[:_MAX_CHARACTERS])
    folded = normal.folded
    bare = "HKD" if _HONG_KONG_MONEY.search(folded) and not _MAINLAND_MONEY.search(folded) else "CNY"
    found: list[tuple[int, int, float, str]] = []
    taken = bytearray(len(folded))  # of two readings of one place the earlier pattern's
    for pattern, table in (
        (_PREFIXED, _BEFORE),
        (_SUFFIXED, _BEHIND),
        (_SCALED, None),
        (_FOLLOWED, None),
        (_WORDED, None),
        (_GIVEN, None),
        (_SPOKEN, None),
    ):
        if not _NEEDED[pattern].search(folded):
            continue
        for match in pattern.finditer(folded):
            start, end = (match.start("low"), match.end("low")) if pattern in (_WORDED, _GIVEN) else match.span()
            if any(taken[start:end]) or folded[max(0, start - 1) : start] in _VAGUE or _NOT_MONEY.match(folded, end):
                continue
            if pattern in (_SCALED, _SPOKEN) and not _PRICED.search(
                folded, max(0, start - 12), min(len(folded), end + 8)
            ):
                continue
            amount = _amount(match)
            if amount is None or not 1 <= amount <= 50_000_000:
                continue
            currency = _currency(match.group("cur"), table, folded) if table else bare
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, amount, currency))
    return [Price(amount, currency, *normal.raw_span(start, end)) for start, end, amount, currency in sorted(found)]


def _amount(match: re.Match[str]) -> float | None:
    groups = match.groupdict()
    low = groups["low"].replace(",", "")
    scale = groups.get("scale")
    if scale and groups.get("rest"):  # 三万八
        return round((_value(low) or 0) * 10_000 + (_value(scale[1]) or 0) * 1000, 2)
    if (
        scale is None and groups.get("high") and groups.get("scale2")
    ):  # 5-20万: the scale of the high end is meant for both
        scale = groups["scale2"]
    if low[0] in "百千万佰仟拾":
        return None  # 几百块: no amount is named
    value = _value(low)
    if value is not None and not low[0].isascii() and value >= 100:
        scale = groups.get("scale")  # 五千到三万: the low end has its own
    if not low[0].isascii() and value is not None and value < 100 and scale is None and not _spoken_money(match):
        return None  # 一块 (together), 两元 as a word
    return None if value is None else round(value * _SCALES[scale], 2)


def _value(written: str) -> float | None:
    return float(written) if written[0].isascii() else chinese_number(written)


def _spoken_money(match: re.Match[str]) -> bool:
    return match.string[match.end() : match.end() + 1] == "钱" or match.group("low")[-1:] in "十拾"


def _currency(written: str, table: dict[str, str], folded: str) -> str:
    for code, pattern in table.items():
        if re.fullmatch(re.sub(r"\(\?![^)]*\)", "", pattern), written):  # what must not follow is out of sight here
            return code if code != "$" else ("HKD" if "港" in folded or "hk" in folded else "USD")
    return "CNY"


_N = rf"(?:(?<![0-9.])[0-9]{{1,2}}|(?<!{_CN})[一二三四五六七八九十两]{{1,3}})"
_WEEK = re.compile(
    rf"(?P<low>{_N})(?:\.\d)?\+?(?:周?{_TO}|、|/|或){{0,1}}(?:{_N})?\+?\s?(?:个?(?P<unit>周|星期|礼拜)|(?P<w>w(?:ee)?ks?|w(?![a-z0-9])))"
    r"(?!年|岁|末|边|刊|易|长|围|转|密|全|日|[一二三四五六](?:[^、到至\-]|$)|天?一次|游|薪|练)"
)
_PLUS = re.compile(r"孕(?P<low>[0-9]{1,2})\+[0-6](?![0-9])|(?<![0-9.])(?P<low2>[1-3]?[0-9])w\+?[0-6](?![0-9a-z])")
_WEEK_UNIT = re.compile("[周星礼w]")  # stands in every match of _WEEK; it or 孕 in every match of _PLUS
_DAYS = re.compile(
    rf"(?:怀孕|停经|孕|满|胎龄|怀了?|末次月经)[^，。；！？,;!?\n]{{0,4}}?(?P<days>(?<![0-9])[0-9]{{2,3}}|{_CN}{{2,4}})(?:{_TO}[0-9]{{2,3}})?\+?多?天"
)
_BARE_DAYS = re.compile(
    rf"(?P<days>(?<![0-9])[4-6][0-9]|(?<!{_CN})[四五六]十[一二三四五六七八九]?)\+?多?天(?!内|拿|出|后|疗程|试纸|卡|报告|一个|无理由|假|课|会员|的?价|左右出)"
)
_NOT_PREGNANT = re.compile(r"(?:产后|术后|流产后|刮宫后|宝宝|出生|月龄|疗程|连续|坚持|服用|随访|培训|课程|每隔?|隔|近|过去|最近|未来|再等|休息|满月|早产|运动|体重|又|下|上|过了?|还有|提前|休)\S?$")  # fmt: skip
_PREGNANT = re.compile(r"孕|怀|停经|胎|满|最早|早至|验|查|抽血|检|胎芽|孕囊|鉴|盲盒|B超")
_MONEY = re.compile(r"花|合计|机票|赚|挣|月入|年入|保底|收入|价|费|元|块|粉|播放|浏览|定金|款|薪|提成|佣")


def find_week(text: str) -> int | None:
    """The earliest week of pregnancy that ``text`` names (5 to 40; days are divided by seven), None where it names none.

    Weeks of the calendar, of waiting and of a child's age are not weeks of pregnancy (两周后, 每周, 周三, 产后6周).
    """
    folded = normalise(text[:_MAX_CHARACTERS]).folded
    weeks: list[int] = []
    united = _WEEK_UNIT.search(folded) is not None
    for match in _WEEK.finditer(folded) if united else ():
        low = _week_number(match.group("low"))
        before, behind = folded[max(0, match.start() - 8) : match.start()], folded[match.end() : match.end() + 4]
        if low is None or not 4 <= low <= 40 or _NOT_PREGNANT.search(before):
            continue
        if match.group("w") == "w" and (_MONEY.search(before + behind) or not _PREGNANT.search(folded)):
            continue
        if behind[:1] in ("后", "前", "内", "以", "左") and low < 5 and not _PREGNANT.search(before):
            continue
        if re.match(r"出(?!头)|拿|的?时间|(?:以?内|后|左右)(?:可?出|拿|收|复诊|复查)", behind) and not _PREGNANT.search(
            before
        ):
            continue
        if low == 4 and not _PREGNANT.search(before):
            continue
        weeks.append(low)
    for match in _PLUS.finditer(folded) if united or "孕" in folded else ():
        weeks.append(int(match.group("low") or match.group("low2")))
    for match in _DAYS.finditer(folded):
        written = match.group("days")
        days = int(written) if written.isdigit() else chinese_number(written)
        head = folded[max(0, match.start() - 4) : match.start() + 4]
        if days is not None and 28 <= days <= 280 and not re.search("产后|宝宝|备孕|满月|出生|避孕", head):
            weeks.append(days // 7)
    bare = not weeks and "天" in folded and re.search("孕|胎|验血|港", folded)
    for match in _BARE_DAYS.finditer(folded) if bare else ():
        written = match.group("days")
        if not re.search(
            "产|宝宝|备孕|满月|出生|避孕|连续|坚持|服|每|近|疗|坐|月子|共|用了",
            folded[max(0, match.start() - 5) : match.start()],
        ):
            weeks.append((int(written) if written.isdigit() else chinese_number(written) or 0) // 7)
    return min((week for week in weeks if 4 <= week <= 40), default=None)


def _week_number(written: str) -> int | None:
    if written.isdigit():
        return int(written)
    if len(written) == 2 and "十" not in written:  # 五六周: five or six
        written = written[0]
    return chinese_number(written)


_PERCENT = re.compile(
    r"(?<![0-9.])(?P<p>[5-9][0-9](?:\.[0-9]{1,3})?|100)\s?%|百分之(?P<cn>[一二三四五六七八九十百]{1,4}(?:点[零一二三四五六七八九]{1,3})?|[0-9]{2,3}(?:\.[0-9]+)?)"
)
_ACCURATE = re.compile(r"准|正确|精确|可靠|误差|成功|灵敏|命中|靠谱|把握")


def find_accuracy(text: str) -> float | None:
    """The highest accuracy in percent (50 to 100) that ``text`` promises near a word of accuracy, None where none."""
    folded = normalise(text[:_MAX_CHARACTERS]).folded
    promised: list[float] = []
    for match in _PERCENT.finditer(folded):
        if not _ACCURATE.search(folded, max(0, match.start() - 14), min(len(folded), match.end() + 10)):
            continue
        written = match.group("p") or match.group("cn")
        whole, _, part = written.partition("点")
        value = float(written) if written[0].isdigit() else float(chinese_number(whole) or 0)
        if part:
            value += float("0." + "".join(str(chinese_number(c) or 0) for c in part))
        if 50 <= value <= 100:
            promised.append(value)
    return max(promised, default=None)


_RESULT = r"(?:就?(?:可以?|能)?(?:出|拿|取|收到?|发|知道?|有|看到?)(?:结果|报告|检测结果|检测报告|单|具体结果)?)"
_TURNAROUND = re.compile(
    rf"(?P<same>当[天日]|即日|当场|立等)[^，。；\n]{{0,6}}?{_RESULT}|(?:结果|报告)[^，。；\n]{{0,4}}(?P<same2>当[天日])"
    rf"|(?P<n>[0-9]{{1,2}}|[一二两三四五六七八九十]{{1,2}})(?:{_TO}(?P<m>[0-9]{{1,2}}|[一二三四五六七八九十]))?\s?个?(?P<unit>工作日|小时|天|日|h(?![a-z]))(?:左右|内|之内|以内|后|即可|就)?[^，。；\n]{{0,3}}?"
    rf"(?:出|拿到|取|收到|可?知|就知|有)(?:结果|报告|检测|单|男女|性别|答案)?"
    rf"|(?:结果|报告|出单)[^，。；\n0-9]{{0,6}}(?P<n2>[0-9]{{1,2}}|[一二两三四五六七八九十]{{1,2}})(?:{_TO}(?P<m2>[0-9]{{1,2}}))?\s?个?(?P<unit2>工作日|小时|天|h(?![a-z]))"
)
_UNITS = {"工作日": "working days", "小时": "hours", "h": "hours", "天": "days", "日": "days"}


def find_turnaround(text: str) -> str | None:
    """How soon the result is promised, as it is first said: ``same day``, ``24 hours``, ``1 working days``, ``3-6 days``."""
    match = _TURNAROUND.search(normalise(text[:_MAX_CHARACTERS]).folded)
    if match is None:
        return None
    if match.group("same") or match.group("same2"):
        return "same day"
    low, high = match.group("n") or match.group("n2"), match.group("m") or match.group("m2")
    numbers = [str(_week_number(n)) for n in (low, high) if n]
    return f"{'-'.join(numbers)} {_UNITS[match.group('unit') or match.group('unit2')]}"
