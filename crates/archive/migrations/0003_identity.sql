-- What tells which dataset a record describes, and which records are one.

-- The facts of a record, with the IRI that its entity has where no other record is one with it.
CREATE TABLE fact (
    id INTEGER PRIMARY KEY NOT NULL,
    record BYTEA NOT NULL,
    minted TEXT NOT NULL,
    own BYTEA NOT NULL,
    checksum BYTEA NOT NULL,
    facts BYTEA NOT NULL
);
CREATE UNIQUE INDEX fact_record ON fact (record);
CREATE INDEX fact_own ON fact (own);

-- Which records have a key (an identifier, a page, a file...), by its number.
CREATE TABLE evidence (
    number BIGINT NOT NULL,
    fact BIGINT NOT NULL,
    PRIMARY KEY (number, fact)
) WITHOUT ROWID;

-- What each of several records that are one states, under the record's own IRI. A record that is alone has none: the entity is
-- what it states.
CREATE TABLE statement (
    record BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    graph BYTEA NOT NULL,
    -- JSON: shared lines, aliases, links.
    beside TEXT NOT NULL
);

-- What was decided of two records, the lesser key first: `same` or `perhaps` by a rule, `same` or `apart` by a person.
CREATE TABLE decision (
    a BYTEA NOT NULL,
    b BYTEA NOT NULL,
    verdict TEXT NOT NULL,
    rule TEXT NOT NULL,
    -- JSON: what both have.
    shared TEXT NOT NULL,
    likeness DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE INDEX decision_b ON decision (b);
CREATE INDEX decision_verdict ON decision (verdict, at);

CREATE INDEX record_entity ON record (entity);
