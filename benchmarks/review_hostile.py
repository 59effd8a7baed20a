"""What hostile content and hostile requests get from the review application: python benchmarks/review_hostile.py [--quick].

Sixty payloads stand in every field that comes from outside (titles, texts, authors, addresses, site words, contacts, reasons, file names,
notes, titles of cases, views, captures' headers and bodies) and are typed into every box. A real Chromium visits every page twice: once as
shipped (violations of the Content-Security-Policy are counted: our own pages must cause none), once with the policy switched off, so that
escaping alone must hold. Then the requests: posts from other sites, every route for every role, planted sessions, odd paths.
"""

from __future__ import annotations

import argparse
import http.server
import json
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402
import uvicorn  # noqa: E402

from core.settings import Settings, load  # noqa: E402
from core.store import Store  # noqa: E402
from core.store.cases import Step  # noqa: E402
from core.types import (  # noqa: E402
    Act,
    Capture,
    ContactKind,
    ContactPoint,
    Decision,
    Document,
    Judgement,
    Lead,
    Picture,
    Provenance,
    Refusal,
    SiteContext,
    Span,
)
from evidence.archive import Archive  # noqa: E402
from leads import campaigns  # noqa: E402
from review import accounts, search  # noqa: E402
from review import app as application  # noqa: E402
from review.roles import GRANTS, Role  # noqa: E402
from review.tools import Export, Handover, Tools  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>;127.0.0.1;localhost"]  # fmt: skip
PASSWORD = "zq0-hostile-horse"
RATER = "model:linear@hostile00000"
NOW = datetime.now(UTC)
EACH = 10  # payloads in one lead: as many documents as stand on one page
TEMPLATES = (
    "<script>{0}</script>", "<ScRiPt >{0}</sCrIpT>", "\"><script>{0}</script>", "'><script>{0}</script>", "</title><script>{0}</script>",
    "</textarea><script>{0}</script>", "</style><script>{0}</script>", "--><script>{0}</script>", "<![CDATA[<script>{0}</script>]]>", "<img src=x onerror={0}>",
    "\"><img src=x onerror={0}>", "<img/src/onerror={0}>", "<svg onload={0}>", "<svg/onload={0}>", "<svg><script>{0}</script></svg>",
    "<svg><animate onbegin={0} attributeName=x dur=1s>", "<svg><a xlink:href=\"javascript:{0}\"><text y=20>x</text></a></svg>", "<math><mtext><img src=x onerror={0}>", "<body onload={0}>", "<iframe srcdoc=\"<script>parent.{0}</script>\">",
    "<iframe src=\"javascript:parent.{0}\">", "<object data=\"javascript:{0}\">", "<embed src=\"javascript:{0}\">", "<a href=\"javascript:{0}\" autofocus onfocus={0}>x</a>", "javascript:{0}//",
    "JaVaScRiPt:{0}", "java\tscript:{0}", "data:text/html,<script>{0}</script>", "vbscript:{0}", "<input autofocus onfocus={0}>",
    "\" autofocus onfocus={0} x=\"", "' autofocus onfocus={0} x='", "x onmouseover={0} y", "<details open ontoggle={0}>", "<video><source onerror={0}>",
    "<audio src=x onerror={0}>", "<marquee onstart={0}>", "<select autofocus onfocus={0}>", "<form><button formaction=\"javascript:{0}\">x", "<isindex action=\"javascript:{0}\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:{0}\">", "<base href=\"javascript:{0}//\">", "<link rel=stylesheet href=\"javascript:{0}\">", "<style>@import 'javascript:{0}';</style>", "<div style=\"background:url(javascript:{0})\">",
    "{{{{ {0} }}}}", "{{% print({0}) %}}", "${{{0}}}", "<%= {0} %>", "#{{{0}}}",
    "<div data-hx-get=\"/ledger\" data-hx-trigger=load hx-on:click=\"{0}\">x</div>", "<div data-hx-on:htmx:load=\"{0}\">x</div>", "<template shadowrootmode=open><img src=x onerror={0}></template>", "\u202e<script>{0}</script>\u202c", "\u0000<script>{0}</script>\u001b[2J",
    "＜script＞{0}＜/script＞", "&lt;script&gt;{0}&lt;/script&gt;", "%3Cscript%3E{0}%3C/script%3E", "<noscript><p title=\"</noscript><img src=x onerror={0}>\">", "<xss id=x tabindex=1 onactivate={0} onfocusin={0}></xss>",
)  # fmt: skip
PAYLOADS = tuple(template.format(f"pwned({number})") for number, template in enumerate(TEMPLATES, 1))
ACCOUNTS = {role: f"zq0{role.value.replace('_', '')}" for role in Role}
# what a page of ours may hold: anything else came out of a payload
CENSUS = """() => {
  const bad = [];
  for (const e of document.querySelectorAll('*')) {
    const name = e.localName;
    if (['iframe', 'object', 'embed', 'base', 'style', 'marquee', 'video', 'audio', 'math', 'animate', 'isindex', 'xss', 'template'].includes(name)) bad.push(name);
    if (name === 'script' && !['/static/htmx.min.js', '/static/keys.js'].includes(e.getAttribute('src'))) bad.push('script');
    if (name === 'meta' && e.getAttribute('http-equiv')) bad.push('meta refresh');
    for (const a of e.attributes) {
      if (a.name.startsWith('on') || a.name === 'style' || a.name.includes('hx-on')) bad.push(name + ' ' + a.name);
      if (['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'data-hx-get'].includes(a.name) && !/^(\\/[^\\/]|\\/$|#)/.test(a.value)) bad.push(name + ' ' + a.name + '=' + a.value);
    }
  }
  return bad;
}"""
POKE = """() => {
  for (const e of document.querySelectorAll('*')) for (const kind of ['mouseover', 'focus', 'focusin', 'toggle', 'animationstart']) e.dispatchEvent(new Event(kind));
}"""


def clean(text: str) -> str:
    return text.replace("\x00", "␀")


def hostile(folder: Path) -> tuple[Path, Settings]:
    """A workspace in which every field from outside is an attack."""
    settings = load(folder, environ={})
    archive = Archive(folder / "archive", "hostile", "xuncha/benchmark")
    with Store.open(folder / "xuncha.db") as store:
        for role, name in ACCOUNTS.items():
            accounts.add(store, name, role.value, PASSWORD, NOW)
        accounts.add(store, "zq0second", "lead_reviewer", PASSWORD, NOW)
        for start in range(0, len(PAYLOADS), EACH):
            add_lead(store, archive, f"Lhostile{start:02d}", PAYLOADS[start : start + EACH])
        for payload in PAYLOADS:
            store.refusals.add(Refusal(payload, payload, payload, payload, NOW))
        run = store.runs.start("crawl", NOW - timedelta(hours=1), {"sources": list(PAYLOADS)})
        store.runs.finish(run, NOW, {}, PAYLOADS[:5])
        campaigns.place(store, RATER, 0.3, lambda: NOW)
        campaigns.name(store)
        handle(store)
        search.refresh(store)
    archive.close()
    return folder / "xuncha.db", settings


def add_lead(store: Store, archive: Archive, id: str, payloads: Sequence[str]) -> None:
    documents = []
    for payload in payloads:
        body = f"<html><body>{payload}</body></html>".encode("utf-8", "replace")
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("X-Hostile", clean(payload)),
            ("Content-Disposition", f'inline; filename="{clean(payload)}.svg"'),
        ]
        filed = archive.add("http://hostile.example/", NOW, "HTTP/1.1 200 OK", headers, body)
        store.captures.add(
            Capture(
                filed.id,
                payload,
                payload,
                NOW,
                200,
                payload,
                filed.sha256,
                filed.size,
                filed.warc,
                filed.offset,
                payload,
                Provenance.LIVE,
                None,
                payload,
            )
        )
        site = SiteContext(payload, (payload, payload), payload, payload, payload)
        text = f"{payload}\n寄血 {payload} 加薇 zq0{len(documents)}hostile"
        document = Document(
            payload[:40], f"{id}-{len(documents)}", payload, payload[:20], text, payload, payload, None, payload, site, (payload,), (Picture(payload, payload),),
            payload, filed.id, payload, {"x": payload},
        )  # fmt: skip
        number, _ = store.documents.add(document, NOW)
        spans = (
            Span(0, min(6, len(payload)), payload[:6], payload),
            Span(2, min(9, len(text)), text[2:9], f"{payload}; {payload}"),
        )
        store.judgements.add(
            [(number, 1, Judgement("fetal_sex_test_ad", True, 0.97, RATER, {"fetal_sex_test_ad": 0.97}, spans))], NOW
        )
        point = ContactPoint(ContactKind.WECHAT, payload, payload.lower(), 0, len(payload), (payload,), 1.0)
        store.contact_points.add(number, 1, [point], flagged=True)
        documents.append(number)
    contacts = tuple(("wechat", payload.lower()) for payload in payloads)
    reasons = tuple(f"probability 0.9: {payload}" for payload in payloads[:3]) + tuple(payloads[3:])
    store.leads.put(
        Lead(id, "fetal_sex_test_ad", payloads[0], tuple(documents), contacts, 0.9, reasons, NOW, NOW),
        dict.fromkeys(documents, payloads[1]),
        NOW,
    )
    store.leads.add_event(id, "new", {"documents": documents, "from": list(payloads[:2]), "by": payloads[2]}, NOW)
    for payload in payloads:
        store.decisions.add(Decision(id, Act.NOTE, "zq0analyst", NOW, note=payload))
    store.decisions.add(Decision(id, Act.CONFIRM, "zq0viewer", NOW, "fetal_sex_test_ad", payloads[-1]))
    store.decisions.add(
        Decision(id, Act.UNDO, "zq0viewer", NOW, detail={"undoes": store.review.decisions(id)[-1]["id"]})
    )


def handle(store: Store) -> None:
    """What people of the house may have been handed and typed: titles, notes, names of views and recipients."""
    for number, payload in enumerate(PAYLOADS):
        store.desk.save_view("zq0analyst", payload[:40], f"q={quote(payload)}", NOW) if number < 30 else None
        store.ledger.append(NOW, payload, payload, payload, {"x": payload})
    store.desk.watch("zq0analyst", "wechat", PAYLOADS[9].lower(), NOW - timedelta(days=1))
    case = store.cases.open(PAYLOADS[2], "zq0analyst", NOW)
    store.cases.collect(case, "Lhostile00", PAYLOADS[3], NOW)
    for payload in PAYLOADS[:20]:
        store.cases.step(case, Step.NOTED, payload, NOW, payload)
    detail = {
        "recipient": PAYLOADS[4],
        "forms": [PAYLOADS[5]],
        "files": [{"file": f"exports/{payload}", "sha256": payload, "size": 9} for payload in PAYLOADS[:9]],
    }
    store.cases.step(case, Step.EXPORTED, PAYLOADS[6], NOW, PAYLOADS[7], detail)
    store.cases.step(
        case,
        Step.DELIVERED,
        PAYLOADS[6],
        NOW,
        PAYLOADS[7],
        {"receiver": PAYLOADS[8], "channel": PAYLOADS[9], "reference": PAYLOADS[10]},
    )
    store.cases.step(case, Step.FAILED, PAYLOADS[6], NOW, "", {"error": PAYLOADS[11]})


def _never(store: Store, settings: Settings, handover: Handover, folder: Path, now: datetime) -> list[Path]:
    raise AssertionError("nothing may be exported here")


@contextmanager
def serving(database: Path, settings: Settings) -> Iterator[str]:
    """The application on a free port; its address."""
    tools = Tools(
        exports={"letter": Export(PAYLOADS[0], PAYLOADS[1], _never)},
        screenshot=lambda *_: b"\x89PNG\r\n\x1a\n<script>pwned(0)</script>",
    )
    app = application.create(database, settings, tools=tools)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Watch:
    """What happened in a browser context that must not: code that ran, violations, requests elsewhere, foreign markup."""

    def __init__(self, context: Any, address: str) -> None:
        self.executed: list[str] = []
        self.violations: list[str] = []
        self.elsewhere: list[str] = []
        self.markup: list[str] = []
        self.pages = 0
        context.expose_function("pwned", lambda *values: self.executed.append(f"pwned{values}"))
        context.expose_function("violated", lambda what: self.violations.append(what))
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => window.violated(e.violatedDirective + ' ' + e.blockedURI + ' ' + location.pathname))"
        )
        self.address = address

    def page(self, context: Any) -> Any:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("dialog", lambda dialog: (self.executed.append("dialog"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.executed.append(f"error {error}"))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((self.address, "data:image/png")) else self.elsewhere.append(request.url)
            ),
        )
        page.on("popup", lambda _: self.executed.append("popup"))
        return page

    def look(self, page: Any, path: str) -> None:
        """Visit a page, poke everything on it, and take stock of its markup."""
        page.goto(f"{self.address}{path}", wait_until="load")
        page.evaluate(POKE)
        self.markup += page.evaluate(CENSUS)
        self.pages += 1


def sign_in(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


def visit_all(browser: Any, address: str, captures: Sequence[str], policy: bool, quick: bool) -> Watch:
    """Every page with hostile content, with the policy or without it."""
    context = browser.new_context(locale="en-US", bypass_csp=not policy, viewport={"width": 1280, "height": 2_000})
    watch = Watch(context, address)
    page = watch.page(context)
    sign_in(page, address, "zq0second")
    leads = [f"Lhostile{start:02d}" for start in range(0, len(PAYLOADS), EACH)]
    brief = quick and not policy
    for path in ("/", "/queue", "/case/K0001", "/ledger"):
        watch.look(page, path)
    for lead in leads:
        watch.look(page, f"/lead/{lead}")
        page.press("body", "r")  # contacts revealed: now they stand there as they are
        page.wait_for_selector("text=Revealed for this session")
        page.evaluate(POKE)
        watch.markup += page.evaluate(CENSUS)
        watch.look(page, f"/lead/{lead}?view=normalised")
    if not brief:
        for path in ("/queue?page=2", "/queue?q=寄血", "/queue?state=second", "/cases", "/keys", "/ledger?page=2"):
            watch.look(page, path)
        for lead in leads[:: 3 if quick else 1]:
            for part in ("network", "template", "similar"):
                watch.look(page, f"/lead/{lead}/{part}")
        for capture in captures[:: 15 if quick else 1]:
            watch.look(page, f"/capture/{capture}")
        for name, step in (("q", 6), ("contact", 20)):
            for payload in PAYLOADS[:: step if quick else 1]:
                watch.look(page, f"/queue?{name}={quote(clean(payload))}")
        for name in ("state", "label", "source", "since", "page", "done", "problem", "labelled")[:: 3 if quick else 1]:
            watch.look(page, f"/queue?{name}={quote(PAYLOADS[10])}")
            watch.look(page, f"/lead/Lhostile00?{name}={quote(PAYLOADS[10])}")
    context.close()
    own = browser.new_context(locale="zh-CN", bypass_csp=not policy)
    page = (second := Watch(own, address)).page(own)
    sign_in(page, address, ACCOUNTS[Role.ANALYST])
    for path in ("/", "/queue", "/case/K0001", "/queue?state=mine")[: 2 if quick else 4]:
        second.look(page, path)
    own.close()
    watch.executed += second.executed
    watch.violations += second.violations
    watch.elsewhere += second.elsewhere
    watch.markup += second.markup
    watch.pages += second.pages
    return watch


def controls(browser: Any, address: str) -> int:
    """How many of three planted wrongs the watch sees: code that runs, markup from outside, a violation. All must be seen."""
    context = browser.new_context()
    watch = Watch(context, address)
    page = watch.page(context)
    page.goto(f"{address}/sign-in")
    page.evaluate("pwned(1)")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned(2)>')")
    page.wait_for_timeout(200)
    watch.markup += page.evaluate(CENSUS)
    context.close()
    return bool(watch.executed) + bool(watch.violations) + bool(watch.markup)


class Caller:
    """Somebody with a session and no browser."""

    def __init__(self, address: str, name: str = "") -> None:
        self.client = httpx2.Client(base_url=address, follow_redirects=False, timeout=30)
        self.token = ""
        if name:
            self.client.post(
                "/sign-in", data={"name": name, "password": PASSWORD}, headers={"sec-fetch-site": "same-origin"}
            )
            self.token = self.client.get("/keys").text.split('name="token" value="')[1].split('"')[0]

    def post(self, path: str, headers: dict[str, str], **more: Any) -> int:
        form = {"token": self.token, "act": "reject", "seen": "0", "language": "en"}
        return int(self.client.post(path, headers=headers, **(more or {"data": form})).status_code)


def acts() -> list[str]:
    given = {"id": "Lhostile10", "sample": "none", "document": "1", "event": "1", "file": "0"}
    return [
        path.format(**{**given, "id": "K0001" if path.startswith("/case/") else given["id"]})
        for path, *_ in application.ACTS
    ]


def cross_site(address: str, store: Store) -> list[tuple[str, int, Counter[int], int]]:
    """Posts that did not come from our own pages, to every route that changes anything, with a good session."""
    caller = Caller(address, ACCOUNTS[Role.ANALYST])
    own = {"sec-fetch-site": "same-origin"}
    ways: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
        "fetch-site: cross-site": ({"sec-fetch-site": "cross-site"}, {}), "fetch-site: same-site": ({"sec-fetch-site": "same-site"}, {}),
        "fetch-site: none": ({"sec-fetch-site": "none"}, {}), "no fetch-site, foreign origin": ({"origin": "http://evil.example"}, {}),
        "no fetch-site, null origin": ({"origin": "null"}, {}), "no fetch-site, no origin": ({}, {}),
        "origin with our name as a prefix": ({"origin": f"{address}.evil.example"}, {}), "text/plain": ({**own, "content-type": "text/plain"}, {"content": "token=x"}),
        "json": (own, {"json": {"act": "reject"}}), "a file": (own, {"data": {"token": caller.token}, "files": {"file": ("x.svg", b"<svg onload=pwned(0)>")}}),
        "no token": (own, {"data": {"act": "reject"}}), "another session's token": (own, {"data": {"token": Caller(address, "zq0second").token, "act": "reject"}}),
        "method by header": ({**own, "x-http-method-override": "PUT"}, {"data": {"act": "reject"}}),
    }  # fmt: skip
    before = state(store)
    rows = []
    for name, (headers, more) in ways.items():
        got = Counter(caller.post(path, headers, **more) for path in acts() if path not in ("/sign-out",))
        rows.append((f"post, {name}", sum(got.values()), got, sum(n for status, n in got.items() if status < 400)))
    asked = Counter(
        caller.client.get(path).status_code
        for path in acts()
        if path.count("/") > 1 and "audit" not in path and path not in ("/case/K0001",)
    )
    rows.append(
        ("get of what only posts do", sum(asked.values()), asked, sum(n for status, n in asked.items() if status < 400))
    )
    changed = state(store) != before
    rows.append(("anything stored by those", 1, Counter({"changed" if changed else "nothing": 1}), int(changed)))  # type: ignore[dict-item]
    return rows


def state(store: Store) -> tuple[int, int, int]:
    """What a change would change."""
    return (
        next(store.db.query("SELECT count(*) AS n FROM decisions"))["n"], next(store.db.query("SELECT count(*) AS n FROM case_events"))["n"],
        next(store.db.query("SELECT count(*) AS n FROM saved_views"))["n"],
    )  # fmt: skip


def loaded(address: str, store: Store) -> tuple[str, int, Counter[int], int]:
    """Pages asked for by other pages, as a picture, a frame or by a script, with a good session: to look at a lead claims it and is logged."""
    caller, got = Caller(address, ACCOUNTS[Role.ANALYST]), Counter[int]()
    ways = (
        ("no-cors", "image"),
        ("navigate", "iframe"),
        ("navigate", "object"),
        ("cors", "empty"),
        ("no-cors", "script"),
    )
    before = next(store.db.query("SELECT count(*) AS n FROM ledger"))["n"]
    for path in ("/", "/queue", "/lead/Lhostile10", "/lead/Lhostile20/network", "/cases", "/case/K0001", "/keys"):
        for site, (mode, goal) in ((site, way) for site in ("cross-site", "same-site") for way in ways):
            headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": goal}
            got[caller.client.get(path, headers=headers).status_code] += 1
    looks = next(store.db.query("SELECT count(*) AS n FROM ledger"))["n"] - before
    return "pages loaded by pages of other origins", got.total(), got, got.total() - got[403] + looks


def masks(address: str, store: Store) -> tuple[str, int, Counter[Any], int]:
    """A viewer who searches for parts of masked contacts: a hit, a light or a count would tell that the part is right."""
    caller, got = Caller(address, ACCOUNTS[Role.VIEWER]), Counter[Any]()
    rows = store.db.query(
        "SELECT DISTINCT canonical FROM contact_points WHERE kind IN ('wechat', 'phone', 'qq') LIMIT 40"
    )
    whole = caller.client.get("/queue?state=any").text.count('class="row"')
    for value in (row["canonical"] for row in rows if " " not in row["canonical"]):
        # single letters are words like any other; four signs in a row begin to tell a contact
        for part in {
            cut for cut in (value, value[:4], value[2:6], value[3:9], value[-6:]) if sum(map(str.isalnum, cut)) > 3
        }:
            found = caller.client.get("/queue", params={"state": "any", "q": part}).text
            page = caller.client.get("/lead/Lhostile10", params={"q": part}).text
            lit = any("hit" in mark.split('"')[0] for mark in page.split('<mark class="')[1:])
            got["told" if found.count('class="row"') != whole or lit else "nothing"] += 1
    return "parts of masked contacts, searched for", got.total(), got, got["told"]


def in_browser(browser: Any, address: str, store: Store) -> tuple[str, int, Counter[Any], int]:
    """A page of another origin that sends forms to ours by itself, with the victim's session in the same browser."""
    forms = "".join(
        f'<form method=post action="{address}{path}"><input name=act value=reject><input name=seen value=0><input name=queue></form>'
        for path in ("/undo", "/next", "/lead/Lhostile10/decide", "/cases")
    )

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<body>{forms}<iframe src='{address}/queue'></iframe><script>document.forms[Number(location.hash.slice(1))].submit()</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address, ACCOUNTS[Role.ANALYST])
    before, got = state(store), Counter[Any]()
    for host in ("127.0.0.1", "localhost"):
        for number in range(4):
            page.goto(f"http://{host}:{server.server_port}/#{number}", wait_until="load")
            page.wait_for_timeout(150)
            got["sent"] += 1
    framed = sum("寄血" in frame.content() or "Queue of leads" in frame.content() for frame in page.frames[1:])
    context.close()
    server.shutdown()
    server.server_close()
    return (
        "forms of another origin, in the browser",
        got.total(),
        Counter({"stored": int(state(store) != before), "framed": framed}),
        int(state(store) != before) + framed,
    )


def forced(address: str) -> tuple[str, int, Counter[int], int]:
    """Every route for every role: refused exactly where the role does not grant it."""
    got: Counter[int] = Counter()
    wrong = 0
    routes = [
        (
            "GET",
            path.format(
                id="K0001" if path.startswith("/case") else "Lhostile10",
                capture="none",
                sample="none",
                document="1",
                event="1",
                file="none",
            ),
            needs,
        )
        for path, _, needs in application.PAGES
    ]
    routes += [
        ("POST", path, needs)
        for path, (_, _, needs) in zip(acts(), application.ACTS, strict=True)
        if path != "/sign-out"
    ]
    for role in Role:
        caller = Caller(address, ACCOUNTS[role])
        for method, path, needs in routes:
            if method == "GET":
                status = caller.client.get(path).status_code
            else:
                status = caller.post(path, {"sec-fetch-site": "same-origin"}, data={"token": caller.token})
            got[status] += 1
            wrong += (status == 403) != (needs is not None and needs not in GRANTS[role]) or status >= 500
    nobody = Caller(address)
    for method, path, _ in routes:
        answer = nobody.client.request(
            method, path, headers={"sec-fetch-site": "same-origin"}, data={"x": "1"} if method == "POST" else None
        )
        got[answer.status_code] += 1
        wrong += answer.status_code != 303 or not answer.headers["location"].startswith("/sign-in")
    return "every route for every role, and for nobody", got.total(), got, wrong


def sessions(address: str) -> list[tuple[str, int, Counter[Any], int]]:
    """Planted, kept and stolen sessions."""
    planted = Caller(address)
    planted.client.cookies.set("xuncha", "planted-by-an-attacker", domain="127.0.0.1")
    planted.client.post(
        "/sign-in",
        data={"name": ACCOUNTS[Role.ANALYST], "password": PASSWORD},
        headers={"sec-fetch-site": "same-origin"},
    )
    attacker = httpx2.Client(base_url=address, cookies={"xuncha": "planted-by-an-attacker"})
    fixated = attacker.get("/queue", follow_redirects=False).status_code == 200
    ended = Caller(address, ACCOUNTS[Role.ANALYST])
    kept = dict(ended.client.cookies)
    ended.client.post("/sign-out", data={"token": ended.token}, headers={"sec-fetch-site": "same-origin"})
    after = httpx2.Client(base_url=address, cookies=kept).get("/queue", follow_redirects=False).status_code == 200
    again = Caller(address, ACCOUNTS[Role.ANALYST])
    first = dict(again.client.cookies)
    again.client.post(
        "/sign-in",
        data={"name": ACCOUNTS[Role.ANALYST], "password": PASSWORD},
        headers={"sec-fetch-site": "same-origin"},
    )
    old = httpx2.Client(base_url=address, cookies=first).get("/queue", follow_redirects=False).status_code == 200
    answer = httpx2.post(
        f"{address}/sign-in",
        data={"name": ACCOUNTS[Role.ANALYST], "password": PASSWORD},
        headers={"sec-fetch-site": "same-origin"},
    )
    cookie = answer.headers["set-cookie"].lower()
    loose = [flag for flag in ("httponly", "samesite=strict", "path=/") if flag not in cookie]
    guesses = Counter(
        httpx2.get(f"{address}/queue", cookies={"xuncha": guess}).status_code
        for guess in ("", "0", "null", "'; --", "../", "x" * 4_000)
    )
    rows: list[tuple[str, int, Counter[Any], int]] = [
        ("a planted session after the victim signs in", 1, Counter({"usable" if fixated else "unusable": 1}), int(fixated)),
        ("a session after signing out", 1, Counter({"usable" if after else "unusable": 1}), int(after)),
        ("the session before signing in again", 1, Counter({"usable" if old else "unusable": 1}), int(old)),
        ("attributes of the cookie", 3, Counter(loose or {"all there": 1}), len(loose)), ("guessed sessions", 6, guesses, guesses[200]),
    ]  # fmt: skip
    return rows


def paths(address: str) -> tuple[str, int, Counter[int], int]:
    """Odd paths: nothing outside of our pages is served, and nothing breaks."""
    caller = Caller(address, "zq0second")
    odd = [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/..%5capp.py", "/static/%2e%2e%2fwords.yml", "/static//etc/passwd", "/static/%00", "/static/.%2e/.%2e/core/settings.py",
        "//evil.example/", "/\\evil.example", "/lead/../ledger", "/lead/..%2fledger", "/lead/%00", "/lead/" + "x" * 5_000, "/lead/'%20OR%201=1--", "/queue?page=-1", "/queue?page=1e9", "/queue?page=99999999999999999999",
        "/queue?q=%ff%fe", "/queue?q=" + quote('"*^ NEAR( OR AND'), "/queue?contact=" + quote("' UNION SELECT"), "/capture/..%2f..%2fxuncha.db", "/capture/urn:uuid:x", "/case/K0001/export/1/0", "/case/K0001/export/1/..%2f0",
        "/audit/x/1", "/audit/..%2f/1", "/enter/x", "/enter/..%2f", "/sign-in?back=//evil.example", "/sign-in?back=/\\evil.example", "/sign-in?back=http:evil", "/ledger?page=x&check=%00", "/keys/", "/.git/config", "/xuncha.db", "/exports/",
    ]  # fmt: skip
    got: Counter[int] = Counter()
    wrong = 0
    for path in odd:
        answer = caller.client.send(
            caller.client.build_request(
                "GET",
                httpx2.URL(f"{address}{path}")
                if not path.startswith(("//", "/\\"))
                else f"{address}/{path.lstrip('/')}",
            )
        )
        got[answer.status_code] += 1
        leaked = any(sign in answer.text for sign in ("from __future__", "root:x:", "SQLite format", "why_sex:"))
        sent = answer.headers.get("location", "/")
        bare = "Content-Security-Policy" not in answer.headers
        wrong += (
            answer.status_code >= 500 or leaked or bare or not sent.startswith("/") or sent.startswith(("//", "/\\"))
        )
    return "odd paths", len(odd), got, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer captures and search boxes")
    quick = parser.parse_args().quick
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("needs playwright: pip install 'xuncha[test]'")
    if not Path(CHROMIUM).exists():
        sys.exit(f"needs Chromium at {CHROMIUM}: apt install chromium")
    with tempfile.TemporaryDirectory(prefix="xuncha-hostile-") as scratch:
        database, settings = hostile(Path(scratch))
        with serving(database, settings) as address, Store.open(database) as store, sync_playwright() as tool:
            captures = [capture.id for capture in store.captures.all()]
            browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            seen = controls(browser, address)
            guarded = visit_all(browser, address, captures, True, quick)
            bare = visit_all(browser, address, captures, False, quick)
            rows = [
                *cross_site(address, store),
                in_browser(browser, address, store),
                loaded(address, store),
                masks(address, store),
                forced(address),
                *sessions(address),
                paths(address),
            ]
            browser.close()
    print(
        f"{len(PAYLOADS)} payloads; {guarded.pages} pages with the policy, {bare.pages} without it; the watch sees {seen} of 3 planted wrongs\n"
    )
    print(f"{'in the browser':<44}{'policy on':>10}{'off':>6}")
    for name, one, other in (
        ("payloads that ran", guarded.executed, bare.executed), ("violations of the policy", guarded.violations, bare.violations),
        ("requests elsewhere", guarded.elsewhere, bare.elsewhere), ("markup that is not ours", guarded.markup, bare.markup),
    ):  # fmt: skip
        print(f"{name:<44}{len(one):>10}{len(other):>6}  {'; '.join(sorted(set(one + other))[:3])[:120]}")
    print(f"\n{'request':<44}{'tries':>6}{'wrong':>6}  what they got")
    for name, tries, got, wrong in rows:
        print(f"{name:<44}{tries:>6}{wrong:>6}  {', '.join(f'{key}: {n}' for key, n in sorted(got.items(), key=str))}")
    print(
        json.dumps({
            "payloads": len(PAYLOADS), "pages": guarded.pages + bare.pages, "executed": len(guarded.executed) + len(bare.executed), "csp_violations": len(guarded.violations),
            "requests_elsewhere": len(guarded.elsewhere) + len(bare.elsewhere), "foreign_markup": len(guarded.markup) + len(bare.markup), "controls_seen": seen,
            "requests": sum(tries for _, tries, _, _ in rows), "requests_wrong": sum(wrong for *_, wrong in rows),
        })
    )  # fmt: skip
    if seen < 3:
        sys.exit("the watch is blind: its own planted wrongs were not seen")


if __name__ == "__main__":
    main()
