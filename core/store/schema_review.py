"""The migrations of the review desk: what people do beside answering leads. A migration that has landed is never edited."""

from __future__ import annotations

from sqlite_utils import Database, Migrations


def register(migrations: Migrations) -> None:
    """Hang these migrations behind the others."""

    @migrations(name="0030_desk")
    def desk(db: Database) -> None:
        """Second looks, assignees, splits and merges by hand, watches, saved views, keys, cases, and the claims of the audit slice."""
        for statement in _DESK:
            db.execute(statement)


_DESK = (
    "ALTER TABLE leads ADD COLUMN assignee TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE leads ADD COLUMN second TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE accounts ADD COLUMN closed_at TEXT NOT NULL DEFAULT ''",
    # the queue under each filter walks an index in order of priority instead of sorting what it found
    "DROP INDEX leads_answered",  # this one also knows the days, so that a filter by days reads no rows
    "CREATE INDEX leads_answered ON leads(state, answer, priority DESC, id, first_seen, last_seen)",
    "CREATE INDEX leads_labelled ON leads(state, answer, label, priority DESC, id)",
    "CREATE INDEX leads_seconded ON leads(state, second, answer, priority DESC, id)",
    "CREATE INDEX leads_assigned ON leads(assignee, state, priority DESC, id) WHERE assignee <> ''",
    "CREATE INDEX lead_events_lead ON lead_events(lead, id)",
    'CREATE INDEX claims_by ON claims("by", until)',
    'CREATE INDEX skips_by ON skips("by", until)',
    'CREATE INDEX decisions_by ON decisions("by", id)',
    "CREATE INDEX decisions_by_hand ON decisions(id) WHERE act IN ('split', 'merge')",
    """CREATE TABLE placements (document INTEGER PRIMARY KEY REFERENCES documents(id), lead TEXT NOT NULL,
        decision INTEGER NOT NULL REFERENCES decisions(id))""",
    """CREATE TABLE watches ("by" TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, since TEXT NOT NULL, seen_at TEXT NOT NULL,
        PRIMARY KEY ("by", kind, value)) WITHOUT ROWID""",
    """CREATE TABLE saved_views ("by" TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY ("by", name)) WITHOUT ROWID""",
    """CREATE TABLE key_choices ("by" TEXT NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY ("by", action)) WITHOUT ROWID""",
    """CREATE TABLE stops ("by" TEXT PRIMARY KEY, query TEXT NOT NULL, lead TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE audit_claims (sample TEXT NOT NULL REFERENCES study_samples(name), document INTEGER NOT NULL, "by" TEXT NOT NULL,
        until TEXT NOT NULL, PRIMARY KEY (sample, document)) WITHOUT ROWID""",
    """CREATE INDEX study_frame_drawn ON study_frame(sample, place) WHERE place > 0""",
    """CREATE TABLE cases (id TEXT PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT NOT NULL, opened_by TEXT NOT NULL,
        opened_at TEXT NOT NULL, changed_at TEXT NOT NULL)""",
    "CREATE INDEX cases_changed ON cases(state, changed_at)",
    """CREATE TABLE case_leads (case_id TEXT NOT NULL REFERENCES cases(id), lead TEXT NOT NULL REFERENCES leads(id),
        at TEXT NOT NULL, PRIMARY KEY (case_id, lead)) WITHOUT ROWID""",
    "CREATE INDEX case_leads_lead ON case_leads(lead)",
    """CREATE TABLE case_events (id INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(id), act TEXT NOT NULL, "by" TEXT NOT NULL,
        at TEXT NOT NULL, note TEXT NOT NULL, detail TEXT NOT NULL)""",
    "CREATE INDEX case_events_case ON case_events(case_id, id)",
    *(
        f"CREATE TRIGGER case_events_no_{verb} BEFORE {verb} ON case_events "
        "BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    """INSERT OR IGNORE INTO document_facets (document, kind, value)
        SELECT s.document, 'platform', d.platform FROM searched s JOIN documents d ON d.id = s.document AND d.platform <> ''""",
)
