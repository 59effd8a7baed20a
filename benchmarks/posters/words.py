"""What the pictures say. All of it is authored; contacts hold ``0000`` or ``zq0``, hosts end in ``.example``."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

HEADS = (
    "香港验血 测宝宝性别",
    "怀孕六周查男女",
    "寄血到香港 七天出结果",
    "早知道是弟弟还是妹妹",
    "上门采血 当天寄港",
    "孕早期 DNA 性别检测",
    "赴港抽血一条龙",
    "鉴定男女 准确率 99.4%",
    "无创查性别 隐私保护",
    "港检直通车 招代理",
)
OFFERS = (
    "满六周即可预约", "准确率 99.5%，查错全退", "不用过关，护士上门", "次日出报告，加密发送", "全国可寄，冷链包装", "先看 B 超单再安排", "胎芽三毫米以上可做", "一对一陪同，口岸接送", "化验所直接合作", "名额有限，先到先得",
    "费用 4500 起，加急另加 800", "代理一单返 600", "报告查询真实可验", "双胞胎也可检测", "面单写日用品，安全出境",
)  # fmt: skip
PRICES = (
    ("寄血套餐", "3200"),
    ("赴港套餐", "4800"),
    ("加急当天", "5600"),
    ("双胎加项", "1200"),
    ("陪同过关", "600"),
    ("上门采血", "500"),
)
NAMES = ("gangjian", "nuanxin", "baobei", "xingyun", "anxin", "haoyun", "mama", "zaozhi", "lijie", "wenwen")
ASKED = ("在吗，想查宝宝性别", "几周可以做呀", "多少钱", "要去香港吗", "准不准")
TOLD = (
    "在的，六周以上就能查",
    "满 42 天发 B 超单给我",
    "全包 4500，护士上门抽血",
    "不用去，我们寄到香港化验",
    "准确率 99.5%，错了全退",
)
INNOCENT = (
    ("周末菜谱", ("番茄两个切块", "鸡蛋三个打散", "热锅下油翻炒三分钟", "出锅撒葱花")),
    ("社区篮球赛", ("时间 本周六下午三点", "地点 三号院球场", "报名找居委会王老师")),
    ("图书馆开放时间", ("周一闭馆", "周二至周日 9:00-20:30", "自习室二楼 座位 120 个")),
    ("课程表", ("语文 数学 体育", "英语 科学 美术", "周五下午班会")),
    ("出行提示", ("四号线周日检修", "请换乘二号线", "服务热线 4000000120")),
    ("考试成绩单", ("语文 92", "数学 88", "英语 95", "总分 275")),
    ("超市特价", ("鸡蛋 4.9 元一斤", "苹果 3.5 元一斤", "牛奶第二件半价")),
    ("孕妇学校课程", ("孕期营养与运动", "每周三上午 门诊楼五层", "免费听课 无需预约")),
    ("产检时间表", ("12 周 建档与 NT 检查", "16 周 唐氏筛查", "24 周 大排畸", "28 周 糖耐")),
    ("普法宣传", ("禁止非医学需要的胎儿性别鉴定", "举报电话 12320", "市卫生健康委员会")),
)  # fmt: skip


@dataclass
class Said:
    """What a picture says: its lines in reading order, contacts (kind, canonical), and codes as they were encoded."""

    lines: list[str] = field(default_factory=list)
    contacts: list[tuple[str, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def wechat(rng: random.Random) -> tuple[str, tuple[str, str]]:
    """A line with a WeChat id, and the contact."""
    handle = f"{rng.choice(NAMES)}_zq0{rng.randrange(10, 99)}"
    return rng.choice((f"微信：{handle}", f"加微信 {handle}", f"V信: {handle}", f"咨询微信 {handle}")), (
        "wechat",
        handle,
    )


def phone(rng: random.Random) -> tuple[str, tuple[str, str]]:
    """A line with a phone number, and the contact."""
    number = f"1{rng.choice('3578')}{rng.randrange(10)}0000{rng.randrange(1000, 9999)}"
    shown = rng.choice((number, f"{number[:3]}-{number[3:7]}-{number[7:]}", f"{number[:3]} {number[3:7]} {number[7:]}"))
    return rng.choice((f"电话 {shown}", f"热线：{shown}", f"手机 {shown}")), ("phone", number)


def qq(rng: random.Random) -> tuple[str, tuple[str, str]]:
    """A line with a QQ number, and the contact."""
    number = f"{rng.randrange(10, 99)}0000{rng.randrange(1000, 9999)}"
    return rng.choice((f"QQ：{number}", f"QQ群 {number}")), ("qq", number)


def code(rng: random.Random) -> tuple[str, tuple[str, str]]:
    """What a code says, and the contact in it."""
    token = "".join(rng.choice("ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789") for _ in range(14))
    number = f"1{rng.choice('3578')}{rng.randrange(10)}0000{rng.randrange(1000, 9999)}"
    return rng.choice((
        (f"https://u.wechat.com/zq0{token}", ("wechat", f"u.wechat.com/zq0{token}")),
        (f"https://qm.qq.com/q/zq0{token}", ("qq", f"qm.qq.com/q/zq0{token}")),
        (f"https://gangjian-zq0.example/y/{token}", ("url", f"gangjian-zq0.example/y/{token}")),
        (f"tel:{number}", ("phone", number)),
        (f"http://weixin.qq.com/g/zq0{token}", ("wechat", f"weixin.qq.com/g/zq0{token}")),
    ))  # fmt: skip
