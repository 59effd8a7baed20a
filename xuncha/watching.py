"""Entries of the watch list as a person writes them, made what the store compares: contact ids in their canonical form."""

from __future__ import annotations

from core.errors import InputError
from core.plugins import suggest
from core.store.watched import QUERY
from core.types import ContactKind
from text.contacts import find_contacts

LABELS = {
    ContactKind.WECHAT: "微信", ContactKind.QQ: "QQ", ContactKind.PHONE: "电话", ContactKind.TELEGRAM: "Telegram", ContactKind.WHATSAPP: "WhatsApp",
    ContactKind.LINE: "Line", ContactKind.EMAIL: "邮箱", ContactKind.URL: "网址",
}  # fmt: skip


def entry(value: str, contact: str) -> tuple[str, str]:
    """(kind, value) of an entry: a query term as it is, a contact id by the rules that read contacts from texts.

    Raises:
        InputError: the kind is unknown, or the value is none of that kind.
    """
    value = " ".join(value.split())
    if not value:
        raise InputError("watch list: expected a term or a contact id, found nothing")
    if not contact:
        return QUERY, value
    kinds = [kind.value for kind in ContactKind]
    if contact not in kinds:
        raise InputError(f"watch list: unknown kind of contact {contact!r}; {suggest(contact, kinds)}")
    kind = ContactKind(contact)
    for text in (f"{LABELS[kind]}：{value}", value):
        found = [point for point in find_contacts(text) if point.kind is kind and len(point.raw) >= len(value) - 2]
        if found:
            return kind.value, max(found, key=lambda point: point.confidence).canonical
    raise InputError(f"watch list: expected a {kind.value} id, found {value!r}; write it as adverts show it")
