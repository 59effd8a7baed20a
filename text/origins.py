"""Where a document comes from besides what it says: the place of a phone's prefix, and that of the account. Never mixed with the place it claims.

A prefix tells where a number was first sold, not where its owner is; the account's place is what the platform shows (IP属地).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from core.types import ContactKind, Document
from text.places import find_places, province_of

ACCOUNT = "account_place"  # the field of a document that holds it


def phone_province(number: str) -> str:
    """The province (深圳's is 广东; 香港, 澳门 and 台湾 stand for themselves) of a canonical phone's prefix; empty where it tells none.

    By the tables of ``phonenumbers``, which are read at the first call (a second or two).
    """
    import phonenumbers
    from phonenumbers import geocoder

    given = number if len(number) == 11 and number.startswith("1") else f"+{number}"
    try:
        parsed = phonenumbers.parse(given, "CN")
    except phonenumbers.NumberParseException:
        return ""
    region = {852: "香港", 853: "澳门", 886: "台湾"}.get(parsed.country_code or 0, "")
    return region or _province(geocoder.description_for_number(parsed, "zh"))


def account_province(document: Document) -> str:
    """The province of the place that a platform shows for the account; empty where it shows none, or none of ours."""
    return _province(str(document.fields.get(ACCOUNT) or ""))


def origins(documents: Iterable[Document], contacts: Iterable[tuple[str, str]]) -> Mapping[str, Mapping[str, int]]:
    """Provinces with counts, apart by where they come from: ``claimed`` and ``account`` count documents, ``phone`` contacts."""
    claimed: Counter[str] = Counter()
    account: Counter[str] = Counter()
    for document in documents:
        named = find_places(f"{document.title}\n{document.text}")
        claimed.update({province for place in named if (province := province_of(place.name))})
        account.update(filter(None, [account_province(document)]))
    phones = (phone_province(value) for kind, value in contacts if kind == ContactKind.PHONE)
    found: Mapping[str, Any] = {"claimed": claimed, "phone": Counter(filter(None, phones)), "account": account}
    return {name: dict(counts.most_common()) for name, counts in found.items()}


def _province(named: str) -> str:
    """The province in the name of a place, which stands at its beginning (广东省深圳市, 广东, IP属地：广东)."""
    place = next(iter(find_places(named)), None)
    return (province_of(place.name) or "") if place else ""
