"""What each hostile server does, and what must come of it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache
from itertools import count, pairwise

import brotli
from backports import zstd

from hostile.server import CHUNK, Asked, Facts, Trap

MB = 1_000_000
Answer = Callable[[Asked], object]


def only(answer: Answer, *links: str) -> Answer:
    """A site with a list that leads to ``links`` (/1), no robots.txt, and ``answer`` at every other path."""

    def site(asked: Asked) -> object:
        if asked.path == "/robots.txt":
            return asked.reply(status="404 Not Found")
        return asked.listing(*(links or ("/1",))) if asked.path == "/" else answer(asked)

    return site


def at_root(answer: Answer, anywhere: bool = False) -> Answer:
    """A site without robots.txt that gives ``answer`` for its first page, and good ones, or ``answer`` again, for all others."""

    def site(asked: Asked) -> object:
        if asked.path == "/robots.txt":
            return asked.reply(status="404 Not Found")
        return answer(asked) if anywhere or asked.path == "/" else asked.page()

    return site


def robots(answer: Answer, *links: str) -> Answer:
    """A good site whose robots.txt is answered by ``answer``."""

    def site(asked: Asked) -> object:
        if asked.path.startswith("/robots.txt"):
            return answer(asked)
        return asked.listing(*(links or ("/1", "/closed/2"))) if asked.path == "/" else asked.page()

    return site


def forever(data: bytes, seconds: float = 0.0) -> Answer:
    """Headers, then ``data`` again and again."""

    def answer(asked: Asked) -> None:
        asked.head()
        while True:
            asked.send(data)
            if seconds:
                asked.rest(seconds)

    return answer


def chunked(data: bytes, seconds: float = 0.0) -> Answer:
    """A chunked body that never ends."""

    def answer(asked: Asked) -> None:
        asked.head(Transfer_Encoding="chunked")
        while True:
            asked.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            if seconds:
                asked.rest(seconds)

    return answer


def raw(data: bytes) -> Answer:
    """These bytes and nothing else."""
    return lambda asked: asked.send(data)


@cache
def bomb(coding: str) -> bytes:
    """300 MB of zeros, packed."""
    page = b"<html><body><h1>x</h1><p>"
    if coding == "gzip":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return packer.compress(page) + b"".join(packer.compress(b"0" * MB) for _ in range(300)) + packer.flush()
    if coding == "br":
        brotlied = brotli.Compressor(quality=5)
        return brotlied.process(page) + b"".join(brotlied.process(b"0" * MB) for _ in range(300)) + brotlied.finish()
    if coding == "zstd":
        return zstd.compress(page + b"0" * 300 * MB, 3)
    return gzip.compress(bomb("gzip"))


def packed(coding: str) -> Answer:
    """A bomb in a coding."""
    header = "gzip, gzip" if coding == "twice" else coding
    return lambda asked: asked.reply(bomb(coding), Content_Encoding=header)


def calendar(asked: Asked) -> object:
    """Every list leads to the next, and to nothing else."""
    if asked.path == "/robots.txt":
        return asked.reply(status="404 Not Found")
    month = int(asked.path.strip("/") or 0)
    return asked.listing(following=f"/{month + 1}")


def spring(asked: Asked) -> object:
    """Every list leads to new posts and to the next list."""
    if asked.path == "/robots.txt":
        return asked.reply(status="404 Not Found")
    if asked.path.startswith("/p"):
        return asked.page(asked.path)
    number = int(asked.path.strip("/") or 0)
    return asked.listing(*(f"/p{number}-{post}" for post in range(9)), following=f"/{number + 1}")


def headers_forever(asked: Asked) -> None:
    """A header that is followed by another."""
    asked.send(b"HTTP/1.1 200 OK\r\n")
    for number in count():
        asked.send(b"".join(b"X-%d: %s\r\n" % (number, b"a" * 900) for _ in range(60)))


def interim(asked: Asked) -> None:
    """An interim answer that is followed by another."""
    while True:
        asked.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)


def drip(asked: Asked) -> None:
    """A page, one byte at a time."""
    asked.head(length=10_000)
    for byte in b"<html><body><h1>x</h1><p>" + b"x" * 9_000:
        asked.send(bytes([byte]))
        asked.rest(0.2)


def once(first: Answer) -> Answer:
    """An answer the first time, a page from then on."""
    return lambda asked: asked.page("终于") if asked.before else first(asked)


def html(body: str | bytes, **headers: str) -> Answer:
    """A page with this body."""
    return lambda asked: asked.reply(body, **headers)


def within(folder: str) -> Callable[[Facts], str | None]:
    """Whether only these paths were asked for."""

    def check(facts: Facts) -> str | None:
        strayed = [path for path in facts.asked if not path.startswith(folder)]
        return f"asked for {strayed[:3]}" if strayed else None

    return check


def waited(seconds: float) -> Callable[[Facts], str | None]:
    """Whether /1 was asked again no sooner than that."""

    def check(facts: Facts) -> str | None:
        times = [at for path, at in zip(facts.asked, facts.at, strict=True) if path == "/1"]
        return None if len(times) == 2 and times[1] - times[0] >= seconds else f"asked at {times}"

    return check


def sent_little(facts: Facts) -> str | None:
    """Whether the asker hung up in time."""
    return f"{facts.sent // MB} MB were taken" if facts.sent > 8 * MB else None


def first_night(*paths: str) -> Callable[[Facts], str | None]:
    """Whether exactly these were asked for on the first night."""
    return lambda facts: (
        None if facts.asked[: facts.first] == list(paths) else f"asked for {facts.asked[: facts.first]}"
    )


def no_nul(facts: Facts) -> str | None:
    """Whether zeros were kept out of the text."""
    return "NUL in the text" if any("\x00" in text for text in facts.texts) else None


def small(facts: Facts) -> str | None:
    """Whether no text is larger than any page was."""
    return "it grew" if any(len(text) > 100_000 for text in facts.texts) else None


def refused_once(reason: str) -> Callable[[Facts], str | None]:
    """Whether something was refused for a reason."""
    return lambda facts: (
        None if any(found == reason for found, _ in facts.refusals.values()) else f"refused: {facts.refusals}"
    )


def entities() -> str:
    """A feed of a few kilobytes that would be a gigabyte."""
    names = "abcdefghi"
    inner = "".join(f'<!ENTITY {later} "{f"&{sooner};" * 10}">' for sooner, later in pairwise(names))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"ha" * 50}">{inner}]>'
        '<rss version="2.0"><channel><title>x</title><item><title>t</title><guid>1</guid><description>&i;</description></item></channel></rss>'
    )


DEEP = "<html><body><h1>x</h1><p>上面</p>" + "<div>" * 200_000 + "深处"
WIDE = "<html><body><h1>x</h1><p>好</p><div " + " ".join(f"a{number}=1" for number in range(200_000)) + ">x</div>"
OPEN = "<html><body><h1>x</h1><p>好</p>" + "".join(f"<div><font color=c{number}>x</div>" for number in range(6_000))
LARGE = f"<html><body><h1>x</h1><p>好</p><div title='{'a' * MB}' class='{'b ' * 200_000}'>x</div></body></html>"
GBK = "<html><head><meta charset='utf-8'></head><body><h1>帖</h1><p>广州代寄血样，百分百准确</p></body></html>".encode(
    "gb18030"
)
TAIL = "<h1>帖</h1><p>好</p>"

SERVERS = (
    Trap(
        "well_behaved", "a good site, asked ten times a second meanwhile",
        only(lambda asked: asked.page(asked.path), *(f"/p{number}" for number in range(80))),
        documents=tuple(f"/p{number}" for number in range(80)), more="delay_seconds: 0.1\n", most=84,
    ),
    # -- slow, endless, broken -----------------------------------------------------------------------------------------
    Trap("slow_drip", "a page, one byte each 0.2 s", only(drip), refused={"/1": ("too slow", "")}, most=12),
    Trap("tarpit", "takes the request and says nothing", only(lambda asked: asked.rest(20)), refused={"/1": ("too slow", "")}, most=12),
    Trap("slow_chunks", "a chunked body that never ends, slowly", only(chunked(b"<p>x</p>", 0.1)), refused={"/1": ("too slow", "")}, most=12),
    Trap("endless_chunks", "a chunked body that never ends, fast", only(chunked(b"x" * CHUNK)), refused={"/1": ("too large", "")}, most=12),
    Trap("endless_body", "a body without length that never ends", only(forever(b"x" * CHUNK)), refused={"/1": ("too large", "")}, most=12),
    Trap("announced_large", "announces 50 GB", only(lambda asked: asked.head(length=50_000 * MB)), refused={"/1": ("too large", "")}, most=12),
    Trap("endless_headers", "headers that never end", only(headers_forever), refused={"/1": ("too large", "headers")}, most=12),
    Trap("endless_interim", "100 Continue that never ends", only(interim), refused={"/1": ("too large", "headers")}, most=12),
    Trap("huge_header", "one header of 3 MB", only(raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 3 * MB + b"\r\n\r\n")), refused={"/1": ("not fetched", "")}, most=12),
    Trap("dropped", "hangs up without a word", only(lambda asked: None), refused={"/1": ("not fetched", "")}, most=20),
    Trap("lying_long", "promises 5,000 bytes and sends 40", only(lambda asked: [asked.head(length=5_000), asked.send(TAIL.encode())]), refused={"/1": ("broken off", "")}, most=12),
    Trap(
        "lying_short", "promises 26 bytes and sends 5,000", only(lambda asked: [asked.head(length=len(TAIL.encode())), asked.send((TAIL + "坏" * 2_000).encode())]),
        documents=("好",),
    ),
    Trap("two_lengths", "two lengths that differ", only(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n<p>x</p>x")), documents=(), refused={"/1": ("not fetched", "")}, most=12),
    Trap("no_http", "answers in no protocol at all", only(raw(b"SSH-2.0-OpenSSH_9.2\r\n" + b"\x00\xff" * 500)), refused={"/1": ("not fetched", "")}, most=12),
    Trap("odd_status", "a status that no table knows", only(raw(b"HTTP/1.1 799 Whatever\r\nContent-Length: 0\r\n\r\n")), refused={"/1": ("server error", "799")}, most=12),
    Trap("flaky", "breaks off once, then gives the page", only(once(lambda asked: [asked.head(length=99), asked.send(b"x")])), documents=("终于",)),
    # -- bombs -------------------------------------------------------------------------------------------------------
    Trap("gzip_bomb", "300 MB in 300 KB of gzip", only(packed("gzip")), refused={"/1": ("too large", "")}, most=12, bomb="gzip"),
    Trap("br_bomb", "300 MB in a few hundred bytes of brotli", only(packed("br")), refused={"/1": ("too large", "")}, most=12, bomb="br"),
    Trap("zstd_bomb", "300 MB in 30 KB of zstd", only(packed("zstd")), refused={"/1": ("too large", "")}, most=12, bomb="zstd"),
    Trap("packed_bomb", "a gzip bomb in gzip", only(packed("twice")), refused={"/1": ("too large", "")}, most=12, bomb="twice", long=True),
    Trap("not_packed", "says gzip and sends plain text", only(html(TAIL, Content_Encoding="gzip")), documents=None),
    Trap("entities", "an XML feed that grows a billionfold", at_root(html(entities(), Content_Type="text/xml")), kind="feed", documents=None, check=small),
    # -- without end -------------------------------------------------------------------------------------------------
    Trap("infinite_redirects", "each page moved to the next number", only(lambda asked: asked.moved(f"/{int(asked.path[1:]) + 1}")), refused={"/6": ("redirects", "more than 5")}, most=24),
    Trap("circle", "two pages that send to each other", only(lambda asked: asked.moved("/2" if asked.path == "/1" else "/1")), refused={"/2": ("redirects", "circle")}, most=12),
    Trap("infinite_calendar", "lists that lead to the next list alone", calendar, documents=(), check=refused_once("no end"), most=30),
    Trap("infinite_posts", "ever new posts on ever new lists", spring, documents=None, more="max_pages: 30\n", check=refused_once("page budget of the source"), most=64),
    Trap("same_list", "a list that is its own next list, one folder deeper", at_root(html('<a class=t href="/p">x</a><a class=next href="more/">n</a>'), anywhere=True), documents=None, check=refused_once("repeats"), most=12),
    Trap("many_links", "a list with 30,000 links", at_root(lambda asked: asked.listing(*(f"/p{number}" for number in range(30_000)))), documents=None, more="max_pages: 5\n", check=refused_once("queue of the source is full"), most=14, long=True),
    # -- robots.txt --------------------------------------------------------------------------------------------------
    Trap("robots_503", "robots.txt answers 503", robots(lambda asked: asked.reply(status="503 Busy")), refused={"/": ("robots.txt", "unreachable")}, check=within("/robots.txt")),
    Trap("robots_dropped", "hangs up when asked for robots.txt", robots(lambda asked: None), refused={"/": ("robots.txt", "unreachable")}, check=within("/robots.txt")),
    Trap("robots_slow", "robots.txt, one byte each 0.2 s", robots(drip), refused={"/": ("robots.txt", "unreachable")}, check=within("/robots.txt")),
    Trap("robots_html", "an HTML page for robots.txt", robots(html("<!DOCTYPE html><p>Disallow: /")), documents=("好", "好")),
    Trap(
        "robots_50_mb", "a robots.txt of 50 MB with its rules at the beginning", robots(lambda asked: [asked.head(length=50 * MB, Content_Type="text/plain"), asked.send(b"User-agent: *\nDisallow: /closed/\n"), [asked.send(b"# " + b"x" * CHUNK + b"\n") for _ in range(800)]]),
        documents=("好",), refused={"/closed/2": ("robots.txt", "forbidden")}, never=("/closed/2",), check=sent_little,
    ),
    Trap("robots_bomb", "a robots.txt of 300 MB, packed", robots(packed("gzip")), refused={"/": ("robots.txt", "unreachable")}, check=within("/robots.txt"), bomb="gzip"),
    Trap("robots_circle", "a robots.txt that moves for ever", robots(lambda asked: asked.moved(f"/robots.txt?{asked.before}{len(asked.path)}")), documents=("好", "好"), most=24),
    Trap("robots_inward", "a robots.txt that moves inward", robots(lambda asked: asked.moved(f"{asked.server.inside}/robots.txt")), refused={"/": ("robots.txt", "unreachable")}, check=within("/robots.txt")),
    # -- inward ------------------------------------------------------------------------------------------------------
    Trap("redirect_inside", "a page that moved to another loopback address", only(lambda asked: asked.moved(f"{asked.server.inside}/secret")), refused={"/1": ("guard", "not a global address")}, most=6),
    Trap("redirect_metadata", "a page that moved to the cloud's metadata", only(lambda asked: asked.moved("http://169.254.169.254/latest/meta-data/")), refused={"/1": ("guard", "not a global address")}, most=6),
    Trap("redirect_mapped", "a page that moved to a v4-mapped address", only(lambda asked: asked.moved("http://[::ffff:10.0.0.1]/")), refused={"/1": ("guard", "not a global address")}, most=6),
    Trap("redirect_file", "a page that moved to file:///etc/passwd", only(lambda asked: asked.moved("file:///etc/passwd")), refused={"/1": ("guard", "scheme 'file'")}, most=6),
    Trap("redirect_data", "a page that moved into a data URL", only(lambda asked: asked.moved("data:text/html,<h1>x</h1><p>x</p>")), refused={"/1": ("guard", "scheme 'data'")}, most=6),
    Trap("redirect_password", "a page that moved to a URL with a password", only(lambda asked: asked.moved("http://user:pass@127.0.0.1/")), refused={"/1": ("guard", "credentials")}, most=6),
    Trap("dns_inside", "a name that leads to 127.0.0.66", only(html(TAIL)), host="inside.test", resolves="127.0.0.66", refused={"/": ("guard", "leads inward")}, most=0),
    Trap("dns_metadata", "a name that leads to 169.254.169.254", only(html(TAIL)), host="metadata.test", resolves="169.254.169.254", refused={"/": ("guard", "leads inward")}, most=0),
    Trap("dns_nat64", "a name that leads to 10.0.0.1 by NAT64", only(html(TAIL)), host="nat64.test", resolves="64:ff9b::a00:1", refused={"/": ("guard", "leads inward")}, most=0),
    Trap("dns_shared", "a name that leads to a carrier's address", only(html(TAIL)), host="cgnat.test", resolves="100.64.0.1", refused={"/": ("guard", "leads inward")}, most=0),
    Trap("dns_turns", "a name that turns inward after the first night", only(html(TAIL), "/1"), host="turns.test", turns="127.0.0.66", documents=("好",), refused={"/": ("guard", "leads inward")}),
    # -- markup ------------------------------------------------------------------------------------------------------
    Trap("nested", "200,000 nested elements", only(html(DEEP)), documents=("上面",)),
    Trap("attributes", "200,000 attributes on one element", only(html(WIDE)), refused={"/1": ("unreadable", "longer than")}, long=True),
    Trap("open_fonts", "6,000 formatting elements left open", only(html(OPEN)), refused={"/1": ("unreadable", "longer than")}, long=True),
    Trap("long_attribute", "an attribute of a megabyte", only(html(LARGE)), documents=("好",)),
    Trap("base", "a <base> that leads to another host", only(html("<base href='http://evil.test/'><a class=t href='/2'>x</a>" + TAIL), "/1"), documents=("好",)),
    Trap("base_list", "a list with a <base> that leads to another host", at_root(html("<base href='http://evil.test/'><a class=t href='1'>x</a>")), documents=("好",)),
    Trap("refresh_out", "a meta refresh to another host", only(html("<meta http-equiv=refresh content='0;url=http://evil.test/'>")), refused={"/1": ("redirect off the source", "evil.test")}, most=6),
    Trap("refresh_file", "a meta refresh to a file", only(html("<meta http-equiv=refresh content='0;url=file:///etc/passwd'>")), refused={"/1": ("guard", "scheme 'file'")}, most=6),
    Trap("refresh_circle", "a meta refresh to itself", only(html("<meta http-equiv=refresh content='0;url=/1'>")), refused={"/1": ("redirects", "circle")}, most=6),
    Trap("bad_links", "links to file:, javascript:, a metadata address", only(lambda asked: asked.page(), "/1", "file:///etc/passwd", "javascript:alert(1)", "http://169.254.169.254/", "http://[oops", "//evil.test/"), documents=("好",), most=6),
    Trap("wrong_charset", "GBK that calls itself UTF-8", only(html(GBK)), documents=("广州代寄血样，百分百准确",)),
    Trap("nul_bytes", "zeros between the letters", only(html("<h1>帖</h1><p>\x00好\x00\x01\x02</p>\x00" + "\x00" * 5_000)), documents=None, check=no_nul),
    Trap("binary", "a picture that calls itself a page", only(html(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400)), documents=None),
    Trap("deep_json", "JSON of 200,000 nested lists", at_root(html("[" * 200_000, Content_Type="application/json"), anywhere=True), kind="wordpress", documents=(), check=refused_once("unreadable")),
    # -- walls -------------------------------------------------------------------------------------------------------
    Trap("status_403", "403 after the second page", only(lambda asked: asked.reply("x", status="403 Forbidden"), "/1", "/2", "/3"), refused={"/1": ("wall", "403"), "/2": ("host stopped: status 403", "")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("status_432", "Weibo's 432", only(lambda asked: asked.reply("x", status="432 "), "/1", "/2"), refused={"/1": ("wall", "432")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("login", "sends to a login, with a cookie", only(lambda asked: asked.moved("/login?back=/1", Set_Cookie="sid=1; Path=/"), "/1", "/2"), refused={"/1": ("wall", "login redirect")}, never=("/login?back=/1",), check=first_night("/robots.txt", "/", "/1")),
    Trap("cookie_circle", "sends to itself until a cookie comes back", only(lambda asked: asked.moved(asked.path, Set_Cookie="seen=1")), refused={"/1": ("redirects", "circle")}, most=6),
    Trap("captcha", "a CAPTCHA page in GBK", only(html("<html><title>验证</title><p>访问过于频繁，请输入验证码".encode("gb18030"), Content_Type="text/html; charset=gbk"), "/1", "/2"), refused={"/1": ("wall", "challenge page")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("reload", "a page that sets a cookie by script and loads itself again", only(html("<script>document.cookie='k=1';location.reload()</script>"), "/1", "/2"), refused={"/1": ("wall", "reload page")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("banned_json", "JSON that says -412", only(html('{"code":-412,"message":"request was banned"}', Content_Type="application/json"), "/1", "/2"), refused={"/1": ("wall", "-412")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("retry_after", "429 with Retry-After: 2, then the page", only(once(lambda asked: asked.reply(status="429 Slow Down", Retry_After="2"))), documents=("终于",), check=waited(2.0)),
    Trap("retry_later", "503 with Retry-After: a day", only(lambda asked: asked.reply(status="503 Busy", Retry_After="86400"), "/1", "/2"), refused={"/1": ("asked to wait", "86400"), "/2": ("host stopped: status 503, Retry-After 86400 s", "")}, check=first_night("/robots.txt", "/", "/1")),
    Trap("retry_for_ever", "429 with Retry-After: 1, for ever", only(lambda asked: asked.reply(status="429 Slow Down", Retry_After="1"), "/1", "/2"), refused={"/1": ("wall", "429")}, check=lambda facts: "asked for /2" if "/2" in facts.asked[: facts.first] else None, most=12),
    Trap("dead_host", "500 for everything", only(lambda asked: asked.reply(status="500 Oops"), *(f"/{number}" for number in range(1, 30))), refused={"/1": ("server error", "")}, most=60, check=refused_once("host stopped: 5 pages in a row not to be had")),
)  # fmt: skip
