"""Facts about what tells people of a night: metrics, messages, the dead man's switch, where flagged pages stand; and the deploy files."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import apprise
import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.errors import SettingsError
from core.plugins import ROOT
from core.settings import load
from core.store import Store
from core.types import Document, Judgement
from crawler.sources import SHIPPED
from xuncha import notify
from xuncha.demo.server import serve, write_sources
from xuncha.workspace import create, settings_of, sources_of

DEPLOY = ROOT / "deploy"
SECRET = "zq0secretkey"
NOW = datetime.now(UTC)


class Desk:
    """A service on loopback that takes messages; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.status = 200
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                desk.taken.append((self.path, body))
                self.answer()

            def do_GET(self) -> None:
                desk.taken.append((self.path, ""))
                self.answer()

            def answer(self) -> None:
                self.send_response(desk.status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"errcode": 0, "StatusCode": 0}')

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()
    yield found
    found.server.shutdown()
    found.server.server_close()


def xuncha(workspace: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "XUNCHA_WORKSPACE": str(workspace), **environ}
    words = [sys.executable, "-m", "xuncha.cli", *arguments]
    return subprocess.run(words, env=given, capture_output=True, text=True, timeout=280, cwd=ROOT)


def test_a_night_writes_metrics_tells_the_desk_and_resets_the_switch(tmp_path: Path, desk: Desk) -> None:
    with serve() as served:
        create(tmp_path, "https://xuncha.example/patrol", environ={})
        write_sources(tmp_path / "sources", {site: served[site] for site in ("board", "blog")})
        mine = [name for name, one in sources_of(settings_of(tmp_path)).items() if SHIPPED not in one.folder.parents]
        done = xuncha(
            tmp_path, "nightly", "--json", *(word for name in mine for word in ("-s", name)), XUNCHA_ALLOW_ADDRESSES="127.0.0.1",
            XUNCHA_DELAY_SECONDS="0.01", XUNCHA_NOTIFY=f"json://{desk.host}/{SECRET}", XUNCHA_NOTIFY_WHEN="always",
            XUNCHA_DEAD_MAN_URL=f"http://{desk.host}/switch/{SECRET}", XUNCHA_REVIEW_URL="https://review.example/",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (path, body), switch = desk.taken
    assert (told["told"], path, switch) == (1, f"/{SECRET}", (f"/switch/{SECRET}", ""))
    assert SECRET not in done.stdout + done.stderr
    message = json.loads(body)
    assert message["title"].endswith("无警报 no alarms")
    assert f"取回 fetched {told['crawl']['fetched']}, 新文档 new {told['crawl']['new']}" in message["message"]
    assert message["message"].endswith("复核 review: https://review.example/")
    with Store.open(tmp_path / "xuncha.db") as store:
        leads = store.leads.queue(50)
        assert leads
        for lead in leads:
            assert lead.title not in body
            assert not [value for _, value in lead.contacts if value in body]
        documents = store.documents.count()
    families = {one.name: one for one in text_string_to_metric_families((tmp_path / "metrics/xuncha.prom").read_text())}
    assert families["xuncha_documents"].samples[0].value == documents
    fetched = {one.labels["source"]: one.value for one in families["xuncha_source_fetched"].samples}
    assert fetched == {name: told["sources"][name]["fetched"] for name in mine}
    state = {(one.labels["stage"], one.labels["state"]): one.value for one in families["xuncha_run_state"].samples}
    assert state["crawl", "finished"] == 1
    shown = xuncha(tmp_path, "metrics").stdout
    assert {one.name for one in text_string_to_metric_families(shown)} == set(families)
    assert not [lead for lead in leads if lead.title in shown]


def settings(tmp_path: Path, **given: Any) -> Any:
    return load(tmp_path, {}).replace(**given)


def test_a_message_that_is_not_taken_is_told_without_its_secret_and_ends_nothing(tmp_path: Path, desk: Desk) -> None:
    desk.status = 500
    said: list[str] = []
    message = notify.Message("巡查", "1", True)
    urls = [f"json://{desk.host}/{SECRET}", f"nosuch://{SECRET}"]
    assert notify.send(message, urls, said.append) == 0
    assert len(said) == 2
    assert SECRET not in "".join(said)
    chosen = settings(tmp_path, dead_man_url=f"http://{desk.host}/{SECRET}")
    assert notify.alive(chosen, said.append) is False
    assert SECRET not in said[-1]


@pytest.mark.parametrize(
    ("kind", "url", "attribute", "given", "key"),
    [
        ("wecombot", "wecombot://zq0botkey", "notify_url", "http://{host}/wecom?key={{key}}", "markdown"),
        ("dingtalk", "dingtalk://zq0token0000", "notify_url", "http://{host}/ding?access_token={{token}}", "text"),
        ("feishu", "feishu://zq0token0000", "notify_url", "http://{host}/feishu/{{token}}/", "content"),
    ],
)
def test_what_chinese_services_are_sent_holds_the_whole_message(
    kind: str, url: str, attribute: str, given: str, key: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = apprise.Apprise.instantiate(url)
    assert sender is not None
    assert given.format(host=desk.host)
    monkeypatch.setattr(type(sender), attribute, given.format(host=desk.host), raising=True)
    assert notify.send(notify.Message("巡查 xuncha: 2 警报 alarms", "新线索 new leads 5", True), [url], print) == 1
    [(_, body)] = desk.taken
    sent = json.dumps(json.loads(body), ensure_ascii=False)
    assert "2 警报 alarms" in sent
    assert "新线索 new leads 5" in sent


def test_mail_addresses_are_known_to_apprise() -> None:
    assert apprise.Apprise.instantiate("mailtos://patrol:zq0@mail.example?to=desk@office.example") is not None


def test_addresses_come_from_settings_and_from_a_file_that_nobody_else_may_read(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text("# the desk\njson://desk.test/a\n\n json://desk.test/b \n", "utf-8")
    chosen = settings(tmp_path, notify=["json://desk.test/0"], notify_file="addresses")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        notify.addresses(chosen)
    file.chmod(0o600)
    assert notify.addresses(chosen) == ["json://desk.test/0", "json://desk.test/a", "json://desk.test/b"]
    file.unlink()
    with pytest.raises(SettingsError, match="expected a file of apprise URLs"):
        notify.addresses(chosen)


@pytest.mark.parametrize(("when", "wrong", "sent"), [("always", False, True), ("alarms", False, False), ("alarms", True, True), ("never", True, False)])  # fmt: skip
def test_people_are_told_when_the_settings_say_so(tmp_path: Path, when: str, wrong: bool, sent: bool) -> None:
    assert notify.wanted(notify.Message("", "", wrong), settings(tmp_path, notify_when=when)) is sent


@pytest.mark.parametrize("wrong", [{"notify_when": "sometimes"}, {"dead_man_url": "file:///etc/passwd"}])
def test_a_wrong_setting_comes_to_light_before_the_night(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        notify.addresses(settings(tmp_path, **wrong))


def test_a_night_that_failed_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    message = notify.of_failure(RuntimeError("http://a.test/u/13800000000"), settings(tmp_path))
    assert "RuntimeError" in message.body
    assert "1380" not in message.body
    assert message.wrong


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    create(tmp_path, "https://xuncha.example/patrol", environ={})
    for words in (("config", "show"), ("config", "show", "--json"), ("notify", "--json")):
        done = xuncha(
            tmp_path, *words, XUNCHA_NOTIFY=f"json://{SECRET}", XUNCHA_DEAD_MAN_URL=f"https://{SECRET}.example/"
        )
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
    assert json.loads(done.stdout) == {"addresses": 1, "kinds": ["json"], "when": "alarms", "sent": 0}


def test_where_flagged_pages_stand_is_listed(tmp_path: Path) -> None:
    create(tmp_path, "https://xuncha.example/patrol", environ={})
    with Store.open(tmp_path / "xuncha.db") as store:
        for number in range(2):
            id, _ = store.documents.add(
                Document("forum", str(number), f"http://f.test/{number}", "post", "广告", source="forum"), NOW
            )
            store.judgements.add([(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:linear@0"))], NOW)
        for id, state, days in ((1, "gone", 3), (1, "unreached", 2), (1, "gone", 1), (2, "up", 1)):
            store.sightings.add(id, NOW - timedelta(days=days), state)
    rows = json.loads(xuncha(tmp_path, "standing", "--json").stdout)
    assert [(row["document"], row["state"]) for row in rows] == [(2, "up"), (1, "gone")]
    assert rows[1]["gone_at"] == str(NOW - timedelta(days=3)), "the first look that found it gone"
    assert [row["document"] for row in json.loads(xuncha(tmp_path, "standing", "--state", "up", "--json").stdout)] == [
        2
    ]
    assert xuncha(tmp_path, "standing", "--state", "upp").returncode == 2


def units() -> dict[str, configparser.ConfigParser]:
    found = {}
    for path in (DEPLOY / "xuncha.service", DEPLOY / "xuncha.timer"):
        parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(path, "utf-8")
        found[path.name] = parser
    return found


def test_the_units_start_commands_that_exist_and_know_their_exit_status() -> None:
    from typer.main import get_command

    from xuncha.cli import ALARMS, app

    service = units()["xuncha.service"]["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[1] in get_command(app).commands  # type: ignore[attr-defined]
    assert service["SuccessExitStatus"] == str(ALARMS)
    assert units()["xuncha.timer"]["Timer"]["Unit"] == "xuncha.service"
    cron = [line for line in (DEPLOY / "xuncha.cron").read_text("utf-8").splitlines() if re.match(r"[\d*]", line)]
    assert [line.split()[7] for line in cron] == ["nightly"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze (Debian's systemd)")
def test_systemd_finds_no_fault_in_the_units_and_calls_the_service_well_hardened(tmp_path: Path) -> None:
    for name in ("xuncha.service", "xuncha.timer"):
        (tmp_path / name).write_text(
            (DEPLOY / name).read_text("utf-8").replace("/opt/xuncha/bin/xuncha", "/bin/true"), "utf-8"
        )
    paths = [str(tmp_path / name) for name in ("xuncha.service", "xuncha.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", paths[0]],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_the_container_runs_the_night_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    stages = [place for place, line in enumerate(lines) if line.startswith("FROM ")]
    last = lines[stages[-1] :]
    assert 'CMD ["nightly", "--json"]' in last
    assert "USER xuncha" in last
    assert last.index("USER xuncha") < last.index('ENTRYPOINT ["xuncha"]')
    wanted = re.search(r"'\.\[(.*?)\]'", "\n".join(lines))
    assert wanted
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(wanted[1].split(",")) <= set(extras)
