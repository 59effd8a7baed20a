"""The papers of a release: datasheet, redaction report, Croissant metadata, Datasette's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.labels import labels
from reports.release.records import CONTACTS, DOCUMENTS

TITLE = "xuncha: adverts of the fetal-sex-test and human-sample trade on public Chinese pages (redacted)"
LICENSE = "https://creativecommons.org/licenses/by-nc/4.0/"
_TYPES = {str: "sc:Text", bool: "sc:Boolean", float: "sc:Float", int: "sc:Integer"}
MEANING = {
    "id": "keyed digest of the document", "split": "train, validation or test: by campaign and time", "group": "keyed digest of the campaign (re-written adverts), else of the text",
    "venue": "keyed digest of the source", "platform": "platform, or other where it has few documents", "kind": "kind of page, or other where there are few",
    "month": "month of publication, else of first sight (UTC)", "title": "title, redacted", "text": "text, redacted", "label": "label by the model named in the datasheet",
    "flagged": "whether the label is one of the trade", "score": "calibrated probability that the document is flagged", "unsure": "whether the score lies in the unsure band",
    "provinces": "provinces that the text claims, comma-separated", "contact_kinds": "kinds of contact points in the text, comma-separated", "characters": "length of title and text after redaction",
    "document": "id of the document", "token": "token that stands for the contact in its text", "contact": "keyed digest of the contact: equal where the contact is",
}  # fmt: skip


def datasheet(data: Mapping[str, Any]) -> str:
    """The datasheet in Markdown, after Gebru et al. (2021), Datasheets for datasets, CACM 64."""
    told, known = data["redaction"], labels()
    mix = "\n".join(
        f"| {name} | {known[name].title_en if name in known else ''} | {count} |"
        for name, count in data["labels"].items()
    )
    fields = "\n".join(
        f"| {table} | {name} | {kind.__name__} | {MEANING[name]} |"
        for table, columns in (("documents", DOCUMENTS), ("contacts", CONTACTS))
        for name, kind in columns.items()
    )
    left = "\n".join(f"| {why} | {count} |" for why, count in told["withheld"].items()) or "| nothing | 0 |"
    return f"""# {TITLE}

Made {data["made_at"]} by xuncha {data["version"]}. {data["documents"]} documents, {data["contacts"]} contact mentions; splits {", ".join(f"{name} {count}" for name, count in data["splits"].items())}.

## Motivation
For research on how this trade advertises and on telling its adverts from lawful medicine, news, folk lore and people who ask. Not for finding persons: see Uses.

## Composition
Documents are posts, comments, listings and articles of public pages that a patrol reached without signing in, and of files that its operator lawfully had.
**Labels are a model's** ({data["rater"] or "none"}), not people's. Counts describe the pages this crawl reached: they are no prevalence.

| label | what it is | documents |
| --- | --- | --- |
{mix}

| table | field | type | meaning |
| --- | --- | --- | --- |
{fields}

## Collection
Public pages only; robots.txt by RFC 9309; no sign-in, no contact with anybody. The archive with the pages themselves stays with the operator.

## What was left out
People who ask or tell (`seeker`) are counted, not released. So is what may be theirs, and what no model has looked at.
{told["titles_dropped"]} replies lost the title of their thread, because the post that opened it is one of these or is not known.

| why | documents |
| --- | --- |
{left}

## What was taken out of the texts
Contacts became typed tokens ([WECHAT_1], [PHONE_1] ...); names, addresses, numbers and rare words [NAME], [ADDRESS], [NUMBER], [RARE]. A rare word stands in no dictionary
and in fewer than {data["k"]} groups. Ids are HMAC-SHA-256 under a random key that was never written down: nobody, its maker included, can compute one again, and two releases
cannot be joined. {told["texts_dropped"]} texts were dropped whole because a contact could still be found in them. {told["characters_kept"]:.1%} of the characters remain.
Pictures, authors, addresses, hosts, exact times and page ids are not released. No redaction is perfect: report a leak to the operator.

## Splits
Whole campaigns, ordered by when they were first seen: no campaign stands in two splits; validation and test begin later than training.

## Uses
Do not try to find the persons behind the tokens, to join the data with lists of contacts, or to act on a single document. A text that `falls under` a rule is no finding
against anybody. Texts repeat what sellers claim about tests; none of it is medical advice.

## Distribution and maintenance
{LICENSE}; the operator ({data["operator"] or "not named"}) may withdraw it. Open `release.db` with `datasette release.db -m metadata.json`; `croissant.json` describes the files.
"""


def redaction_report(data: Mapping[str, Any]) -> str:
    """The redaction report as JSON text."""
    return (
        json.dumps(
            {**data["redaction"], "k": data["k"], "documents": data["documents"], "made_at": data["made_at"]},
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def datasette_metadata() -> str:
    """What Datasette shows about the tables, as JSON text."""
    return json.dumps({
        "title": TITLE, "license": "CC BY-NC 4.0", "license_url": LICENSE,
        "databases": {"release": {"tables": {
            table: {"columns": {name: MEANING[name] for name in columns}} for table, columns in (("documents", DOCUMENTS), ("contacts", CONTACTS))
        }}},
    }, ensure_ascii=False, indent=2) + "\n"  # fmt: skip


def croissant(data: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> str:
    """Croissant metadata (MLCommons, format 1.0, JSON-LD); ``files`` gives SHA-256 and size (bytes) of each data file."""
    objects = [
        {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, "contentSize": f"{about['size']} B", "sha256": about["sha256"], "encodingFormat": _encoding(name)}
        for name, about in files.items() if name.endswith((".jsonl", ".parquet", ".db"))
    ]  # fmt: skip
    sets = [_record_set(name.removesuffix(".jsonl"), name) for name in files if name.endswith(".jsonl")]
    return json.dumps({
        "@context": _CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0", "name": "xuncha-release", "description": TITLE,
        "license": LICENSE, "url": "https://xuncha.example/release", "version": data["made_at"][:10].replace("-", ".").replace(".0", "."),
        "datePublished": data["made_at"][:10], "citeAs": f"xuncha {data['version']}, release of {data['made_at'][:10]}", "isLiveDataset": False,
        "inLanguage": "zh-CN", "distribution": objects, "recordSet": sets,
    }, ensure_ascii=False, indent=2) + "\n"  # fmt: skip


def _record_set(name: str, file: str) -> dict[str, Any]:
    columns = CONTACTS if name == "contacts" else DOCUMENTS
    return {
        "@type": "cr:RecordSet", "@id": name, "name": name,
        "field": [
            {
                "@type": "cr:Field", "@id": f"{name}/{column}", "name": column, "description": MEANING[column], "dataType": _TYPES[kind],
                "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
            }
            for column, kind in columns.items()
        ],
    }  # fmt: skip


def _encoding(name: str) -> str:
    return {"jsonl": "application/jsonlines", "parquet": "application/x-parquet", "db": "application/x-sqlite"}[
        name.rpartition(".")[2]
    ]


_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field", "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
    "parentField": "cr:parentField", "path": "cr:path", "rai": "http://mlcommons.org/croissant/RAI/", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
