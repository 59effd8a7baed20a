"""The general rules of contact finding: names by sound and look, numbers by sound and in words, notes, pieces, guards.

All contacts here are invented. Each table crosses parts (a name with a handle, a writing with a number), so that a rule is held for its
whole class and not for one string.
"""

import pytest

from core.types import ContactPoint
from text.contacts import find_contacts


def believed(text: str, title: str = "") -> list[ContactPoint]:
    return [point for point in find_contacts(text, title) if point.confidence >= 0.5]


def pairs(text: str, title: str = "") -> set[tuple[str, str]]:
    return {(str(point.kind), point.canonical) for point in believed(text, title)}


WECHAT_NAMES = [
    "魏芯",
    "维心",
    "唯星",
    "喂信",
    "胃信",
    "尾信",
    "伟新",
    "v星",
    "威x",
    "卫x",
    "w/x",
    "微.信",
    "微-信",
    "V-X",
    "v叉",
    "weixinhao",
    "vxin",
    "绿标软件",
    "绿的那个",
    "🟩软件",
    "绿聊",
    "+维",
    "十v",
]
QQ_NAMES = ["口口号", "扌口扌口", "Q-Q", "q.q.", "Q君羊", "气鹅", "鹅号", "qq小号", "QQ2群", "秋秋", "小企鹅"]
TELEGRAM_NAMES = ["T.G.", "t/g", "telegrm", "飞鸡", "灰机", "土豆", "蓝飞机", "电报频道", "飞机见", "电抱"]
WHATSAPP_NAMES = ["WA", "WS", "W/A", "瓦萨", "哇次普", "瓦茨艾普", "whatsapp香港号", "whatsapp查詢", "Watsapp"]
LINE_NAMES = ["Line官方", "LINE官方帳號", "line搜尋", "加LINE好友", "賴", "濑"]


@pytest.mark.parametrize("name", WECHAT_NAMES)
def test_a_name_that_sounds_or_looks_like_wechat_announces_a_handle_and_a_number(name: str) -> None:
    assert pairs(f"想查的姐妹{name}：zq0lily_8 来") == {("wechat", "zq0lily_8")}
    assert pairs(f"七周可约 {name} 13800006721 先问后约") == {("wechat", "13800006721")}


@pytest.mark.parametrize("name", QQ_NAMES)
def test_names_of_qq(name: str) -> None:
    assert pairs(f"报告样本可看，{name}：3400000217 备注周数") == {("qq", "3400000217")}


@pytest.mark.parametrize("name", [*TELEGRAM_NAMES, "纸 飞 机", "te le gram"])
def test_names_of_telegram(name: str) -> None:
    assert pairs(f"收样本，{name}：zq0_sample 只谈现货") == {("telegram", "zq0_sample")}


@pytest.mark.parametrize("name", [*WHATSAPP_NAMES, "Wha tsApp"])
@pytest.mark.parametrize("number", ["+852 5100 0073", "00852 5100 0073", "5100 0073"])
def test_names_of_whatsapp(name: str, number: str) -> None:
    assert pairs(f"滿七週可約 {name}：{number}，兩邊都可") == {("whatsapp", "85251000073")}


@pytest.mark.parametrize("name", LINE_NAMES)
def test_names_of_line(name: str) -> None:
    assert pairs(f"想驗的媽媽 {name}：zq0_tw88 截圖給我") == {("line", "zq0_tw88")}


NUMBERS = [
    "yao san ba ling ling ling ling liu qi er yi", "one three eight zero zero zero zero six seven two one", "衣叁吧灵灵灵灵溜漆尔衣",
    "138林林林林6721", "一三八四个零六七二一", "138四个零6721", "1З8OOOO67Z1", "I38OOOO672I", "138|0000|6721", "13 8000 06721",
    "+86-138-0000-6721", "8613800006721", "【138】【0000】【6721】", "一三八，零零零零，六七二一", "1,3,8,0,0,0,0,6,7,2,1",
]  # fmt: skip


@pytest.mark.parametrize("written", NUMBERS)
def test_a_number_by_sound_in_words_or_with_any_sign_between_ends_where_the_next_word_begins(written: str) -> None:
    assert pairs(f"薇信 {written}，六周也行") == {("wechat", "13800006721")}
    assert pairs(f"七周可查 电话：{written} 王姐") == {("phone", "13800006721")}


BOTH = [
    "13800006721手机微信一个号", "电卫同号：13800006721", "电话就是微信13800006721", "打13800006721，加微信也是这个号", "电话微信：13800006721", "13800006721可加微信",
    "手机13800006721，微信就是手机号", "13800006721搜手机号加微信", "微信和电话同一个号：13800006721", "V电同步13800006721", "Tel/WeChat: 13800006721", "13800006721【薇电同步】",
]  # fmt: skip


@pytest.mark.parametrize("note", BOTH)
def test_a_note_in_any_order_of_its_words_gives_phone_and_wechat(note: str) -> None:
    assert pairs(f"港检预约 {note}") == {("wechat", "13800006721"), ("phone", "13800006721")}


def test_a_note_that_all_numbers_are_wechat_gives_that_kind_alone() -> None:
    assert pairs("主号13800006721，备用号13900006722，都是微信") == {
        ("wechat", "13800006721"),
        ("wechat", "13900006722"),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("微信/QQ：3400000217", {("wechat", "3400000217"), ("qq", "3400000217")}),
        ("QQ微信同号3400000217", {("wechat", "3400000217"), ("qq", "3400000217")}),
        ("WeChat/Line: zq0_tw88", {("wechat", "zq0_tw88"), ("line", "zq0_tw88")}),
        ("微信和tg都是 zq0_two", {("wechat", "zq0_two"), ("telegram", "zq0_two")}),
        ("zq0_lily（V） 13700008842（电）", {("wechat", "zq0_lily"), ("phone", "13700008842")}),
    ],
)
def test_labels_side_by_side_share_what_they_name(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("7周可查！138", "00006721，前三位看标题"), ("港检咨询138", "后面接 0000 6721"), ("寄血咨询1380000", "尾号是6721，前七位在标题"),
        ("陪诊138", "号在标题，接着打：00006721"), ("", "号码分两段：1380000 和 6721，合起来就是"), ("", "第一行：1380000\n第二行：6721\n连起来就是手机号"),
        ("", "开头138，中间0000，结尾6721"), ("", "后四位6721，前七位1380000，自己拼"),
    ],
)  # fmt: skip
def test_pieces_that_a_sentence_says_to_join_are_joined(title: str, text: str) -> None:
    assert pairs(text, title) == {("phone", "13800006721")}


@pytest.mark.parametrize(
    ("title", "text", "handle"),
    [
        ("男宝妈集合 mamazq", "标题的字母+这里的数字：0518，就是卫星号", "mamazq0518"),
        ("", "微信号两段拼：zq0mei 加上 8866", "zq0mei8866"),
        ("", "微信: zq0hong 下划线 9", "zq0hong_9"),
        ("", "elppa0qz 倒过来加微信", "zq0apple"),
        ("", "就是搜zq0fenfen这个微信的", "zq0fenfen"),
        ("", "复制zq0hong_9到微信搜索", "zq0hong_9"),
        ("", "zq0_mei8，绿泡泡搜得到", "zq0_mei8"),
        ("", "zq0hkdoc8\n↑↑微信", "zq0hkdoc8"),
        ("", "有人加过zq0hkdoc这个微信吗？是不是骗子", "zq0hkdoc"),
    ],
)
def test_handles_in_pieces_backwards_and_before_their_label(title: str, text: str, handle: str) -> None:
    assert pairs(text, title) == {("wechat", handle)}


NO_CONTACT = [
    "前三胎都是女儿，后面想要儿子",
    "前三个月138块，后面八个月0067元",
    "前137名奖励0000 后8842",
    "中间价1370000，后面涨到8842",
    "标题写着1370000 其实8842",
    "合起来1370000加8842等于1378842",
    "公里内 160 钢琴 380 上楼 450 每层 30",
    "3980+1500+800=6280",
    "总共137+0000+8842",
    "价格1370 0000 8842元",
    "第一次1370000后来8842",
    "3800、4500、5500三档",
    "+HKD1200 加急 HKD6100 次日",
    "一三五七九，二四六八十",
    "五一六一七一八一",
    "气死我了其实吧就是二三四五六七",
    "为什么137 未婚26岁 唯一26000",
    "卫星灶 2600 威海 13700",
    "飞机餐 260元 土豆 2600克",
    "v我50 line pay 2600",
    "微信转账13800元已收",
    "工号 13700008842",
    "孕7周 b超139 0000 7765号诊室",
    "伦理批件号:NZ2-EC-2025-017",
    "注册号 ChiCTR2000006721",
    "编辑：zq0editor",
    "IG: zq0_ig",
    "游戏ID zq0game88",
    "@zq0_mama 你家出结果没",
    "楼上的@zq0_ming是托吗",
    "QQ 3400***17",
    "138****6721",
]


@pytest.mark.parametrize("text", NO_CONTACT)
def test_weeks_prices_ages_codes_and_people_addressed_are_no_contacts(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "版权所有 妇产网 站长QQ：3400000217 备案号", "站长微信 zq0webm 粤ICP备00001234号", "不良信息举报邮箱 jubao@zq0site.example", "侵权删除请联系 zq0web@site.example",
        "Copyright 2024 技术支持：zq0tech.example",
    ],
)  # fmt: skip
def test_the_contacts_of_a_footer_are_kept_in_doubt(text: str) -> None:
    assert pairs(text) == set()
    assert find_contacts(text)


def test_a_station_outside_a_footer_is_a_contact() -> None:
    assert len(believed("招骑手，站长微信zq0zhan88")) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("薇：133+四个零+6721，别数错", ("wechat", "13300006721")),
        ("我的号码是幺五六，四个零，再加九五幺三", ("phone", "15600009513")),
        ("电话一八二中间四个〇尾号七七二一", ("phone", "18200007721")),
        ("QQ 34加四个零加217", ("qq", "340000217")),
        ("她手机 幺八八，洞洞洞洞，拐拐两幺", ("phone", "18800007721")),
        ("手机么三八零零零零六七二么", ("phone", "13800006721")),
    ],
)
def test_counted_zeros_and_spoken_digits(text: str, found: tuple[str, str]) -> None:
    assert pairs(text) == {found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("企鹅 3删4除0000汉5字67，留数字就行", ("qq", "340000567")),
        ("薇♡zq0（不要括号里的）mi（这里也不要）mi88，懂的来", ("wechat", "zq0mimi88")),
        ("微信：zq0去me掉i88 去掉“去掉”两个字", ("wechat", "zq0mei88")),
        ("加薇zq0多mei余77，多余两字去掉", ("wechat", "zq0mei77")),
        ("微信zq0xx_mama77（去掉xx）", ("wechat", "zq0_mama77")),
        ("vx: zq0-li-an-88 横杠去掉", ("wechat", "zq0lian88")),
        ("V：zq0【删】xue【删】66 删字去掉再搜", ("wechat", "zq0xue66")),
        ("微信zq0(我)yun(是)88，括号都删", ("wechat", "zq0yun88")),
        ("薇心zq0ABCxin8，把大写字母去掉", ("wechat", "zq0xin8")),
        ("加V 138哈0000哈6721，把哈去了", ("wechat", "13800006721")),
        ("13x8x0000x6721，x去掉打", ("phone", "13800006721")),
    ],
)
def test_what_is_told_to_be_left_out_is_left_out(text: str, found: tuple[str, str]) -> None:
    assert pairs(text) == {found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话1X800006721（X=3）", ("phone", "13800006721")),
        ("联系人小方 IB5OOOO23b9（B=8，b=6）", ("phone", "18500002369")),
        ("微信AB800006721，A是1，B是3", ("wechat", "13800006721")),
        ("vx: zqO_mama99，是零不是O", ("wechat", "zq0_mama99")),
        ("vx: zq0_lXcky，X代表u", ("wechat", "zq0_lucky")),
        ("微信 zq0*mei88，*代表下划线", ("wechat", "zq0_mei88")),
        ("电话：13★0000★★21，★=6", ("phone", "13600006621")),
        ("QQ 3X000X17（X都是4）", ("qq", "34000417")),
    ],
)
def test_a_legend_says_what_a_sign_stands_for(text: str, found: tuple[str, str]) -> None:
    assert pairs(text) == {found}


def test_the_reading_as_written_is_kept_in_doubt_beside_that_of_a_legend() -> None:
    found = {point.canonical: point.confidence for point in find_contacts("vx: zqO_mama99，O是零，不是欧")}
    assert found["zq0_mama99"] >= 0.5 > found["zqo_mama99"]


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("飞机前半zq0ship", "后半_hk88，长期收", ("telegram", "zq0ship_hk88")),
        ("LINE上半 zq0bao", "下半 bei_tw", ("line", "zq0baobei_tw")),
        ("加薇zq0mei", "接标题：_hk01", ("wechat", "zq0mei_hk01")),
        ("企鹅上半 3400", "下半 000217", ("qq", "3400000217")),
        ("前五位13800", "后面六位006721，打我", ("phone", "13800006721")),
        ("138开头", "中间0000，末尾6721，手机号就是这个", ("phone", "13800006721")),
        ("133", "0000 中间，6427结尾，前三位看标题", ("phone", "13300006427")),
        ("", "1楼：微信186 2楼：0000 3楼：6721 按楼层拼", ("wechat", "18600006721")),
        ("", "①138②0000③6721 按顺序连起来 微信", ("wechat", "13800006721")),
        ("", "第一段zq0 第二段hk 第三段mama，拼成微信", ("wechat", "zq0hkmama")),
        ("", "溦【zq0】【chen】【jie】三段连起来", ("wechat", "zq0chenjie")),
        ("", "扣扣(340)(000)(217)", ("qq", "340000217")),
        ("", "微信由两部分组成：zq0sun + _flower", ("wechat", "zq0sun_flower")),
        ("", "微信：zq0...mei...99", ("wechat", "zq0mei99")),
        ("", "微信号竖排：\nz\nq\n0\nl\nu\nl\nu", ("wechat", "zq0lulu")),
    ],
)
def test_pieces_in_any_order_of_telling_keep_the_kind_of_their_label(
    title: str, text: str, found: tuple[str, str]
) -> None:
    assert pairs(text, title) == {found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("加这个蔚x：zq0blue_sky", ("wechat", "zq0blue_sky")),
        ("💚💬 zq0mamahk 第二天发结果", ("wechat", "zq0mamahk")),
        ("🟢🫧：zq0bubble8", ("wechat", "zq0bubble8")),
        ("賴的ID是zq0taipei2，做過的媽咪", ("line", "zq0taipei2")),
        ("賴帳號 zq0_twn", ("line", "zq0_twn")),
        ("LINE ID：zq0.tw.88", ("line", "zq0.tw.88")),
        ("line點me/R/ti/p/@zq0meeting", ("line", "zq0meeting")),
        ("微信：_zq0_88_，备注来意", ("wechat", "_zq0_88_")),
        ("V:zq0mina_，备注", ("wechat", "zq0mina_")),
        ("微信zq0_mei_加我", ("wechat", "zq0_mei")),
        ("vx_zq0lily8", ("wechat", "zq0lily8")),
        ("158...0000...6721 加V，每天三位", ("wechat", "15800006721")),
        ("一三八零零零零六七二一，加V聊", ("wechat", "13800006721")),
        ("抖音号 zq0dymama88 微信同号", ("wechat", "zq0dymama88")),
        ("小红书：zq0hh777（薇同）", ("wechat", "zq0hh777")),
        ("微博zq0wbmama，绿泡泡也是这个", ("wechat", "zq0wbmama")),
        ("elppa_0qz，微信号反着写的", ("wechat", "zq0_apple")),
        ("飞机：kh_dloog0qz（反的）", ("telegram", "zq0goold_hk")),
        ("QQ 7120000043 镜像一下", ("qq", "3400000217")),
        ("澳門診所電話 2800 0073，澳門半島", ("phone", "85328000073")),
        ("香港佐敦，电话 2300 0073", ("phone", "85223000073")),
    ],
)
def test_names_edges_labels_behind_shared_names_backwards_and_places(text: str, found: tuple[str, str]) -> None:
    assert pairs(text) == {found}


def test_the_place_named_nearest_decides_the_country_code() -> None:
    found = pairs("香港總店電話 2300 0011，澳門分店電話 2800 0022")
    assert found == {("phone", "85223000011"), ("phone", "85328000022")}


@pytest.mark.parametrize(
    "text",
    [
        "香港验血 基础HKD4000，高级5500-6000，全套8000-9000",
        "港检报价 普通4500 5000，加急6000 6500",
        "澳门酒店 2800-3200 一晚",
        "一共137人，四个零食袋，2100份",
        "去掉零头，收你4500不要5500",
        "把多余的水分去掉，称重138克 0000 6721",
        "浓度X=8，Y代表孕周，样本量137",
        "其中A=138，B=0000，C=6721元",
        "1楼：138平 2楼：0000 3楼：6721元/月",
        "前五位报名的送138元券，后面六位送67元",
        "第1步138，第2步0000，第3步6721，按顺序来",
        "[rs1042][rs7041]两个位点，结果【GG】【AT】",
        "为什么三六零零零零五二幺零是啥股票代码",
        "💚2025年11月20日 6w5d",
        "🟢HCG 13800 正常",
        "为x染色体异常 47xxy",
        "微博zq0wbb，微信早注销了",
        "抖音zq0dy88，微信不是这个",
        "反过来想，12760000831元也不贵",
        "联系站长：webmaster@zq0bbs.example",
        "Copyright © 2024 zq0site.example 联系邮箱 web@zq0site.example",
    ],
)
def test_prices_counts_legends_of_values_and_keepers_of_sites_are_no_contacts(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("", "这里不方便讲，溦我吧 amyzq0lab", {("wechat", "amyzq0lab")}),
        ("", "绿泡泡找我吧，我的号是 amy_zq0hk", {("wechat", "amy_zq0hk")}),
        ("", "都去飞机了，我的id是 lanzq0fen", {("telegram", "lanzq0fen")}),
        ("预约微信在正文", "zq0_yuyue 报孕周", {("wechat", "zq0_yuyue")}),
        ("咨询 微信见下", "13900006722，加我备注", {("wechat", "13900006722")}),
        ("", "要地址的力口微亻言 zq0zuo8", {("wechat", "zq0zuo8")}),
        ("", "加亻言看这 zq0mama99", {("wechat", "zq0mama99")}),
        ("", "赖➡ @zq0_tw8 七週可查", {("line", "zq0_tw8")}),
        ("", "WTS:+852 6000 0789", {("whatsapp", "85260000789")}),
        ("", "WhatsApp +1 626 000 0123，Line zq0usa_1", {("whatsapp", "16260000123"), ("line", "zq0usa_1")}),
        ("", "WhatsApp 001 626 000 0199", {("whatsapp", "16260000199")}),
        ("", "办公室电话 001-626-000-0456，讲中文", {("phone", "16260000456")}),
        ("", "交流群：640000218,进群改名片", {("qq", "640000218")}),
        ("", "姐妹群 88000021 进来聊", {("qq", "88000021")}),
        ("", "香港号码：六零零零 零八一二", {("phone", "85260000812")}),
    ],
)
def test_a_label_in_a_reply_taken_apart_or_of_another_place(title: str, text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text, title) == found


@pytest.mark.parametrize("behind", ["日结代理", "周结", "月入过万", "天天在线", "周一到周日在线", "7周可约"])
@pytest.mark.parametrize("written", ["4100007530", "4.1.0.0.0.0.7.5.3.0"])
def test_a_number_ends_before_words_of_time_and_keeps_its_last_digit(written: str, behind: str) -> None:
    assert pairs(f"扣扣：{written} {behind}") == {("qq", "4100007530")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vx:z香q港0查h血k验88,去掉中文就是我号", {("wechat", "zq0hk88")}),
        ("QQ号28男0000女5561(男女二字删掉),做代理", {("qq", "2800005561")}),
        ("QQ 6OOOO9l7，渠道商，o和l都是数字0和1", {("qq", "60000917")}),
        ("QQ 8OO0l2Ol，O=0 l=1", {("qq", "80001201")}),
        ("手机13花0000花65花，花=8，防删", {("phone", "13800008658")}),
        ("薇158鸭鸭鸭鸭2鸭46，一只鸭一个0", {("wechat", "15800002046")}),
        ("QQ号77+四个0+319，回得快", {("qq", "770000319")}),
        ("加Q：12后面跟四个〇再跟345", {("qq", "120000345")}),
        ("电话186,零零零零,末尾四位是3377", {("phone", "18600003377")}),
        ("薇信号字母zq数字0再加拼音xiaoyue,全小写", {("wechat", "zq0xiaoyue")}),
        ("V是 hk下划线zq0下划线mia(下划线打成_)", {("wechat", "hk_zq0_mia")}),
        ("Q号拆开写：3300/歇一下/00729，当天结", {("qq", "330000729")}),
        ("回复1:加薇 lingzq0\n回复2:接着上一条 _xx21 ，合起来", {("wechat", "lingzq0_xx21")}),
        ("1楼：vx zq0\n2楼：接上楼 mama_8", {("wechat", "zq0mama_8")}),
        ("第一段 1390000，中间说句:七周最合适，第二段 8877，拼好加微", {("wechat", "13900008877")}),
        ("防封倒序号，TG:ecila0qz，逆过来搜", {("telegram", "zq0alice")}),
        ("tg反着来 iem_iem0qz@，首尾颠倒", {("telegram", "zq0mei_mei")}),
        ("薇信反过来写了 ybabxh0qz，自己倒一下", {("wechat", "zq0hxbaby")}),
    ],
)
def test_signs_pieces_and_zeros_that_the_words_tell(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


def test_halves_over_title_and_text_with_signs_of_their_own() -> None:
    assert pairs("标题写不下了,后四位-6802,全天在线", "上门采血 电话159-0000") == {("phone", "15900006802")}
    assert pairs("标题那个后面再加上 _jie88，完整的才搜得到", "看标题 卫星zq0_han") == {("wechat", "zq0_han_jie88")}


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("作者:hkzq0sister", "作者名复制到绿泡泡里搜就是我", {("wechat", "hkzq0sister")}),
        ("", "发布人：小鹿_zq0lulu8\n后面那串字母数字是V", {("wechat", "zq0lulu8")}),
        ("", "网名:zq0dashu\n直接搜,v就是网名", {("wechat", "zq0dashu")}),
        ("", "博主:zq0tgboss\n用户名就是飞机号", {("telegram", "zq0tgboss")}),
        ("", "快手ID:zq0_shengnan 同薇，每晚九点", {("wechat", "zq0_shengnan")}),
        ("", "小红书号 6600003188 跟我绿泡泡号一样", {("wechat", "6600003188")}),
    ],
)
def test_the_name_of_an_author_or_account_that_is_said_to_be_the_id(
    title: str, text: str, found: set[tuple[str, str]]
) -> None:
    assert pairs(text, title) == found


@pytest.mark.parametrize(
    "text",
    [
        "作者：zq0mama\n我在微信公众号看到的文章", "用户名：zq0mama8 昵称是微信名吗，报告怎么看", "发布人：zq0_ayi\n今天7周+3，有没有微信群",
        "订单号6600003188 跟微信一样查", "样本编号 6600003188，微信同步更新", "人群：2000000 以上", "妈妈群 20260101 成立", "Q1 2025 28男 30女",
        "孕周77+4个0+319怎么算", "hcg186,零零零零,末尾3377", "原价3300/优惠/2900 拆开卖", "拆开看 12/正常/15 报告", "编号 001-626-000-0456",
        "热线 001-2026-001", "WTS 2026 0101 二手奶粉", "花=8，草=9，一共17", "字母o数字0要分清 QQ空间", "第一段 12周，第二段 16周，微信里问的医生",
        "冷链箱型号CX-1380000B，22L，保温72小时", "薇号的尾巴是_baby88，前面的在头像图片上", "V我吧50块 zq", "我28男0个女5561元",
    ],
)  # fmt: skip
def test_weeks_values_prices_dates_and_names_that_are_no_contact(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("🤞芯 zq0mumu88", {("wechat", "zq0mumu88")}),
        ("威♥星 zq0lulu8", {("wechat", "zq0lulu8")}),
        ("lv pao pao：zq0mumu", {("wechat", "zq0mumu")}),
        ("kou kou haoma 820000719", {("qq", "820000719")}),
        ("㣲信：zq0shuang8", {("wechat", "zq0shuang8")}),
        ("ʟɪɴᴇ: zq0caps.a", {("line", "zq0caps.a")}),
        ("L1NE id zq0.mei", {("line", "zq0.mei")}),
        ("LIN\u0395 ID: zq0lulu8", {("line", "zq0lulu8")}),  # a Greek capital
        ("W\u0415\u0421\u041dAT zq0lulu8", {("wechat", "zq0lulu8")}),  # Cyrillic ones
        ("TG群主：zq0boss_li", {("telegram", "zq0boss_li")}),
        ("zq0hr <at> mailx <.> test", {("email", "zq0hr@mailx.test")}),
        ("zq0hr【艾特】mailx【点】test", {("email", "zq0hr@mailx.test")}),
        ("港号：6000 0711", {("phone", "85260000711")}),
        ("台灣手機：零九三零 零零零 一八八", {("phone", "886930000188")}),
        ("北京门店：零一零 八零零零零二六一", {("phone", "01080000261")}),
        ("微信是手机号：15900006618", {("wechat", "15900006618")}),
        ("微信就是我手机号15900006618", {("wechat", "15900006618"), ("phone", "15900006618")}),
        ("微信：字母z，字母q，数字零，拼音lao wang", {("wechat", "zq0laowang")}),
        ("威信 z q 零 h a o y u n", {("wechat", "zq0haoyun")}),
        ("Q号45后面三个洞再来个719", {("qq", "45000719")}),
        ("我电话中间是0000，前面138，后四位2231", {("phone", "13800002231")}),
        ("扣：8好5好0000617，好是用来防和谐的", {("qq", "850000617")}),
        ("zq0hongbao 搜一下，飞机上只有我", {("telegram", "zq0hongbao")}),
    ],
)
def test_labels_by_look_and_sound_and_numbers_in_words(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "网站管理员QQ：330000981", "本站编辑部电话 0571-80000138", "纠错请联系QQ 330000981", "编号VX-20260000159，投诉已受理", "单号VX 2026000015",
        "出港号：20260001", "莱茵号 游轮 2026-01-02", "QQ群主 20260101 发的通知", "hcg：前面139，中间1200，后面3321", "这些数据都是凑数的 12.5 18.6", "奥迪12后面四个圈再来34",
        "零一二三四五六七八九零一", "字母表a到z 数字0到9 拼音ba ma", "医院尾号限行3321，前面139元套餐，中间120元",
    ],
)  # fmt: skip
def test_keepers_of_sites_codes_and_values_that_are_no_contact(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("打这个：幺三九 四个洞 两两三五", {("phone", "13900002235")}),
        ("号码报一下，一五八、三十六、四个零、再加二十一", {("phone", "15836000021")}),
        ("手机是一五九，中间四个零，最后是二二三三", {("phone", "15900002233")}),
        ("dial one three nine, four zeros, five six seven eight", {("phone", "13900005678")}),
        ("call one five nine, double zero double one, two two three three", {("phone", "15900112233")}),
        ("1588823后面四个零，手机", {("phone", "15888230000")}),
        ("手机158 8823，末四位都是零", {("phone", "15888230000")}),
        ("扣扣五六七八一，四个零", {("qq", "567810000")}),
        ("qq：5678，三个零，12", {("qq", "567800012")}),
        ("五六七八一零零零零@qq.com", {("email", "567810000@qq.com")}),
        ("打 六一二三零零零零 问下，香港嘅", {("phone", "85261230000")}),
        ("請撥 0912000678 林小姐", {("phone", "886912000678")}),
        ("热线(020)82000000", {("phone", "02082000000")}),
        ("📱13700002233 人在罗湖", {("phone", "13700002233")}),
    ],
)
def test_numbers_that_are_read_aloud_and_counted(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my wechat's zq0amy88, whatsapp is better", {("wechat", "zq0amy88")}),
        ("our assistant's wx is zq0_help", {("wechat", "zq0_help")}),
        ("My WhatsApp's +852 6123 0000", {("whatsapp", "85261230000")}),
        ("my hk number: 6123 0000, Hong Kong only", {("phone", "85261230000")}),
        ("You can text me on 9345 0000 (hong kong)", {("phone", "85293450000")}),
        ("ring me at 136 0000 2288 any time", {("phone", "13600002288")}),
        ("telegram or WhatsApp +44 7700 900123", {("whatsapp", "447700900123")}),
    ],
)
def test_labels_in_english(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("微信zq0fang，0和f之间有个下划线", {("wechat", "zq0_fang")}),
        ("威 zqfang，q后面补个0", {("wechat", "zq0fang")}),
        ("vx:zq0fang，fang前面加个下划线", {("wechat", "zq0_fang")}),
        ("薇：zq0和rose77，中间下划线", {("wechat", "zq0_rose77")}),
        ("薇 137 0000，中间四位2233补进去", {("wechat", "13722330000")}),
        ("薇159 2233，中间补四个0", {("wechat", "15900002233")}),
        ("手机159****2233，星号填0000", {("phone", "15900002233")}),
        ("zqx0xroxsex88，x全部删除，薇", {("wechat", "zq0rose88")}),
        ("vx：zq0antirobotrose 删antirobot", {("wechat", "zq0rose")}),
        ("飞机：zq0_nobot_rose，nobot_去掉", {("telegram", "zq0_rose")}),
        ("QQ：5a6b7c8d1e0f0g0h0，英文字母去掉", {("qq", "567810000")}),
        ("电话137#0000*2233，井号和星号不要", {("phone", "13700002233")}),
        ("扣扣：五六羊七八一羊零零零零，羊等于没有", {("qq", "567810000")}),
        ("电话137香0000港2233，香港两个字没用", {("phone", "13700002233")}),
        ("zq零rose88，零写成数字，徽❤", {("wechat", "zq0rose88")}),
        ("v：字母z、q，再加数字0，然后拼音mama", {("wechat", "zq0mama")}),
        ("微信名是zq0rose加上数字77", {("wechat", "zq0rose77")}),
    ],
)
def test_what_is_told_to_be_put_in_or_left_out(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("楼主：微信分两段发，zq0fa\n楼主补充：ng88，齐了", {("wechat", "zq0fang88")}),
        ("博主：手机 137 0000\n博主又发：2233，前后连起", {("phone", "13700002233")}),
        ("3楼：薇zq0\n5楼：接3楼rose77", {("wechat", "zq0rose77")}),
        ("评论1：扣56781\n评论2：0000 拼一起", {("qq", "567810000")}),
        ("微信号分三段，前：zq0 中间：rose 后：77", {("wechat", "zq0rose77")}),
        ("薇\nzq0\nro\nse7\n从上往下读", {("wechat", "zq0rose7")}),
        ("绿色那个聊天软件搜一下zq0rosehk", {("wechat", "zq0rosehk")}),
        ("zq0rosehk 这个是绿色APP的", {("wechat", "zq0rosehk")}),
        ("腾讯的鹅 567810000", {("qq", "567810000")}),
        ("QQ一群满了，二群567810000，三群 567820000", {("qq", "567810000"), ("qq", "567820000")}),
        ("有个扣扣群很活跃 五六七八一零零零零", {("qq", "567810000")}),
        ("whats爱扑 +852 6123 0000", {("whatsapp", "85261230000")}),
        ("电报id反写一下：esor_0qz", {("telegram", "zq0_rose")}),
        ("打电话也成加微也成，都是13700002233", {("phone", "13700002233"), ("wechat", "13700002233")}),
        ("朋友给我一个号，微信 13700002233", {("wechat", "13700002233")}),
    ],
)
def test_replies_lines_and_names_in_words(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "本报讯 市妇幼保健院产科值班电话0755-8200 0000，24小时有人", "市公安局公布监督电话 0755-8200 0000", "据市卫健委介绍，咨询热线0755-82000000已开通",
        "invoice number 138-0000-5566", "policy number: 139 0000 5566", "wechat is blocked in my country", "my wx is not working today",
        "call me at 3pm, line 2 of the report", "my number one wish is a girl", "our number is 20260101", "Text me the results, line 21 says XY",
        "我三十六，她二十八，婆婆五十九，四个孩子", "孕酮22.5，二十六、三十八、四十，连着三天", "报价1280后面三个零，吓人", "一群 20260101 发的通知",
        "一三五七九，十一十三十五", "楼主：上个月花了5000\n楼主补充：2800退回来了，两段经历，拆开写", "hcg\n120\n3400\n竖着读，姐妹帮看",
        "验孕棒T线和C线中间还有一条线", "B超单1和2中间还有个0，医生写错了", "预产期2026年5月，打3000 4000的针都没用",
    ],
)  # fmt: skip
def test_news_claims_talk_and_values_that_are_no_contact(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("香港验血包邮，咨询电话0755-82000000", {("phone", "075582000000")}),
        ("我院总机0755-82000000", {("phone", "075582000000")}),
        ("记者从化验所获悉，对方留的手机13700002233", {("phone", "13700002233")}),
        ("微信zq0fang，备注后面加个1", {("wechat", "zq0fang")}),
        ("去掉会员费只要3500，微信zq0fang", {("wechat", "zq0fang")}),
        ("微信zq0fang，不要qq联系", {("wechat", "zq0fang")}),
    ],
)
def test_own_lines_and_words_that_are_told_of_something_else(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


RETIRED = [
    "老号{}", "旧微信{} 停机了", "原来的{}已停用", "以前的{}丢了", "之前那个号{}被盗了", "微信{}已注销", "薇：{}，该号已于上月停用", "vx {}（作废）", "{}这个微信号我早就不用了",
    "微信{}被平台封了", "微信{} 请勿再加", "wx：{}，大家千万别加了", "别再加薇{}了", "停用账号：{}", "微信由{}变更为zq0vera99",
]  # fmt: skip


@pytest.mark.parametrize("said", RETIRED)
def test_an_account_that_is_used_no_more_is_kept_in_doubt(said: str) -> None:
    assert ("wechat", "zq0tess88") not in pairs(said.format("zq0tess88"))
    assert not pairs(said.format("zq0tess88")) - {("wechat", "zq0vera99")}


@pytest.mark.parametrize(
    "said", ["原来的{}停机了", "旧电话{}", "电话{}，请勿拨打", "打{}没用，空号", "{}已过户他人", "手机{}欠费了"]
)
def test_a_number_that_is_used_no_more_is_kept_in_doubt(said: str) -> None:
    assert pairs(said.format("13800006721").replace("没用，", "")) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("老号zq0tess88没了,封了,加新微信zq0vera99", {("wechat", "zq0vera99")}),
        ("微信被封了，加这个 zq0vera99", {("wechat", "zq0vera99")}),
        ("旧号zq0tess88停用，现在的微信是zq0vera99", {("wechat", "zq0vera99")}),
        ("薇 zq0vera99，老号被封了别加", {("wechat", "zq0vera99")}),
        ("微信zq0tess88（旧） 微信zq0vera99（新）", {("wechat", "zq0vera99")}),
        ("13800006721是以前的号，现在用13900006722", {("phone", "13900006722")}),
        ("old wechat zq0tess88, new wechat zq0vera99", {("wechat", "zq0vera99")}),
        ("my number 13800006721 is no longer in use, call 13900006722", {("phone", "13900006722")}),
        ("旧站zq0old.example已关闭，新站zq0new.example", {("url", "zq0new.example")}),
        ("13800006721（老号，永不换号）", {("phone", "13800006721")}),
        ("原来的微信zq0vera99还能加", {("wechat", "zq0vera99")}),
        ("还是以前的微信zq0vera99", {("wechat", "zq0vera99")}),
        ("收老微信号，v：zq0vera99", {("wechat", "zq0vera99")}),
        ("微信zq0vera99 别加错", {("wechat", "zq0vera99")}),
        ("vx：zq0vera99，不满六周别加", {("wechat", "zq0vera99")}),
        ("微信：zq0vera99 被封了再加备用zq0tess88", {("wechat", "zq0vera99"), ("wechat", "zq0tess88")}),
        ("微信13800006721，请勿拨打，只回文字", {("wechat", "13800006721")}),
        ("电话13800006721，打不通发短信", {("phone", "13800006721")}),
        ("电话13800006721请不要来电，短信联系", {("phone", "13800006721")}),
        ("万一微信zq0vera99被封请加QQ 3400000217", {("wechat", "zq0vera99"), ("qq", "3400000217")}),
        ("公司注销代办，微信zq0vera99，注销公司找我", {("wechat", "zq0vera99")}),
        ("二手车13800006721，过户费我出", {("phone", "13800006721")}),
        ("微信zq0vera99停用微信支付", {("wechat", "zq0vera99")}),
        ("电话13800006721不用加区号", {("phone", "13800006721")}),
        ("收旧手机 13800006721", {("phone", "13800006721")}),
    ],
)
def test_an_account_beside_one_that_is_used_no_more_stays(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "举报电话：0719-0000318，查实有奖", "有奖举报热线 0755-82000000", "发现线索请拨打举报受理电话12345或0755-82000000", "举报平台：www.zq0jubao.example", "爆料邮箱 news@zq0paper.example",
        "晚报新闻热线：0755-82000001", "县卫健局举报电话：0755-82000000；邮箱：wjj@zq0town.example", "市卫健委咨询电话 0755-82000000", "香港衞生署查詢熱線 2345 0000", "疾控中心：0755-82000000",
        "拨打0755-82000000举报", "卫生监督所提醒，寄血验子违法。监督电话：0755-82000000", "打12345或卫健局电话0755-82000000", "举报途径：1.电话 0755-82000000 2.网站 www.zq0jubao.example", "请向市公安局治安支队举报，电话：0755-82000000",
        "市卫健委妇幼健康处电话：0755-82000000", "拨打110或0755-82000000举报", "联系电话：0755-82000000（市卫健局）", "上www.zq0tip.example举报", "澳門衛生局電話：2800 0000", "消协投诉热线0755-82000000", "县医院总机0755-82000000不提供这项检查，请勿拨打",
    ],
)  # fmt: skip
def test_lines_for_reports_and_of_offices_are_kept_in_doubt(text: str) -> None:
    assert pairs(text) == set()
    assert find_contacts(text)


@pytest.mark.parametrize(
    "text",
    [
        "我们化验所咨询电话 0755-82000000", "门诊部热线：0755-82000000", "经市卫生局批准，预约电话0755-82000000", "本院咨询电话0755-82000000，经卫健委备案", "别举报 电话0755-82000000",
        "投诉电话0755-82000000（院办）", "她家电话0755-82000000 早被举报了", "卫生局认可实验室热线0755-82000000", "公安局指定鉴定中心咨询电话0755-82000000",
    ],
)  # fmt: skip
def test_the_lines_of_clinics_laboratories_and_hospitals_stay(text: str) -> None:
    assert pairs(text) == {("phone", "075582000000")}


@pytest.mark.parametrize(
    "text",
    [
        "服务器打不开请加站务Q群 340000217", "忘记密码找管理员QQ：340000217", "账号误封申诉，加版主微信zq0banzhu8", "版务QQ群340000217，发帖前先看版规",
    ],
)  # fmt: skip
def test_the_keeper_of_a_forum_is_kept_in_doubt(text: str) -> None:
    assert pairs(text) == set()
    assert find_contacts(text)


@pytest.mark.parametrize("text", ["本群管理员微信zq0guan88，七周可查", "红薯总被删帖，想查的加管理员微信zq0guan88"])
def test_a_groups_manager_who_sells_is_a_contact(text: str) -> None:
    assert pairs(text) == {("wechat", "zq0guan88")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jia wei 13800006721", {("wechat", "13800006721")}),
        ("tian jia wo de v zq0tess88", {("wechat", "zq0tess88")}),
        ("分三截：186、0000、6721，凑一起就是微", {("wechat", "18600006721")}),
        ("第一段 zq0\n第二段 ling\n第三段 88\n三段拼起来是客服的薇", {("wechat", "zq0ling88")}),
        ("号码反着写的，1276 0000 831，是我助理的V", {("wechat", "13800006721")}),
        ("以后微电都走13800006721", {("wechat", "13800006721"), ("phone", "13800006721")}),
        ("🟢zq0lingmei 绿的那个软件", {("wechat", "zq0lingmei")}),
        ("闺蜜推给我一个微：lin8gege，人很耐心", {("wechat", "lin8gege")}),
        ("纸条上写着v：zq0umama", {("wechat", "zq0umama")}),
        ("台北窗口 0932 18 0000", {("phone", "886932180000")}),
        ("高雄林小姐 09-3218-0000", {("phone", "886932180000")}),
        ("http://www.zq0lab.example/Lab/ab", {("url", "zq0lab.example/Lab/ab")}),
        ("http://zq0tool.example/Tool", {("url", "zq0tool.example/Tool")}),
    ],
)
def test_labels_in_pinyin_or_behind_and_names_that_look_like_doses(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Jia Wei 2019年的论文", "微量元素 folate400ug 每天", "加hcg5000iu", "每天补v：vd800iu", "台湾 0923 10 2025 出发", "打了 威：hcg2000ml", "为 jia wei 老师投票", "订单号 0932 18 0000 台湾直邮",
    ],
)  # fmt: skip
def test_doses_names_and_dates_that_are_no_contact(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x❤v：zq0nana", {("wechat", "zq0nana")}),
        ("w💗x zq0nana，可预约", {("wechat", "zq0nana")}),
        ("vx❤ zq0nana", {("wechat", "zq0nana")}),
        ("18600006721 手机跟卫星一个号", {("phone", "18600006721"), ("wechat", "18600006721")}),
        ("魏芯和电话是一个号：18600006721", {("phone", "18600006721"), ("wechat", "18600006721")}),
        ("WhatsApp messages only: +852 6100 6721", {("whatsapp", "85261006721")}),
        ("Telegram only, zq0_nana88", {("telegram", "zq0_nana88")}),
        ("Line ID zq0nana / 0932-18-0000", {("line", "zq0nana"), ("phone", "886932180000")}),
        ("薇逆序：12760000681", {("wechat", "18600006721")}),
        ("问薇 186懒00得0067封21的", {("wechat", "18600006721")}),
        ("加薇，号段186，中间四个0，末尾6721", {("wechat", "18600006721")}),
        ("找VX(【zq0nana】)括号去掉", {("wechat", "zq0nana")}),
    ],
)
def test_labels_with_hearts_idle_words_and_turned_or_strewn_numbers(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize("told", ["续标题后头的是", "接在标题后面：", "接标题末尾的数字："])
def test_a_number_goes_on_behind_the_title(told: str) -> None:
    assert pairs(f"{told}000217", "扣扣3400") == {("qq", "3400000217")}


@pytest.mark.parametrize(
    "text",
    [
        "责任编辑：李某。通讯地址：某路1号，电话 0571-82000000", "出版：某某出版社，电话010-82000000", "举报邮箱 zq0jb@some.example，电话010-82000000", "有疑问请致电署方热线6100 6721，香港卫生署", "局方热线：0755-82000000",
        "看完这个视频，来 BV1ab4y1c7dE", "18600006721是我之前的号，停机好久了", "18600006721，现在是别人在用", "（来源：某某晚报 https://zq0news.example/a/1.html）", "加薇186块0000元6721", "微信 1班36人，2班40人",
    ],
)  # fmt: skip
def test_editors_offices_sources_videos_and_old_numbers_are_no_contacts(text: str) -> None:
    assert pairs(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18600006721是我以前的同事", {("phone", "18600006721")}),
        ("布局方便，电话0755-82000000", {("phone", "075582000000")}),
        ("主编推荐，电话0755-82000000", {("phone", "075582000000")}),
        ("信息来源：某某检测中心 https://zq0lab.example", {("url", "zq0lab.example")}),
    ],
)
def test_what_only_looks_like_an_editors_or_an_old_number_stays(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found
