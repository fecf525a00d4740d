-- The form of the archive in SQLite. Small tables are kept in the order of their keys (WITHOUT ROWID). Those with large values
-- are not, nor are records: kept in the order in which they came, those of a page lie together.

-- One row: what this archive was made with.
CREATE TABLE instance (
    base TEXT NOT NULL,
    rules TEXT NOT NULL
);

CREATE TABLE source (
    id TEXT PRIMARY KEY NOT NULL,
    -- When the last complete run that was to see every record began, and the last complete run of any kind.
    last_full BIGINT,
    last_complete BIGINT,
    -- The deletion guard: which set of records was held back, how many complete runs in a row agreed on it, and
    -- whether a person released it.
    held_set BYTEA,
    held_runs BIGINT NOT NULL DEFAULT 0,
    released BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE run (
    id BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started BIGINT NOT NULL,
    finished BIGINT,
    whole BIGINT NOT NULL,
    announced BIGINT,
    seen BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    missing BIGINT NOT NULL DEFAULT 0,
    withdrawn BIGINT NOT NULL DEFAULT 0,
    held BIGINT NOT NULL DEFAULT 0,
    reason TEXT
);
CREATE INDEX run_source ON run (source, id);

-- Small rows that every run touches; the bodies lie apart.
CREATE TABLE record (
    key BYTEA PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    format TEXT NOT NULL,
    checksum BYTEA NOT NULL,
    -- present, missing (in its period of grace), withdrawn
    state TEXT NOT NULL,
    -- 0 when it was never mapped: its body is kept all the same.
    accepted BIGINT NOT NULL,
    -- The entity that it describes: the path under which its IRI was minted, and its UUID.
    minted TEXT,
    entity BYTEA,
    first_seen BIGINT NOT NULL,
    -- When the body that is kept was fetched.
    fetched BIGINT NOT NULL,
    -- The last run that saw it, and the last that mapped it (whose findings are its findings).
    seen_run BIGINT NOT NULL,
    mapped_run BIGINT NOT NULL,
    missing_since BIGINT
);
CREATE INDEX record_source ON record (source, state, seen_run);

CREATE TABLE body (
    key BYTEA PRIMARY KEY NOT NULL,
    zstd BYTEA NOT NULL
);

CREATE TABLE entity (
    id BYTEA PRIMARY KEY NOT NULL,
    -- The first segment of its IRI's path, which never changes.
    minted TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- public or withdrawn
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    -- Of the graph and of all that is kept beside it.
    checksum BYTEA NOT NULL,
    -- Sorted canonical N-Triples.
    graph BYTEA NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX entity_order ON entity (minted, id, state);

-- What each record says of the agents that it names; the best of them is the agent's graph.
CREATE TABLE description (
    entity BYTEA NOT NULL,
    record BYTEA NOT NULL,
    rank TEXT NOT NULL,
    checksum BYTEA NOT NULL,
    PRIMARY KEY (record, entity)
) WITHOUT ROWID;
CREATE INDEX description_best ON description (entity, rank, checksum);

CREATE TABLE content (
    checksum BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    graph BYTEA NOT NULL,
    -- Its shared lines, each ended by a line feed.
    shared TEXT NOT NULL
);

-- Triples about IRIs that no entity owns: the class of a foreign IRI, membership of the catalogue. One is in the
-- catalogue as long as an entity states it.
CREATE TABLE shared (
    entity BYTEA NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (entity, line)
) WITHOUT ROWID;
CREATE INDEX shared_line ON shared (line);

CREATE TABLE alias (
    entity BYTEA NOT NULL,
    minted TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (source, name, entity)
) WITHOUT ROWID;
CREATE INDEX alias_entity ON alias (entity);

CREATE TABLE link (
    entity BYTEA NOT NULL,
    subject TEXT NOT NULL,
    predicate TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (entity, subject, predicate, target)
) WITHOUT ROWID;
CREATE INDEX link_target ON link (source, target);

CREATE TABLE finding (
    run BIGINT NOT NULL,
    n BIGINT NOT NULL,
    source TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    stage TEXT NOT NULL,
    record TEXT,
    place TEXT,
    value TEXT,
    message TEXT NOT NULL,
    hint TEXT,
    PRIMARY KEY (run, n)
) WITHOUT ROWID;

-- Everything that happened to a published entity, in order. The diff is lines of N-Triples, each after `-` or `+`;
-- it is empty for a creation, whose diff is the entity's graph.
CREATE TABLE change (
    seq BIGINT PRIMARY KEY NOT NULL,
    run BIGINT NOT NULL,
    at BIGINT NOT NULL,
    minted TEXT NOT NULL,
    entity BYTEA NOT NULL,
    what TEXT NOT NULL,
    diff BYTEA
);

-- How far each projection has followed the change log.
CREATE TABLE projection (
    name TEXT PRIMARY KEY NOT NULL,
    seq BIGINT NOT NULL
);
