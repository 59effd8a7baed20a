"""Somebody at a browser without script: follows redirects, sends forms as they stand on the page."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from httpx2 import Response
from leads_desk import PASSWORD
from starlette.applications import Starlette
from starlette.testclient import TestClient


class Visitor:
    """A client of the application; ``page`` is what was seen last."""

    def __init__(self, app: Starlette, language: str = "en", scheme: str = "http") -> None:
        self.client = TestClient(
            app, base_url=f"{scheme}://127.0.0.1", raise_server_exceptions=False,
            headers={"sec-fetch-site": "same-origin", "accept-language": language},
        )  # fmt: skip
        self.page = ""

    def get(self, path: str, **headers: str) -> Response:
        return self._seen(self.client.get(path, headers=headers))

    def post(self, path: str, data: Mapping[str, str | list[str]], **headers: str) -> Response:
        """Send a form, with the token of the page seen last unless another is given."""
        token = self.hidden("token")
        return self._seen(self.client.post(path, data={"token": token, **data}, headers=headers))

    def sign_in(self, name: str, password: str = PASSWORD) -> Visitor:
        self.get("/sign-in")
        self.post("/sign-in", {"name": name, "password": password})
        return self

    def decide(self, act: str, note: str = "", ticked: Sequence[int] = ()) -> Response:
        """Press a button of the decision bar of the lead seen last, some of its documents ticked."""
        action = re.search(r'id="decide" method="post" action="([^"]+)"', self.page)
        assert action, "no decision bar on the page"
        form = {"act": act, "note": note, "seen": self.hidden("seen"), "queue": self.hidden("queue")}
        return self.post(action[1], {**form, "doc": [str(one) for one in ticked]})

    def act(self, path: str, **form: str) -> Response:
        """Send one of the other forms of the lead seen last."""
        return self.post(path, {"seen": self.hidden("seen"), "queue": self.hidden("queue"), **form})

    def hidden(self, name: str) -> str:
        """The value of the last hidden field of this name."""
        found = re.findall(rf'name="{name}" value="([^"]*)"', self.page)
        return html.unescape(found[-1]) if found else ""

    @property
    def text(self) -> str:
        """What is to be read on the page, without markup."""
        body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", self.page, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def lead(self) -> str:
        """The lead of the page seen last; empty when it is another page."""
        found = re.search(r'action="/lead/([^/"]+)/(?:decide|reveal)"', self.page)
        return found[1] if found else ""

    def _seen(self, response: Response) -> Response:
        self.page = response.text
        return response
