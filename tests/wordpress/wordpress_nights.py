"""What the WordPress of these tests holds, and nights of crawling it by feed, by JSON interface and by sitemap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wordpress_site import WordPressSite

ROOT = Path(__file__).parents[2]
SOURCES = {
    "by_feed": r"""
title: 河边小站 (feed)
kind: feed
platform: xiaozhan
start_urls: [{url}/feed/]
id_pattern: '[?&]p=(\d+)'
""",
    "by_json": """
title: 河边小站 (JSON)
kind: wordpress
platform: xiaozhan
start_urls: ['{url}/']
""",
    "by_sitemap": r"""
title: 河边小站 (sitemap)
kind: sitemap
platform: xiaozhan
start_urls: [{url}/wp-sitemap.xml]
follow: '/(shenghuo|jiankang|neibu)/[^/]+/$'
id_pattern: 'postid-(\d+)'
document:
  id: '::attr(class)'
  title: .wp-block-post-title
  text: .wp-block-post-content
  published: time::attr(datetime)
""",
}
BEGIN = datetime(2025, 1, 1, 8, 0)
PUBLIC, FORBIDDEN = 130, 10


@dataclass
class Nights:
    """What was put into the site, what each night did and what the store holds after the last one."""

    site: WordPressSite
    workspace: Path
    ids: dict[str, list[int]] = field(default_factory=dict)
    comments: dict[str, list[int]] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)

    def night(self) -> None:
        """Crawl the workspace once, in a process of its own."""
        before = len(self.site.requests())
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/crawler/night.py"), str(self.workspace)],
            capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.runs.append(json.loads(done.stdout.splitlines()[-1]))
        self.requests.append(self.site.requests()[before:])


def body(number: int) -> str:
    """What an author writes: paragraphs, quotation marks, a list, a picture, a link, an emoji, a contact."""
    return f"""<p>第{number}天，河边的风很大。“今天”走了{number}公里 -- 看见白鹭😀 & 一条船。</p>
<ul><li>早上：豆浆</li><li>晚上：面条</li></ul>

<p>照片在下面 <img src="/wp-includes/images/media/default.png" alt="白鹭{number}" /> 联系微信 zq0riverside{number}，
或看 <a href="https://xiaozhan.example/{number}">这里</a>。</p>
"""


def post(name: str, number: int, **changes: Any) -> dict[str, Any]:
    """The fields of a post for XML-RPC."""
    return {
        "post_title": f"河边日记 {number}：走路 & 看鸟", "post_name": f"{name}-{number}", "post_content": body(number), "post_status": "publish",
        "comment_status": "open", "post_date_gmt": BEGIN + timedelta(hours=number), "terms_names": {"category": ["shenghuo"]}, **changes,
    }  # fmt: skip


def fill(nights: Nights) -> None:
    """What the site holds before the first night."""
    site = nights.site
    (site.root / "robots.txt").write_text("User-agent: *\nDisallow: /wp-admin/\nDisallow: /neibu/\n")
    site.call([("wp.deletePost", (1,))])  # the installer's own post; its comment goes with it
    wanted = {
        "public": [post("riji", number) for number in range(PUBLIC)],
        "forbidden": [
            post(
                "neibu",
                200 + number,
                terms_names={"category": ["neibu"]},
                post_date_gmt=BEGIN + timedelta(hours=14 * number, minutes=30),
            )
            for number in range(FORBIDDEN)
        ],
        "draft": [post("caogao", 300 + number, post_status="draft") for number in range(3)],
        "private": [post("siren", 310 + number, post_status="private") for number in range(2)],
        "locked": [post("mima", PUBLIC, post_password="zq0")],
    }
    made = iter(site.post(*(one for posts in wanted.values() for one in posts)))
    nights.ids = {kind: [next(made) for _ in posts] for kind, posts in wanted.items()}
    ids = nights.ids
    on = [*ids["public"][:6], ids["public"][7], ids["public"][8], ids["private"][0], ids["forbidden"][0]]
    added = site.call(
        [("wp.newComment", (id, {"content": f"第{number}条评论：好看！"})) for number, id in enumerate(on)]
    )
    nights.comments = {"approved": added[:6], "pending": added[6:8], "private": added[8:9], "forbidden": added[9:]}
    site.call([("wp.editComment", (id, {"status": "hold"})) for id in added[6:8]])
