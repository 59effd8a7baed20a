"""Taking contacts, names and rare spans out of a text. What cannot be told apart from a contact goes, too: it prefers to drop too much.

In this order: contact points that the finder knows (typed tokens), known values of the document, addresses and web names, runs of
digits however they are written (full width, circled, Chinese numerals, by their sound, with marks or single characters between
them), Latin words that are not on the list of ``latin.txt``, persons, street addresses, characters set apart by marks, and
words that stand in no dictionary and in fewer than ``k`` groups, rare characters. Then the text is searched once more: where a contact is still
found, the whole text is dropped.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.types import ContactPoint
from text.contacts import find_contacts
from text.normalise import Normalised, normalise
from text.persons import SURNAMES, find_persons
from text.places import provinces
from text.segment import topic_words, word_spans
from text.shown import contact_spans

NUMBER, RARE, NAME, ADDRESS, CONTACT = "NUMBER", "RARE", "NAME", "ADDRESS", "CONTACT"
_CHINESE = "零〇○一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾两俩幺妖洞拐勾"
_NUMERAL = f"0-9{_CHINESE}"
_GAP = r"[^\w一-鿿]{0,3}"
_RUN = re.compile(rf"[{_NUMERAL}](?:{_GAP}[{_NUMERAL}]){{5,}}")
_DIGITS = re.compile(rf"[0-9](?:{_GAP}[0-9]){{4,}}")
_STRUNG = re.compile(
    r"(?<![0-9])[0-9]++(?:[^0-9\n]{1,2}[0-9]++){2,}"
)  # 13哈80哈000哈0441: digits in pieces, with anything between
_MOST_STRUNG = 7  # digits in such pieces, from which on they are no price and no week
_LATIN = re.compile(r"[a-z0-9_]+(?:[-.~@/\\+]{1,2}[a-z0-9_]+)*")
_SPELLED = re.compile(
    r"[a-z0-9_](?:[^\w\n一-鿿]{1,3}[a-z0-9_]{1,3}(?![a-z0-9_])){2,}"
)  # z q 0 g a n g, and pieces zq.0g.an
# z加q加0, zq零零n壹: letters and digits with numerals, or with one or two characters, between
_MIXED = re.compile(
    rf"[a-z0-9_]++(?:(?:[{_CHINESE}]{{1,9}}|[一-鿿]{{1,2}}){_GAP}[a-z0-9_]++)+[{_CHINESE}]*|(?<![{_CHINESE}])[{_CHINESE}]++[a-z][{_CHINESE}]++"
)
_MOST_MIXED = 3  # letters and digits in such pieces, up to which they are an abbreviation in a sentence
_WEB = re.compile(
    r"(?:https?|ftp|hxxp)\S*|(?:[a-z0-9-]{1,63}(?:\.|点|dot|。|．)){1,4}(?:com|cn|net|org|me|cc|top|vip|xyz|example|test|hk|tw|io|co|info|site|shop|club|app|link|ly)(?:/\S*)?|@\s?[a-z0-9_.]{2,}"
)
_PLACE = re.compile(
    rf"(?:[一-鿿]{{1,6}}(?:路|街|大道|巷|弄|里|村|小区|花园|大厦|广场|公寓|中心|商场)){{1,3}}[{_NUMERAL}]{{1,5}}(?:号|弄|栋|幢|座|室|楼|层|单元)(?:[{_NUMERAL}a-z]{{1,5}}(?:号|栋|幢|座|室|楼|层|单元|房))*"
    rf"|[0-9a-z]{{1,5}}(?:号楼|栋|幢|单元|室|门面|铺位|铺)|[{_NUMERAL}]{{1,4}}号(?:楼|院|门|铺)?(?=[一-鿿]|$)"
)
_APART = re.compile(r"[一-鿿](?:[ .·•\-*_~|/+^#=]{1,2}[一-鿿](?![一-鿿])){1,}")
_SOUNDS = frozenset(
    ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "yao", "liang", "dong", "guai", "gou")
)
MOST_CHARACTERS = 20_000  # what lies beyond is not released
_MOST_SOUNDS = 6  # syllables in a row that all sound like digits
_UNSEEN = ("Cf", "Co", "Cn", "Cs", "Cc")  # categories of signs that are not seen but can carry letters


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text after redaction: ``text`` ('' where it was dropped whole), its contacts in order of their tokens, and counts by kind of token."""

    text: str
    contacts: tuple[tuple[str, ContactPoint], ...]
    counts: Counter[str]
    dropped: bool = False


class Redactor:
    """Redaction over one corpus: ``names`` are known author names, ``common`` words that enough groups share."""

    def __init__(self, names: Collection[str] = (), common: Collection[str] = ()) -> None:
        # a name that is an ordinary word would empty every text; posts under it give nobody away
        self.names = frozenset(
            name for name in (fold(name) for name in names) if len(name) > 1 and name not in dictionary()
        )
        self.common = frozenset(common)
        longest = max(map(len, self.names), default=0)
        self._lengths = range(2, min(longest, 40) + 1)

    def redact(self, text: str, known: Iterable[str] = ()) -> Redacted:
        """A text with typed tokens in place of what could lead to a person; ``known`` are contact values of its document."""
        text, known = seen(text[:MOST_CHARACTERS]), list(known)
        points = find_contacts(text)
        tokens: dict[tuple[str, str], str] = {}
        numbers: Counter[str] = Counter()
        contacts: list[tuple[str, ContactPoint]] = []
        marked: list[tuple[int, int, str]] = []
        for point in points:
            key = (point.kind.value, point.canonical)
            if key not in tokens:
                numbers[point.kind.value] += 1
                tokens[key] = f"{point.kind.value.upper()}_{numbers[point.kind.value]}"
                contacts.append((tokens[key], point))
            marked.append((point.start, point.end, tokens[key]))
        marked += [(start, end, CONTACT) for start, end in contact_spans(text, known)]
        marked += self._spans(text)
        shown, counts = _replaced(text, marked)
        if _left(shown, known):
            return Redacted("", (), Counter({"TEXT": 1}), dropped=True)
        return Redacted(shown, tuple(contacts), counts)

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        normal = normalise(text)
        folded = normal.folded
        for pattern, token in (
            (_WEB, "URL"),
            (_DIGITS, NUMBER),
            (_RUN, NUMBER),
            (_PLACE, ADDRESS),
            (_SPELLED, RARE),
            (_APART, RARE),
        ):
            yield from ((*normal.raw_span(*match.span()), token) for match in pattern.finditer(folded))
        for match in _STRUNG.finditer(folded):
            if sum(sign.isdigit() for sign in match.group()) >= _MOST_STRUNG:
                yield (*normal.raw_span(*match.span()), NUMBER)
        for match in _MIXED.finditer(folded):
            signs = re.findall(f"[a-z_{_NUMERAL}]", match.group())
            pieces = re.findall("[a-z0-9_]+", match.group())
            named = all(piece in _latin() or piece.isdigit() for piece in pieces)
            if len(signs) > _MOST_MIXED and any(map(str.islower, signs)) and not named:
                yield (*normal.raw_span(*match.span()), RARE)
        for match in _LATIN.finditer(folded):
            if not _plain_latin(match.group()):
                yield (*normal.raw_span(*match.span()), RARE)
        yield from ((*span, NUMBER) for span in _sounding(normal))
        yield from ((start, end, NAME) for start, end in find_persons(text))
        yield from ((*normal.raw_span(start, end), NAME) for start, end in self._named(folded))
        yield from ((*normal.raw_span(start, end), RARE) for start, end in rare_words(folded, self.common))

    def _named(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where a known author name stands."""
        for start in range(len(folded)):
            for length in self._lengths:
                if folded[start : start + length] in self.names:
                    yield start, start + length


def seen(text: str) -> str:
    """A text without signs that cannot be seen (they may carry a message); line breaks and tabs stay."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in _UNSEEN)


def fold(text: str) -> str:
    """A text as words are compared: folded, lower case, without what is around it."""
    return normalise(text).folded.strip()


def rare_words(folded: str, common: Collection[str] = ()) -> Iterator[tuple[int, int]]:
    """Chinese words that stand in no dictionary, and characters on their own that are rare; of words that enough groups share, only
    what may be a name. Two everyday characters that the cut has joined (超单) are no rare word, unless the first is a surname."""
    for start, end in word_spans(folded):
        word = folded[start:end]
        if not all("一" <= sign <= "鿿" for sign in word) or word in dictionary():
            continue
        rare = any(map(_rare_sign, word))
        named = word[0] in SURNAMES
        if (
            (len(word) == 1 and not rare)
            or (len(word) == 2 and not rare and not named)
            or (word in common and not named and not rare)
        ):
            continue
        yield start, end


def _rare_sign(sign: str) -> bool:
    """Whether a character is outside the 3,755 of GB 2312's common level."""
    return not b"\xb0" <= sign.encode("gb18030")[:1] <= b"\xd7"


@functools.cache
def dictionary() -> frozenset[str]:
    """The words of jieba's dictionary, of the trade and of the map."""
    import jieba

    words, _ = jieba.Tokenizer().gen_pfdict(jieba.get_dict_file())
    return (
        frozenset(word for word, frequency in words.items() if frequency and len(word) > 1)
        | frozenset(topic_words())
        | frozenset(provinces())
    )


@functools.cache
def _latin() -> frozenset[str]:
    lines = (Path(__file__).parent / "latin.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _plain_latin(run: str) -> bool:
    """Whether a run of letters, digits and joints leads nobody anywhere: listed words, units, or a number of up to four digits."""
    pieces = re.split(r"[-.~@/\\+_]+", run)
    return all(map(_listed, pieces)) and (sum(map(len, pieces)) < 9 or all(piece in _latin() for piece in pieces))


def _listed(piece: str) -> bool:
    if piece in _latin() or (piece.isdigit() and len(piece) < 5) or (len(piece) < 4 and piece.isalpha()):
        return True
    return bool(re.fullmatch(r"[0-9]{1,4}(?:mm|cm|ml|w|k|d|h|kg|g|%)|[a-z][0-9]?|", piece))


def _sounding(normal: Normalised) -> Iterator[tuple[int, int]]:
    """Runs of syllables that all sound like digits: 幺散吧零零零."""
    start = 0
    syllables = (*normal.merged_pinyin, "")
    for at, syllable in enumerate(syllables):
        if syllable in _SOUNDS or (syllable.isdigit() and syllable):
            continue
        if at - start >= _MOST_SOUNDS:
            yield normal.merged_pinyin_span(start, at)
        start = at + 1


def _replaced(text: str, marked: Iterable[tuple[int, int, str]]) -> tuple[str, Counter[str]]:
    """The text with each joined span as the token of the first that made it; typed contacts go before guesses."""
    order = {NUMBER: 2, ADDRESS: 2, NAME: 2, RARE: 3, CONTACT: 1, "URL": 1}
    joined: list[tuple[int, int, str]] = []
    for start, end, token in sorted(
        (span for span in marked if span[0] < span[1]), key=lambda span: (span[0], order.get(span[2], 0))
    ):
        if joined and start < joined[-1][1]:
            first = joined[-1]
            better = token if order.get(token, 0) < order.get(first[2], 0) else first[2]
            joined[-1] = (first[0], max(end, first[1]), better)
        else:
            joined.append((start, end, token))
    parts, at = [], 0
    counts: Counter[str] = Counter()
    for start, end, token in joined:
        parts += [text[at:start], f"[{token}]"]
        counts[token.partition("_")[0]] += 1
        at = end
    return "".join([*parts, text[at:]]), counts


TOKEN = re.compile(r"\[[A-Z]+(?:_[0-9]+)?\]")


def _left(shown: str, known: Iterable[str]) -> bool:
    """Whether a contact can still be found, or a known value still stands there, also across the tokens."""
    bare = TOKEN.sub("\n", shown)
    if any(point.confidence >= 0.5 for point in find_contacts(bare)):
        return True
    dense = re.sub(r"[^a-z0-9]", "", fold(bare))
    values = (re.sub(r"[^a-z0-9]", "", fold(value)) for value in known)
    return any(len(value) > 4 and value in dense for value in values)


def common_words(texts: Iterable[tuple[Any, str]], k: int) -> frozenset[str]:
    """Words outside the dictionaries that stand in the texts of at least ``k`` groups; takes (group, text) pairs."""
    groups: dict[str, set[Any]] = {}
    for group, text in texts:
        folded = normalise(seen(text)).folded
        for start, end in rare_words(folded):
            groups.setdefault(folded[start:end], set()).add(group)
    return frozenset(word for word, found in groups.items() if len(found) >= k)
