"""The characters of a page: the charset that it says is tried, and what its bytes look like decides where it says wrong."""

from __future__ import annotations

import re

from resiliparse.parse.encoding import detect_encoding

MAX_CHARACTERS = 3_000_000  # of one page's HTML; the ceiling on bytes is kept by the downloader
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_GBK = {"gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030"}
_VAGUE = {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii", "ascii"}
# Charsets of pages; Python knows codecs that are none (punycode, idna), and quadratic in time on what a page may hold.
_CHARSET = re.compile(
    r"(?:x-)?(?:utf-?_?(?:8|16|32)|gb|hz|big5|iso-?_?(?:8859|2022)|windows-|cp\d|euc|shift|sjis|koi8|ks_c|tis|mac)",
    re.IGNORECASE,
)
_WESTERN = ("cp125", "iso8859")  # what the detector calls a few Chinese words among much markup


def decode(body: bytes, content_type: str = "", hint: str = "") -> tuple[str, str]:
    """A page's characters and the charset that gave them.

    The source's hint, then the header's, then the page's own word are tried strictly; when all of them fail on the bytes,
    what the bytes look like decides. GB2312 and GBK are read as their superset GB18030. Latin-1, which fits any bytes and
    which servers claim by default, counts as nothing said; and Big5 that is called GBK, which fits it too, is read as Big5.
    """
    header = _HEADER.search(content_type or "")
    meta = _META.search(body[:4096])
    told = [hint, header[1] if header else "", meta[1].decode("ascii", "replace") if meta else ""]
    told = [name for name in told if name and name.lower() not in _VAGUE]
    if body.startswith(b"\xef\xbb\xbf"):
        told.insert(0, "utf-8-sig")
    for name in told or ["utf-8"]:
        text = _try(body, name)
        if text is not None and name.lower() in _GBK and name != hint and _looks_like(body) == "big5":
            text, name = (other, "big5") if (other := _try(body, "big5")) is not None else (text, name)
        if text is not None:
            return text[:MAX_CHARACTERS], name
    found = _looks_like(body)
    name = (
        "gb18030"
        if found in _GBK or (not told and found.startswith(_WESTERN) and _try(body, "gbk") is not None)
        else found
    )
    try:
        return body.decode(name, "replace")[:MAX_CHARACTERS], name
    except LookupError:
        return body.decode("utf-8", "replace")[:MAX_CHARACTERS], "utf-8"


def _looks_like(body: bytes) -> str:
    return (detect_encoding(body[:500_000]) or "utf-8").lower()


def _try(body: bytes, name: str) -> str | None:
    if not _CHARSET.match(name):
        return None
    try:
        return body.decode("gb18030" if name.lower() in _GBK else name)
    except (UnicodeDecodeError, LookupError):
        return None
