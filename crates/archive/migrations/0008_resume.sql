-- What is remembered of a crawl: where it stands, so that an interrupted one goes on there; what its server tells of changes.

-- The last harvest of a source that did not come to its end by itself, from its beginning on.
CREATE TABLE crawl (
    source TEXT PRIMARY KEY NOT NULL,
    run BIGINT NOT NULL,
    -- Of what it was begun with: configuration, rules. With another one it is not taken up again.
    configuration BYTEA NOT NULL,
    -- The checkpoint that it asks for changes from.
    since BIGINT,
    -- How many steps it had when it was taken up last.
    resumed_at BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Each step of it, written with the records that the step gave. Replayed in order, they give the requests that are left.
CREATE TABLE crawl_step (
    source TEXT NOT NULL,
    n BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- JSON, compressed.
    step BYTEA NOT NULL,
    PRIMARY KEY (source, n)
);

ALTER TABLE run ADD COLUMN resumed BIGINT NOT NULL DEFAULT 0;

-- What the one document of a source was known by when a complete run read it.
CREATE TABLE validator (
    source TEXT PRIMARY KEY NOT NULL,
    -- The last run that found it so.
    run BIGINT NOT NULL,
    configuration BYTEA NOT NULL,
    -- A checksum of the request: addresses can hold secrets.
    request BYTEA NOT NULL,
    etag TEXT,
    last_modified TEXT
) WITHOUT ROWID;

-- Whether a server tells what changed: what it counted when it was asked, and what it missed.
CREATE TABLE probe (
    source TEXT PRIMARY KEY NOT NULL,
    configuration BYTEA NOT NULL,
    at BIGINT NOT NULL,
    -- Records in all, changed since long ago, and changed since a time to come.
    total BIGINT,
    past BIGINT,
    future BIGINT,
    -- Why it does not tell what changed.
    fault TEXT,
    -- The last run that found changes by reading everything: how many, and how many of them the server would not have told.
    compared BIGINT,
    changes BIGINT NOT NULL DEFAULT 0,
    missed BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
