"""How the networks behind the leads move: platforms, returns, contacts, scores. Reads only, for the digest."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import when


class Movement:
    """What moved in a time; ``rater`` is the model whose flags count."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def platforms(self, since: datetime) -> dict[str, list[dict[str, Any]]]:
        """For each open lead with documents first seen since a time: rows platform, first (seen), documents and new (of them), by first sight."""
        rows = self.db.query(
            """SELECT ld.lead, d.platform, min(d.first_seen) AS first, count(*) AS documents, sum(d.first_seen >= :since) AS new
            FROM lead_documents ld JOIN documents d ON d.id = ld.document JOIN leads l ON l.id = ld.lead AND l.state = 'open'
            WHERE ld.lead IN (SELECT x.lead FROM lead_documents x JOIN documents y ON y.id = x.document WHERE y.first_seen >= :since)
            GROUP BY ld.lead, d.platform ORDER BY ld.lead, first, d.platform""",
            {"since": when(since)},
        )
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            found[row.pop("lead")].append(row)
        return found

    def back(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Pages of open leads that answered again in a time after they had been gone (404, 410): rows lead, document, platform, gone, back."""
        return list(
            self.db.query(
                """SELECT ld.lead, d.id AS document, d.platform, max(g.fetched_at) AS gone, min(r.fetched_at) AS back
                FROM lead_documents ld JOIN documents d ON d.id = ld.document JOIN leads l ON l.id = ld.lead AND l.state = 'open'
                JOIN captures g ON g.url = d.url AND g.status IN (404, 410)
                JOIN captures r ON r.url = d.url AND r.status = 200 AND r.fetched_at > g.fetched_at AND r.fetched_at BETWEEN ? AND ?
                GROUP BY d.id ORDER BY back, d.id""",
                [when(since), when(until)],
            )
        )

    def reposted(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Open leads that lost a page (404, 410) and later, within a time, gained a document: rows lead, gone, back and documents (new ones)."""
        return list(
            self.db.query(
                """SELECT ld.lead, min(lost.gone) AS gone, min(d.first_seen) AS back, count(DISTINCT d.id) AS documents
                FROM lead_documents ld JOIN documents d ON d.id = ld.document JOIN leads l ON l.id = ld.lead AND l.state = 'open'
                JOIN (SELECT o.lead, x.id, min(g.fetched_at) AS gone FROM lead_documents o JOIN documents x ON x.id = o.document
                    JOIN captures g ON g.url = x.url AND g.status IN (404, 410) GROUP BY x.id) lost ON lost.lead = ld.lead AND lost.id <> d.id
                WHERE d.first_seen > lost.gone AND d.first_seen BETWEEN ? AND ? GROUP BY ld.lead ORDER BY back, ld.lead""",
                [when(since), when(until)],
            )
        )

    def contacts(self, rater: str, since: datetime, until: datetime, limit: int) -> list[dict[str, Any]]:
        """Contacts of flagged documents seen in a time, those in most documents first: kind, canonical, documents, new, platforms, leads."""
        return list(
            self.db.query(
                """SELECT p.kind, p.canonical, count(DISTINCT d.id) AS documents, count(DISTINCT iif(d.first_seen >= :since, d.id, NULL)) AS new,
                count(DISTINCT d.platform) AS platforms, count(DISTINCT ld.lead) AS leads FROM contact_points p
                JOIN documents d ON d.id = p.document AND d.version = p.version
                JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = :rater AND j.flagged = 1
                LEFT JOIN lead_documents ld ON ld.document = d.id WHERE substr(p.canonical, 1, 1) <> '#' AND p.confidence >= 0.5
                GROUP BY p.kind, p.canonical HAVING max(d.last_seen) >= :since AND min(d.first_seen) <= :until
                ORDER BY documents DESC, new DESC, p.kind, p.canonical LIMIT :limit""",
                {"rater": rater, "since": when(since), "until": when(until), "limit": limit},
            )
        )

    def flagged(self, rater: str, since: datetime, until: datetime, limit: int) -> list[dict[str, Any]]:
        """Flagged documents seen in a time, newest first: rows platform, title, text."""
        return list(
            self.db.query(
                """SELECT d.platform, d.title, d.text FROM documents d
                JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? AND j.flagged = 1
                WHERE d.last_seen >= ? AND d.first_seen <= ? ORDER BY d.id DESC LIMIT ?""",
                [rater, when(since), when(until), limit],
            )
        )

    def scores(self, rater: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Documents by source and tenth of the score that a rater gave in a time (its end left out): rows source, bin (0 to 9), n, flagged."""
        # flagged IN (0, 1): so that SQLite finds the time in an index, and does not read every judgement there is
        return list(
            self.db.query(
                """SELECT d.source, min(9, CAST(j.score * 10 AS INTEGER)) AS bin, count(*) AS n, sum(j.flagged) AS flagged
                FROM judgements j JOIN documents d ON d.id = j.document WHERE j.flagged IN (0, 1) AND j.rater = ? AND j.at >= ? AND j.at < ?
                GROUP BY d.source, bin ORDER BY d.source, bin""",
                [rater, when(since), when(until)],
            )
        )
