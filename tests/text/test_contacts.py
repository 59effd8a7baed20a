"""What find_contacts promises: hidden contacts are read, ordinary text has none. All contacts here are invented."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import ContactKind, ContactPoint
from text.contacts import find_contacts


def believed(text: str, title: str = "") -> list[ContactPoint]:
    return [point for point in find_contacts(text, title) if point.confidence >= 0.5]


def pairs(text: str, title: str = "") -> set[tuple[str, str]]:
    return {(str(point.kind), point.canonical) for point in believed(text, title)}


HIDDEN = [
    ("加薇 zq0lily88 了解", "wechat", "zq0lily88"),
    ("威：zq0anna_1", "wechat", "zq0anna_1"),
    ("徽信zq0mei66", "wechat", "zq0mei66"),
    ("溦 zq0hk2026", "wechat", "zq0hk2026"),
    ("加卫星：zq0star9", "wechat", "zq0star9"),
    ("微❤zq0love1", "wechat", "zq0love1"),
    ("V❤：zq0abc12", "wechat", "zq0abc12"),
    ("╋薇zq0xx11", "wechat", "zq0xx11"),
    ("╋芯zq0xx22", "wechat", "zq0xx22"),
    ("+v zq0test1", "wechat", "zq0test1"),
    ("vx:zq0test2", "wechat", "zq0test2"),
    ("V信 zq0test3", "wechat", "zq0test3"),
    ("WX号zq0test4", "wechat", "zq0test4"),
    ("weixin: zq0_test5", "wechat", "zq0_test5"),
    ("扣扣 10000321", "qq", "10000321"),
    ("企鹅号：2000012345", "qq", "2000012345"),
    ("🐧 300001234", "qq", "300001234"),
    ("Q：10000888", "qq", "10000888"),
    ("飞机：@zq0_fly", "telegram", "zq0_fly"),
    ("✈️ zq0_plane", "telegram", "zq0_plane"),
    ("纸飞机zq0_paper", "telegram", "zq0_paper"),
    ("t點me/zq0chan", "telegram", "zq0chan"),
    ("https://t.me/zq0_hk", "telegram", "zq0_hk"),
    ("@zq0_name1", "telegram", "zq0_name1"),
    ("绿泡泡 zq0green1", "wechat", "zq0green1"),
    ("绿色软件搜zq0soft2", "wechat", "zq0soft2"),
    ("１３８００００１２３４", "phone", "13800001234"),
    ("①③⑧⓪⓪⓪⓪①②③④", "phone", "13800001234"),
    ("1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣", "phone", "13800001234"),
    ("一三八零零零零一二三四", "phone", "13800001234"),
    ("壹叁捌零零零零壹贰叁肆", "phone", "13800001234"),
    ("幺三八洞洞洞洞幺两三四", "phone", "13800001234"),
    ("138oooo1234", "phone", "13800001234"),
    ("l38oooo1234", "phone", "13800001234"),
    ("158...0000...2008", "phone", "15800002008"),
    ("１３６乀００００乀０００５", "phone", "13600000005"),
    ("136-0000-0810", "phone", "13600000810"),
    ("1 3 8 0 0 0 0 1 2 3 4", "phone", "13800001234"),
    ("电话：43210000831（倒着打）", "phone", "13800001234"),
    ("微信 43210000831 倒着加", "wechat", "13800001234"),
    ("微信倒着加：8809ilqz，从后往前", "wechat", "zqli9088"),
    ("微信 zq0aaa11 / zq0bbb22", "wechat", "zq0bbb22"),
    ("QQ 10000123 或 20000456", "qq", "20000456"),
    ("微信13800001234", "wechat", "13800001234"),
    ("电话13800001234微信同号", "wechat", "13800001234"),
    ("V：138 0000 1234", "wechat", "13800001234"),
    ("香港电话 5000 0123", "phone", "85250000123"),
    ("+852 5000 0123", "phone", "85250000123"),
    ("WhatsApp: +852 5000 0123", "whatsapp", "85250000123"),
    ("WhatsApp 50000123 香港", "whatsapp", "85250000123"),
    ("wa.me/85250000123", "whatsapp", "85250000123"),
    ("LINE ID: zq0line", "line", "zq0line"),
    ("line：zq0_hk1", "line", "zq0_hk1"),
    ("邮箱 zq0@mail.example", "email", "zq0@mail.example"),
    ("zq0 (at) mail.example", "email", "zq0@mail.example"),
    ("官网 https://HKLab.example/Book", "url", "hklab.example/Book"),
    ("www.hk-lab.example", "url", "hk-lab.example"),
    ("浏览器打开 hkdna点example", "url", "hkdna.example"),
    ("电.v溦同步 13600008888", "wechat", "13600008888"),
    ("+微/电 13600008888", "wechat", "13600008888"),
    ("预约+VX(zq0vx01)", "wechat", "zq0vx01"),
    ("(VX:zq0name)", "wechat", "zq0name"),
    ("最后同事推荐她找+v:13800004444", "wechat", "13800004444"),
    ("薇：z q 0 h k 8", "wechat", "zq0hk8"),
    ("0755-00001234", "phone", "075500001234"),
    ("电话：400-0000-123", "phone", "4000000123"),
    ("TG：zq0tg_1", "telegram", "zq0tg_1"),
    ("tg@zq0tg_2", "telegram", "zq0tg_2"),
    ("电报 @zq0tg_3", "telegram", "zq0tg_3"),
    ("加微：zq0－hk", "wechat", "zq0-hk"),
    ("威❤zq0 yun 88", "wechat", "zq0yun88"),
    ("微信：一三八〇〇〇〇一二三四", "wechat", "13800001234"),
    ("薇❤：zq零零88hk", "wechat", "zq0088hk"),
    ("企鹅 1O0OO234", "qq", "10000234"),
    ("佳v zq0jia1", "wechat", "zq0jia1"),
    ("嘉我m0000946213", "wechat", "m0000946213"),
    ("+86 138 0000 1234", "phone", "13800001234"),
    ("+1 (415) 000-0199", "phone", "14150000199"),
    ("手机/微信：13800001234", "phone", "13800001234"),
    ("zq0nana88，绿泡泡", "wechat", "zq0nana88"),
    ("13800001234←微信", "wechat", "13800001234"),
    ("39000048，扣扣", "qq", "39000048"),
    ("hk点zq0lab点example/book", "url", "hk.zq0lab.example/book"),
    ("w w w . z q 0 l a b . c o m", "url", "zq0lab.com"),
    ("z q 0 @ m a i l . e x a m p l e", "email", "zq0@mail.example"),
    ("邮箱：zq0hr*mail.example（*换@）", "email", "zq0hr@mail.example"),
    ("weixin://contacts/profile/zq0_pp", "wechat", "zq0_pp"),
    ("tg://resolve?domain=zq0fly77", "telegram", "zq0fly77"),
    ("加V\n138\n0000\n1234", "wechat", "13800001234"),
    ("vx：zq0\n_hk88", "wechat", "zq0_hk88"),
    ("QQ 39000\n07999", "qq", "3900007999"),
    ("四零零-零零零零-一二三", "phone", "4000000123"),
    ("138/0000/1234", "phone", "13800001234"),
    ("1.3.8.0.0.0.0.1.2.3.4", "phone", "13800001234"),
    ("0755.0000.1234", "phone", "075500001234"),
    ("00853 6200 0012", "phone", "85362000012"),
    ("+886 (0)912 000 188", "phone", "886912000188"),
    ("l.i.n.e zq0hana5", "line", "zq0hana5"),
    ("我的賴 zq0.hana", "line", "zq0.hana"),
    ("vx: zq0_ hk _88", "wechat", "zq0_hk_88"),
    ("加v：zq0(下划线)momo", "wechat", "zq0_momo"),
    ("前三位138，后八位00001234", "phone", "13800001234"),
    ("138中间四个零最后1234", "phone", "13800001234"),
    ("薇：zq0🍀mo🍀mo1", "wechat", "zq0momo1"),
]
ORDINARY = [
    "微信群里都在说",
    "我发了微博",
    "VIP客户",
    "卫星云图显示",
    "打12339举报",
    "拨打12345",
    "110和120",
    "400元",
    "今天是2026-11-20 13:45",
    "订单号13800001234",
    "ICP备12345678号",
    "粤ICP备2020012345号",
    "粤公网安备 44030002000123号",
    "价格4500-6000",
    "准确率99.99%",
    "BRCA1 和 BRCA2 基因",
    "rs4680 位点",
    "北纬22.5431 东经114.0579",
    "坐标 113.9304,22.5329",
    "13.5 14.8 16.3 12.1",
    "微信支付",
    "微信公众号文章",
    "QQ音乐",
    "QQ空间",
    "飞机票很便宜",
    "坐飞机去香港",
    "企鹅是一种鸟",
    "line up and online",
    "B超显示胎芽 13.3mm 孕囊 35mm",
    "HCG 12345.67 孕酮 25.3",
    "37+2周",
    "ISO15189认证",
    "COVID-19 新冠",
    "iPhone15 Pro",
    "WiFi6 路由",
    "2024年10月11日 12点30分",
    "身份证 110101199001011234",
    "http",
    "V5威武",
    "维生素C",
    "V领毛衣",
    "威海 2025 旅游",
    "薇娅直播",
    "微整形",
    "加油2026",
    "扣1报名",
    "扣除2000000",
    "Q1季度",
    "Q345钢材",
    "GB/T 12345-2018",
    "HPV16 阳性",
    "CYP21A2",
    "NM_000059.4",
    "c.1521_1523delCTT",
    "第 123456 期",
    "@媽媽 回复",
    "楼主 @ 全体成员",
    "@微博小秘书",
    "电话会议 2025",
    "手机 iPhone13",
    "报告编号 20261120001",
    "单价 1,380,000,123",
    "联系方式见附件 2024",
    "飞机 A320neo",
    "小号 S 码",
    "客服：8:00-22:00",
    "打电话 24小时",
    "快递 SF1234567890123",
    "病历号 0012345678",
    "ISBN978-7-0000-1234-5",
    "VX-9000 主机",
    "孕期vlog 088",
    "WX20250001号文件",
    "课程编号V20240001",
    "小绿书 20240001",
    "航班 CX00001",
]


@pytest.mark.parametrize(("text", "kind", "canonical"), HIDDEN)
def test_a_hidden_contact_is_read(text: str, kind: str, canonical: str) -> None:
    assert (kind, canonical) in pairs(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_has_no_contact(text: str) -> None:
    assert pairs(text) == set()


def test_a_contact_quotes_the_raw_text() -> None:
    text = "👉加 ╋薇：ｚｑ０_Lily８ 哦"
    (point,) = believed(text)
    assert text[point.start : point.end] == point.raw == "ｚｑ０_Lily８"
    assert point.canonical == "zq0_lily8"


def test_each_contact_names_the_rules_that_led_to_it() -> None:
    (point,) = believed("电话一三八〇〇〇〇一二三四")
    assert point.rules == ("label 电话", "chinese numerals", "folded signs")[: len(point.rules)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("微信13800001234", ContactKind.WECHAT), ("WhatsApp: +852 5000 0123", ContactKind.WHATSAPP)],
)
def test_a_number_behind_a_messenger_label_is_of_that_kind_and_a_phone_only_in_doubt(
    text: str, kind: ContactKind
) -> None:
    assert {point.kind for point in believed(text)} == {kind}
    assert all(point.confidence < 0.5 for point in find_contacts(text) if point.kind is ContactKind.PHONE)


@pytest.mark.parametrize("text", ["电话/微信：13800001234", "13800001234（微信同号）", "+微/电 13800001234"])
def test_a_label_or_note_that_names_both_gives_both(text: str) -> None:
    assert {point.kind for point in believed(text)} == {ContactKind.WECHAT, ContactKind.PHONE}


def test_two_spellings_of_a_phone_meet() -> None:
    spellings = [
        "13800001234",
        "138-0000-1234",
        "１３８　００００　１２３４",
        "一三八零零零零一二三四",
        "138oooo1234",
        "+86 138 0000 1234",
    ]
    assert {point.canonical for text in spellings for point in believed(f"电话：{text}")} == {"13800001234"}


def test_a_label_in_the_title_announces_what_the_text_begins_with() -> None:
    (point,) = believed("zq0lily88 了解详情", title="7周可查，加微信")
    assert (point.field, point.start, point.canonical) == ("text", 0, "zq0lily88")


def test_contacts_of_the_title_are_given_as_such() -> None:
    (point,) = believed("详情看标题", title="加V：zq0lily88")
    assert (point.field, point.start, point.end) == ("title", 3, 12)


def test_all_contacts_behind_one_label_are_read() -> None:
    assert pairs("微信：zq0aaa11、zq0bbb22 / zq0ccc33") == {
        ("wechat", "zq0aaa11"),
        ("wechat", "zq0bbb22"),
        ("wechat", "zq0ccc33"),
    }


def test_every_mention_is_given_so_that_all_can_be_masked() -> None:
    assert len(believed("加微信 zq0lily88，再说一遍：微信 zq0lily88")) == 2


def test_backwards_is_read_backwards_and_the_literal_form_is_kept_in_doubt() -> None:
    points = find_contacts("微信 zqil0qz8 反着加")
    assert [(point.canonical, point.confidence >= 0.5) for point in points] == [("8zq0liqz", True), ("zqil0qz8", False)]


def test_a_url_keeps_the_case_of_its_path() -> None:
    assert pairs("HTTPS://HK-Lab.Example/Book?Id=7") == {("url", "hk-lab.example/Book?Id=7")}


def test_a_list_of_numbers_is_no_phone() -> None:
    assert pairs("13.5 14.8 16.3 12.1，13,500,001,234") == set()


@given(st.text(max_size=80), st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_text_is_taken_and_every_contact_quotes_its_field(text: str, title: str) -> None:
    for point in find_contacts(text, title):
        source = title if point.field == "title" else text
        assert source[point.start : point.end] == point.raw
        assert 0 < point.confidence <= 1


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "一", "微信", "微信 ", "加", "v", "vx:", "a", "a.", "a@", "@", "zq0 ", "zq0_", "http://", "倒着1", "+1 ", "点", "13800001234 ",
     "微信：，，", "138-", "(", "z q ", "qq", "\ud800", "852 ", "加v1", "o", "。", "：a1", "1a",
     "a ", "a_ ", "zq0🍀", "zq0\n", "12\n", "a点", "a. ", "前面a后面", "138四个0", "a#b.", "a下划线", "zq0，", "1.", "0755.", "前138", "标题1", "拼1 ", "138后", "双1", "四个0", "一个", "衣", "ling ", "微信同号", "电话就是微信",
     "微信/QQ/", "v/q/", "w.", "微.", "1|", "1**", "@a1 吗", "倒过来a1"],
)  # fmt: skip
def test_nasty_input_takes_linear_time(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    start = time.process_time()
    find_contacts(text)
    assert time.process_time() - start < 6


def test_what_lies_beyond_the_cap_is_left_out() -> None:
    assert believed("好" * 200_000 + "加微信 zq0lily88") == []
