"""Three nights over one WordPress, shared by all facts about them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wordpress_nights import SOURCES, Nights, body, fill, post
from wordpress_site import WordPressSite, missing


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Night one; five posts are added and one is edited; night two; nothing happens; night three."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("wp")
    workspace = folder / "workspace"
    with WordPressSite(folder) as site:
        for name, text in SOURCES.items():
            (workspace / "sources" / name).mkdir(parents=True)
            (workspace / "sources" / name / "source.yml").write_text(text.replace("{url}", site.url), "utf-8")
        (workspace / "xuncha.toml").write_text(
            'contact = "patrol@xuncha.example"\ndelay_seconds = 0.0\nallow_addresses = ["127.0.0.1"]\n'
        )
        nights = Nights(site, workspace)
        fill(nights)
        nights.night()
        nights.ids["added"] = site.post(*(post("xin", 400 + number) for number in range(5)))
        nights.ids["edited"] = nights.ids["public"][3:4]
        site.call([("wp.editPost", (nights.ids["edited"][0], {"post_content": body(3) + "<p>补记：船走了。</p>"}))])
        nights.night()
        nights.night()
        yield nights
