"""What counts as a wall, and what must not: a false wall costs a host its night."""

from __future__ import annotations

import pytest

from crawler.walls import MAX_BODY, WALL_STATUS, Wall, refresh, wall

ARTICLE = "河边的风很大，我们走了很远，看见白鹭和船。" * 40


def of(html: str, charset: str = "utf-8", **headers: str) -> Wall | None:
    given = {
        "content-type": f"text/html; charset={charset}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return wall(200, given, html.encode(charset))


def told(html: str, charset: str = "utf-8") -> str:
    found = of(html, charset)
    return found.what if found else ""


@pytest.mark.parametrize("status", WALL_STATUS)
def test_a_refusing_status_is_a_wall(status: int) -> None:
    assert wall(status, {}) == Wall(f"status {status}")


def test_the_statuses_that_the_issue_names_are_among_them() -> None:
    assert {403, 418, 429, 432} <= set(WALL_STATUS)


@pytest.mark.parametrize(
    "location",
    [
        "/login", "/user/login.php?back=1", "https://passport.a.test/", "/member.php?mod=logging&action=login", "/sso/x", "/signin?u=1",
        "https://accounts.a.test/passport/login?redir=x",
    ],
)  # fmt: skip
def test_a_redirect_to_a_login_is_a_wall(location: str) -> None:
    assert wall(302, {"location": location}) == Wall("login redirect")


@pytest.mark.parametrize(
    "location",
    ["/antispider/?from=x", "https://sec.a.test/c?r=1", "/verify?id=1", "https://a.test/captcha.html", "/waf/check"],
)
def test_a_redirect_to_a_proof_is_a_wall(location: str) -> None:
    assert wall(302, {"location": location}) == Wall("redirect to a proof")


@pytest.mark.parametrize(
    "location",
    [
        "/thread-12.html", "/blogin-tips/", "/loginess", "/blog/in/", "/catalog.in/", "/2026/11/login-tips-for-mothers",
        "/how-to-verify-a-clinic", "/sector/1", "https://secure.a.test/x",
    ],
)  # fmt: skip
def test_a_redirect_to_a_page_with_such_letters_is_none(location: str) -> None:
    assert wall(301, {"location": location}) is None


@pytest.mark.parametrize(
    "text",
    [
        "请输入验证码", "安全验证 请拖动滑块", "请按住滑块，拖动到最右边", "您的访问过于频繁，请稍后再试", "Are you a robot?", "Please complete the CAPTCHA",
        "检测到异常流量", "由于您的网络环境存在异常，请完成以下验证", "您的访问被阻断", "Just a moment...", "Checking your browser before accessing",
    ],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_short_page_that_asks_for_a_proof_is_a_wall_in_any_charset(text: str, charset: str) -> None:
    assert told(f"<html><body><p>{text}</p></body></html>", charset).startswith("challenge page (")


def test_a_proof_that_is_asked_for_in_the_title_alone_is_seen() -> None:
    assert told("<title>安全验证</title><div id=box></div>") == "challenge page (安全验证)"


def test_a_proof_is_seen_however_many_scripts_stand_around_it() -> None:
    script = "<script>" + "var a=[1,2,3];" * 4_000 + "</script>"
    assert (
        told(f"<html>{script}<body>请完成验证{script[:20_000]}</script></body></html>") == "challenge page (请完成验证)"
    )


@pytest.mark.parametrize("header", ["cf_mitigated", "x_amzn_waf_action"])
def test_a_challenge_that_a_header_tells_of_is_a_wall(header: str) -> None:
    assert of("<p>" + ARTICLE, **{header: "challenge"}) == Wall("challenge header")


@pytest.mark.parametrize(
    "body",
    ['{"code":-412,"message":"request was banned","ttl":1}', '{"code": -352, "message":"-352"}', '{"ok":-100,"url":"https://passport.a.test/"}'],
)  # fmt: skip
def test_a_json_answer_that_says_one_was_banned_is_a_wall(body: str) -> None:
    found = wall(200, {"content-type": "application/json"}, body.encode())
    assert found is not None
    assert found.shut


@pytest.mark.parametrize("body", ['{"code":0,"data":{"list":[]}}', '[{"id":412,"text":"-412"}]', '{"code":-4120}'])
def test_other_json_is_none(body: str) -> None:
    assert wall(200, {"content-type": "application/json"}, body.encode()) is None


def test_a_page_that_sends_its_reader_to_the_login_does_not_shut_the_host() -> None:
    assert of("<body>您需要登录后才能查看本帖 登录 注册</body>") == Wall("login page", shut=False)


@pytest.mark.parametrize(
    "html",
    [
        "<html><script>document.cookie='a=1';document.location.reload()</script></html>",
        "<html><script>var arg1='A0';function f(x){document.cookie='acw_sc__v2='+x}</script></html>",
        "<script>document.cookie='__jsl_clearance=1';location.href='/'</script>",
        "<meta http-equiv=refresh content=3>",
        "<meta content='0' http-equiv='Refresh'>",
    ],
)
def test_a_page_that_only_loads_itself_again_is_a_wall(html: str) -> None:
    assert of(html) == Wall("reload page")


def test_a_page_that_only_leads_on_is_no_wall_for_its_host() -> None:
    assert of("<script>window.location.href='/m/'</script>") == Wall("page that only leads on by script", shut=False)
    assert of("<meta http-equiv=refresh content='0; url=/new/'>") == Wall("meta refresh", shut=False, target="/new/")


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ('<meta http-equiv="refresh" content="5;url=/a">', "/a"),
        ("<META CONTENT='0; URL=\"http://b.test/x\"' HTTP-EQUIV='REFRESH'>", "http://b.test/x"),
        ("<meta http-equiv=refresh content=0;/a>", "/a"),
        ('<meta http-equiv="refresh" content="600">', ""),
        ('<meta http-equiv="refresh">', ""),
        ('<meta http-equiv="content-type" content="text/html; url=/a">', None),
        ("<p>refresh</p>", None),
    ],
)
def test_where_a_meta_refresh_leads(html: str, target: str | None) -> None:
    assert refresh(html) == target


def test_a_long_article_that_speaks_of_captchas_is_no_wall() -> None:
    assert of(f"<p>网站要我们输入验证码，然后请先登录。{ARTICLE}<script>location.reload()</script>") is None


@pytest.mark.parametrize(
    "text",
    [
        "今天去河边走了走。",
        "我的账号登录不了，怎么办？",
        "登录 注册 首页 论坛 " + "看见白鹭，很高兴。" * 6,
        "这个异常的天气，机器人也受不了",
    ],
)
def test_a_short_post_is_no_wall(text: str) -> None:
    assert of(f"<html><body><p>{text}</p></body></html>") is None


def test_a_page_with_words_that_also_reloads_is_no_wall() -> None:
    text = "今天去河边走了走，看见白鹭和船，风很大，我们很高兴，晚上吃了面条，然后早早睡觉，明天再去，看花。"
    assert of(f"<script>location.reload()</script><meta http-equiv=refresh content=300><p>{text}") is None


def test_a_very_large_page_is_no_wall() -> None:
    assert of("<p>请输入验证码</p><!--" + "x" * MAX_BODY) is None


@pytest.mark.parametrize(("status", "text"), [(200, ""), (404, "没有找到"), (500, "内部错误"), (304, "")])
def test_other_answers_are_no_wall(status: int, text: str) -> None:
    assert wall(status, {}, f"<html>{text}</html>".encode()) is None


def test_markup_that_never_ends_is_looked_at_in_linear_time() -> None:
    for piece in ("<meta ", "<meta http-equiv=refresh content=", "<title>", "location=" * 2, "验证码 "):
        of(piece * (MAX_BODY // len(piece.encode()) - 1))
