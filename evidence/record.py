"""What a bundle says about itself: record.json, 清单.csv, audit-proof.jsonl and VERIFY.txt. The papers are in ``evidence.office``.

Fields follow the procuratorate's 2021 rules on cyber cases, art. 37 (address, access, time, tool, environment, check value) and
法发〔2016〕22号, art. 14 (list with category, format, check value).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from core.types import Capture, Lead, Provenance, Run
from evidence.cutting import Cut
from evidence.screenshot import Shot
from evidence.signature import IDENTITY, NAMESPACE
from text.shown import guarded, plain

BEIJING = timezone(timedelta(hours=8))
STANDING = (
    "线索，供执法人员参考：内容均须由执法人员依法重新提取、固定；本包不认定任何人违法。"
    " A lead (线索): the officer captures again; nothing here says that anybody broke the law."
)
FIELDS = {
    "url": "网络地址", "request": "访问方式", "entry": "进入步骤", "time_utc": "提取时间（世界时）", "time_beijing": "提取时间（北京时间）",
    "ip": "服务器地址", "robots": "robots.txt 许可情况", "tool": "提取工具及版本", "environment": "系统环境",
    "settings_sha256": "出包时工具配置校验值", "sha256": "完整性校验值（SHA-256）", "size": "大小（字节）", "run": "提取任务", "operator": "提取单位",
    "by": "出包人", "media_type": "格式",
}  # fmt: skip
COLUMNS = (
    "序号",
    "类别",
    "名称",
    "文件",
    "格式",
    "大小（字节）",
    "SHA-256",
    "网络地址",
    "提取时间（北京时间）",
    "备注",
)
PROOF = ("seq", "at", "actor", "action", "object", "payload_sha256", "prev", "hash")


def times(at: datetime) -> dict[str, str]:
    """A time in UTC and in Beijing, to the second."""
    return {
        "time_utc": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "time_beijing": f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M:%S+08:00}",
    }


def exhibit(number: int, capture: Capture, cut: Cut, run: Run | None) -> dict[str, Any]:
    """One capture as a record's exhibit; what was imported is not in the WACZ, and says so."""
    live = capture.id in cut.places
    return {
        "exhibit": f"E{number:03d}",
        "record_id": capture.id,
        "url": capture.url,
        "request": cut.requests.get(capture.id, "") if live else "imported, not fetched by this tool",
        "entry": "public page, without signing in 公开网页，未登录" if live else capture.robots,
        **times(capture.fetched_at),
        "status": capture.status,
        "media_type": capture.media_type,
        "ip": capture.address,
        "robots": capture.robots,
        "provenance": str(capture.provenance),
        "tool": cut.software.get(capture.id, ""),
        "run": {"id": run.id, "stage": run.stage, **times(run.started_at)} if run else None,
        "sha256": capture.sha256,
        "size": capture.size,
        "archive": {"file": capture.warc, "offset": capture.offset},
        "in_bundle": "capture.wacz" if live else "",
        "source": capture.source,
    }


def is_live(capture: Capture) -> bool:
    """Whether a capture's record stands in our own archive at its offset; imports are kept as whole files of others."""
    return capture.provenance is Provenance.LIVE


def picture(shot: Shot, exhibit: str, file: str) -> dict[str, Any]:
    """What a record says of a screenshot."""
    return {
        "file": file, "exhibit": exhibit, "sha256": hashlib.sha256(shot.png).hexdigest(), "size": len(shot.png), "width": shot.width,
        "height": shot.height, "cut_below": shot.cut, "viewport": f"{shot.viewport[0]}x{shot.viewport[1]}", "chromium": shot.chromium,
        "charset": shot.charset or "as declared", "javascript": shot.javascript, "network": "off; rendered from the WARC", "served": shot.served, "missing": shot.missing,
    }  # fmt: skip


def record(
    lead: Lead, exhibits: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, Any]], made: Mapping[str, Any],
    screenshots: Sequence[Mapping[str, Any]], missing: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """The record: the lead, how the bundle was made, its exhibits, the texts taken from them, and screenshots or why there are none."""
    return {
        "format": "xuncha-record-1",
        "standing": STANDING,
        "fields": FIELDS,
        "lead": {
            "id": lead.id, "label": lead.label, "title": lead.title, "priority": lead.priority, "reasons": lead.reasons,
            "contacts": [{"kind": kind, "value": value} for kind, value in lead.contacts],
            "first_seen": times(lead.first_seen), "last_seen": times(lead.last_seen),
        },
        "made": made,
        "exhibits": exhibits,
        "texts": texts,
        "screenshots": screenshots,
        "screenshots_missing": missing,
        "signatures": {"提取人": "", "见证人": "", "持有人（提供人）": ""},
    }  # fmt: skip


def written(record: Mapping[str, Any]) -> bytes:
    """record.json."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def rows_of(record: Mapping[str, Any]) -> list[list[str]]:
    """The rows of the list of items, under ``COLUMNS``: web responses, texts, screenshots."""
    beijing = {item["exhibit"]: item["time_beijing"] for item in record["exhibits"]}
    address = {item["exhibit"]: item["url"] for item in record["exhibits"]}
    rows = [
        ("电子数据·网页响应", item["exhibit"], item["in_bundle"], item["media_type"], item["size"], item["sha256"],
         item["url"], item["time_beijing"], "" if item["in_bundle"] else "导入材料，原件存于档案")
        for item in record["exhibits"]
    ] + [
        ("电子数据·文本", item["title"], item["file"], "text/plain; UTF-8", item["size"], item["sha256"], item["url"],
         item["time_beijing"], f"取自 {item['exhibit']}")
        for item in record["texts"]
    ] + [
        ("屏幕截图", item["exhibit"], item["file"], "image/png", item["size"], item["sha256"], address.get(item["exhibit"], ""),
         beijing.get(item["exhibit"], ""), f"断网自 WARC 渲染，Chromium {item['chromium']}，{item['width']}×{item['height']}")
        for item in record["screenshots"]
    ]  # fmt: skip
    return [[str(number), *map(str, row)] for number, row in enumerate(rows, 1)]


def inventory(record: Mapping[str, Any]) -> bytes:
    """清单.csv, which spreadsheets open as it is: a byte-order mark, and no cell that starts a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, *cells in rows_of(record):
        writer.writerow([number, *(guarded(plain(str(cell), 2_000)) for cell in cells)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def proof(entries: Iterable[Mapping[str, Any]], lead: str) -> bytes:
    """audit-proof.jsonl: ledger entries as the chain hashes them; payloads only of acts on this lead, the rest is not this reader's."""
    lines = []
    for entry in entries:
        shown: dict[str, Any] = {name: entry[name] for name in PROOF}
        if entry["object"] == lead and entry["payload"]:  # one that was erased by law stays away here too
            shown["payload"] = entry["payload"]
        lines.append(json.dumps(shown, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def instructions(fingerprint: str, head: str) -> bytes:
    """VERIFY.txt: five lines for a shell that knows nothing of xuncha."""
    return f"""\
{STANDING}

核验方法：在本文件夹内依次运行以下五条命令；每条均应显示 OK 或 Good / Signature Verified Successfully。
How to verify: run these five lines in this folder; each must say OK, or Good / Signature Verified Successfully.

sha256sum -c --strict --quiet tagmanifest-sha256.txt && echo OK
sha256sum -c --strict --quiet manifest-sha256.txt && echo OK
sha512sum -c --strict --quiet manifest-sha512.txt && echo OK
openssl pkeyutl -verify -pubin -inkey pubkey.pem -rawin -in tagmanifest-sha256.txt -sigfile signature.raw
ssh-keygen -Y verify -f allowed_signers -I {IDENTITY} -n {NAMESPACE} -s signature.sshsig < tagmanifest-sha256.txt

签名公钥指纹（请通过电话或公函与出包单位核对，勿以本文件为准）：
Fingerprint of the signing key (compare it with what the sender told you by another way, never with this file alone):
{fingerprint}

台账末值（请与日报或公函所载核对）：
Head of the ledger at export (compare it with the daily digest or the letter):
{head}

附有 timestamp.tsr 时，可另行核验时间戳（RFC 3161；证书请以其他途径核对）：
Where timestamp.tsr is there, the time stamp is checked by (compare the certificate, too, with what you know by another way):

    openssl ts -verify -data tagmanifest-sha256.txt -in timestamp.tsr -CAfile tsa-chain.pem

capture.wacz 可用 replayweb.page 离线回放。 capture.wacz can be replayed offline with replayweb.page.
""".encode()
