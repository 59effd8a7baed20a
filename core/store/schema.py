"""The schema of the store, as migrations of sqlite-utils; a migration that has landed is never edited."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from core.store import campaign_index, handed, judged, ledger, retention, schema_pictures, schema_review, stamps
from core.store.frontier import SCHEMA as FRONTIER
from core.store.leads import restate
from core.store.schema_sources import CHECKED, UNREAD, WATCHED
from core.store.visits import SIGHTINGS, VISITS
from core.store.yields import YIELDS

migrations = Migrations("xuncha")


def names() -> set[str]:
    """The names of all migrations that this version knows."""
    return {migration.name for migration in migrations.pending(Database(memory=True))}


@migrations(name="0001_spine")
def spine(db: Database) -> None:
    """The tables of the main job: runs, captures, documents, judgements, leads, decisions, refusals, frontier, ledger."""
    for statement in _SPINE:
        db.execute(statement)


@migrations(name="0002_review")
def review(db: Database) -> None:
    """The tables of the review application: accounts, sessions, claims, the search index; each lead bears its answer."""
    for statement in _REVIEW:
        db.execute(statement)
    for row in list(db.query("SELECT DISTINCT lead FROM decisions")):
        restate(db, row["lead"])


@migrations(name="0003_seen")
def seen(db: Database) -> None:
    """When a source was last seen, without reading its documents: 190 ms became 11 ms at 100,000 documents."""
    db.execute("CREATE INDEX documents_source_seen ON documents(source, last_seen)")


@migrations(name="0004_study")
def study(db: Database) -> None:
    """The tables of prevalence studies: samples, the frame each was drawn from, the labels people gave."""
    for statement in _STUDY:
        db.execute(statement)


@migrations(name="0010_frontier")
def frontier(db: Database) -> None:
    """Pages kept for later runs, hosts that belong to a worker, are stopped or paused; when runs were gone on with."""
    for statement in FRONTIER:
        db.execute(statement)


@migrations(name="0013_unread")
def unread(db: Database) -> None:
    """Captures of sources without selectors, to be read in a batch after the crawl."""
    for statement in UNREAD:
        db.execute(statement)


@migrations(name="0014_watch")
def watch(db: Database) -> None:
    """The watch list: query terms for sources that search, and contact points to be told of."""
    for statement in WATCHED:
        db.execute(statement)


@migrations(name="0015_source_checks")
def source_checks(db: Database) -> None:
    """What was read of the robots.txt of each source, and whether the operator has switched it on or off."""
    for statement in CHECKED:
        db.execute(statement)


@migrations(name="0016_visits")
def visits_due(db: Database) -> None:
    """When each page is due again."""
    for statement in VISITS:
        db.execute(statement)


@migrations(name="0017_sightings")
def sightings(db: Database) -> None:
    """What became of the pages of flagged documents."""
    for statement in SIGHTINGS:
        db.execute(statement)


@migrations(name="0018_yields")
def yields(db: Database) -> None:
    """What each crawl found at each source."""
    for statement in YIELDS:
        db.execute(statement)


@migrations(name="0020_campaigns")
def meeting(db: Database) -> None:
    """The index that campaigns are met by, what happened to them, and their names."""
    for statement in campaign_index.TABLES:
        db.execute(statement)


@migrations(name="0021_evidence")
def evidence(db: Database) -> None:
    """Lawful erasure of a payload of the ledger, and time stamps."""
    for statement in (*ledger.TABLES, *stamps.TABLES):
        db.execute(statement)


@migrations(name="0022_retention")
def purging(db: Database) -> None:
    """Purging of documents and captures, and holds against it."""
    for statement in retention.TABLES:
        db.execute(statement)


_SPINE = (
    """CREATE TABLE runs (id INTEGER PRIMARY KEY, stage TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT,
        state TEXT NOT NULL, inputs TEXT NOT NULL, counts TEXT NOT NULL, issues TEXT NOT NULL)""",
    """CREATE TABLE captures (id TEXT PRIMARY KEY, run INTEGER REFERENCES runs(id), source TEXT NOT NULL, url TEXT NOT NULL,
        fetched_at TEXT NOT NULL, status INTEGER NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,
        size INTEGER NOT NULL, warc TEXT NOT NULL, "offset" INTEGER NOT NULL, robots TEXT NOT NULL,
        provenance TEXT NOT NULL, address TEXT NOT NULL)""",
    "CREATE INDEX captures_url ON captures(url)",
    "CREATE INDEX captures_source ON captures(source, fetched_at)",
    """CREATE TABLE documents (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, native_id TEXT NOT NULL, url TEXT NOT NULL,
        kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, author TEXT NOT NULL, published_at TEXT,
        published_raw TEXT NOT NULL, site TEXT NOT NULL, links TEXT NOT NULL, pictures TEXT NOT NULL, source TEXT NOT NULL,
        capture TEXT NOT NULL, parent TEXT NOT NULL, fields TEXT NOT NULL, text_sha256 TEXT NOT NULL,
        version INTEGER NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, changed_at TEXT NOT NULL,
        run INTEGER, UNIQUE (platform, native_id))""",
    "CREATE INDEX documents_source ON documents(source, first_seen)",
    "CREATE INDEX documents_url ON documents(url)",
    "CREATE INDEX documents_changed ON documents(changed_at)",
    """CREATE TABLE document_versions (document INTEGER NOT NULL REFERENCES documents(id), version INTEGER NOT NULL,
        capture TEXT NOT NULL, seen_at TEXT NOT NULL, text_sha256 TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (document, version))""",
    """CREATE TABLE judgements (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(id),
        version INTEGER NOT NULL, rater TEXT NOT NULL, at TEXT NOT NULL, label TEXT NOT NULL, flagged INTEGER NOT NULL,
        score REAL NOT NULL, unsure INTEGER NOT NULL, labels TEXT NOT NULL, spans TEXT NOT NULL, run INTEGER,
        UNIQUE (document, version, rater))""",
    "CREATE INDEX judgements_flagged ON judgements(flagged, at)",
    """CREATE TABLE contact_points (document INTEGER NOT NULL REFERENCES documents(id), version INTEGER NOT NULL,
        kind TEXT NOT NULL, canonical TEXT NOT NULL, raw TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        field TEXT NOT NULL, rules TEXT NOT NULL, confidence REAL NOT NULL,
        PRIMARY KEY (document, version, kind, canonical, field, start))""",
    "CREATE INDEX contact_points_value ON contact_points(kind, canonical)",
    """CREATE TABLE campaigns (id TEXT PRIMARY KEY, created_at TEXT NOT NULL, run INTEGER)""",
    """CREATE TABLE campaign_documents (document INTEGER PRIMARY KEY REFERENCES documents(id), campaign TEXT NOT NULL
        REFERENCES campaigns(id), similarity REAL NOT NULL, joined_at TEXT NOT NULL)""",
    "CREATE INDEX campaign_documents_campaign ON campaign_documents(campaign)",
    """CREATE TABLE leads (id TEXT PRIMARY KEY, label TEXT NOT NULL, title TEXT NOT NULL, priority REAL NOT NULL,
        reasons TEXT NOT NULL, contacts TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL, state TEXT NOT NULL)""",
    "CREATE INDEX leads_queue ON leads(state, priority)",
    """CREATE TABLE lead_documents (document INTEGER PRIMARY KEY REFERENCES documents(id), lead TEXT NOT NULL
        REFERENCES leads(id), why TEXT NOT NULL, joined_at TEXT NOT NULL)""",
    "CREATE INDEX lead_documents_lead ON lead_documents(lead)",
    """CREATE TABLE lead_events (id INTEGER PRIMARY KEY, lead TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL, run INTEGER)""",
    "CREATE INDEX lead_events_at ON lead_events(at)",
    """CREATE TABLE decisions (id INTEGER PRIMARY KEY, lead TEXT NOT NULL, act TEXT NOT NULL, "by" TEXT NOT NULL,
        at TEXT NOT NULL, label TEXT NOT NULL, note TEXT NOT NULL, detail TEXT NOT NULL)""",
    "CREATE INDEX decisions_lead ON decisions(lead)",
    """CREATE TABLE refusals (id INTEGER PRIMARY KEY, run INTEGER, source TEXT NOT NULL, url TEXT NOT NULL,
        reason TEXT NOT NULL, detail TEXT NOT NULL, at TEXT NOT NULL)""",
    "CREATE INDEX refusals_run ON refusals(run, reason)",
    """CREATE TABLE robots (origin TEXT PRIMARY KEY, fetched_at TEXT NOT NULL, status INTEGER NOT NULL, verdict TEXT NOT NULL,
        body BLOB NOT NULL, capture TEXT NOT NULL)""",
    """CREATE TABLE pages (url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, status INTEGER NOT NULL,
        fetched_at TEXT NOT NULL, source TEXT NOT NULL)""",
    """CREATE TABLE frontier (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), source TEXT NOT NULL,
        fingerprint TEXT NOT NULL, url TEXT NOT NULL, host TEXT NOT NULL, request TEXT NOT NULL,
        priority INTEGER NOT NULL, state TEXT NOT NULL, worker TEXT NOT NULL, leased_until REAL NOT NULL,
        attempts INTEGER NOT NULL, reason TEXT NOT NULL, UNIQUE (run, fingerprint))""",
    "CREATE INDEX frontier_next ON frontier(run, host, state, priority DESC, id)",
    """CREATE TABLE ledger (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        object TEXT NOT NULL, payload TEXT NOT NULL, payload_sha256 TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL)""",
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("ledger", "decisions", "captures", "document_versions")
        for verb in ("UPDATE", "DELETE")
    ),
)

_REVIEW = (
    "ALTER TABLE leads ADD COLUMN answer TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX leads_answered ON leads(state, answer, priority DESC, id)",
    """CREATE TABLE accounts (name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, created_at TEXT NOT NULL)""",
    """CREATE TABLE sessions (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(name), form_token TEXT NOT NULL,
        created_at TEXT NOT NULL, seen_at TEXT NOT NULL, expires_at TEXT NOT NULL)""",
    "CREATE TABLE sign_in_failures (key TEXT NOT NULL, at TEXT NOT NULL)",
    "CREATE INDEX sign_in_failures_key ON sign_in_failures(key, at)",
    """CREATE TABLE one_time_links (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(name),
        expires_at TEXT NOT NULL)""",
    """CREATE TABLE reveals (session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, lead TEXT NOT NULL,
        at TEXT NOT NULL, PRIMARY KEY (session, lead))""",
    """CREATE TABLE claims (lead TEXT PRIMARY KEY REFERENCES leads(id), "by" TEXT NOT NULL, at TEXT NOT NULL,
        until TEXT NOT NULL)""",
    """CREATE TABLE skips (lead TEXT NOT NULL REFERENCES leads(id), "by" TEXT NOT NULL, until TEXT NOT NULL,
        PRIMARY KEY (lead, "by"))""",
    """CREATE TABLE searched (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(id),
        version INTEGER NOT NULL, UNIQUE (document, version))""",
    # contentless: the text stands in documents already; rowid is searched.id
    "CREATE VIRTUAL TABLE search_terms USING fts5(terms, content='', tokenize='unicode61 remove_diacritics 0')",
    """CREATE TABLE document_facets (document INTEGER NOT NULL REFERENCES documents(id), kind TEXT NOT NULL,
        value TEXT NOT NULL, PRIMARY KEY (kind, value, document)) WITHOUT ROWID""",
    "CREATE INDEX document_facets_document ON document_facets(document)",
)

_STUDY = (
    """CREATE TABLE study_samples (name TEXT PRIMARY KEY, drawn_at TEXT NOT NULL, design TEXT NOT NULL, size INTEGER NOT NULL,
        seed INTEGER NOT NULL, rater TEXT NOT NULL, unit TEXT NOT NULL)""",
    """CREATE TABLE study_frame (sample TEXT NOT NULL REFERENCES study_samples(name), document INTEGER NOT NULL
        REFERENCES documents(id), version INTEGER NOT NULL, score REAL NOT NULL, flagged INTEGER NOT NULL,
        stratum INTEGER NOT NULL, probability REAL NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (sample, document)) WITHOUT ROWID""",
    """CREATE TABLE study_labels (id INTEGER PRIMARY KEY, sample TEXT NOT NULL REFERENCES study_samples(name),
        document INTEGER NOT NULL, rater TEXT NOT NULL, label TEXT NOT NULL, adjudicated INTEGER NOT NULL, at TEXT NOT NULL,
        note TEXT NOT NULL, FOREIGN KEY (sample, document) REFERENCES study_frame(sample, document))""",
    "CREATE INDEX study_labels_document ON study_labels(sample, document)",
)

schema_review.register(migrations)
schema_pictures.register(migrations)


@migrations(name="0050_handed")
def handing(db: Database) -> None:
    """How far the stores of other crawlers have been taken in."""
    for statement in handed.TABLES:
        db.execute(statement)


@migrations(name="0051_growth")
def growth(db: Database) -> None:
    """How far each rater has judged, and indexes by which a night finds what is due: its cost grew with the store."""
    for statement in judged.TABLES:
        db.execute(statement)
