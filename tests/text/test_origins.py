"""Where a document comes from besides what it says: three places that are never mixed."""

from __future__ import annotations

import pytest

from core.types import Document
from text.origins import account_province, origins, phone_province


@pytest.mark.parametrize(
    ("number", "province"),
    [("13800000417", "北京"), ("13923700000", "广东"), ("15158700000", "浙江"), ("85260000000", "香港"), ("85366000000", "澳门"),
     ("12000000000", ""), ("4915100000000", ""), ("4000000000", ""), ("", ""), ("no number", "")],
)  # fmt: skip
def test_the_prefix_of_a_phone_has_a_province_or_none(number: str, province: str) -> None:
    assert phone_province(number) == province


@pytest.mark.parametrize(
    ("shown", "province"),
    [("广东", "广东"), ("IP属地：浙江", "浙江"), ("广东省深圳市", "广东"), ("美国", ""), ("", ""), (None, "")],
)
def test_the_account_has_the_place_that_the_platform_shows(shown: str | None, province: str) -> None:
    assert account_province(Document("weibo", "1", "", "post", "去香港", fields={"account_place": shown})) == province


def test_the_three_are_kept_apart() -> None:
    documents = [
        Document("weibo", "1", "", "post", "深圳出发去香港", fields={"account_place": "福建"}),
        Document("weibo", "2", "", "post", "广州、深圳都可以"),
    ]
    contacts = [("phone", "15158700000"), ("wechat", "13923700000")]
    assert origins(documents, contacts) == {
        "claimed": {"广东": 2, "香港": 1}, "phone": {"浙江": 1}, "account": {"福建": 1},
    }  # fmt: skip
