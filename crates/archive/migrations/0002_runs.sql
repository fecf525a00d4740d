-- The life of a run: who carries it out, whether a person stopped it, and how the catalogue was before it.

-- Exactly as long as a run is `running`, it holds the lease of its source.
CREATE TABLE lease (
    source TEXT PRIMARY KEY NOT NULL,
    run BIGINT NOT NULL,
    -- For people: the process that carries the run out.
    holder TEXT NOT NULL,
    -- The holder counts this up, once every `period` milliseconds. Whoever wants the lease watches whether it goes on. No time
    -- of day is compared: clocks are set, and those of two machines differ.
    beat BIGINT NOT NULL,
    period BIGINT NOT NULL,
    -- 1 when a person asked the run to end.
    stop BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- harvest, rebuild, undo
ALTER TABLE run ADD COLUMN purpose TEXT NOT NULL DEFAULT 'harvest';

-- What the person said who released what the deletion guard held.
ALTER TABLE source ADD COLUMN released_because TEXT;

-- A source that is not harvested until a person resumes it.
CREATE TABLE pause (
    source TEXT PRIMARY KEY NOT NULL,
    since BIGINT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- The run in which a record came for the first time; 0 for those that came before this was noted, or whose coming was undone.
ALTER TABLE record ADD COLUMN created_run BIGINT NOT NULL DEFAULT 0;

-- 1 when the source said last that the record is not for the public: undoing a run does not publish it again.
ALTER TABLE record ADD COLUMN withheld BIGINT NOT NULL DEFAULT 0;

-- A run that can be undone, and what was remembered of its source before it.
CREATE TABLE undo_point (
    run BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    last_full BIGINT,
    last_complete BIGINT,
    held_set BYTEA,
    held_runs BIGINT NOT NULL
);

-- Each record that a run changed and that was known before it, as it was. The body only where the run brought another.
CREATE TABLE history (
    run BIGINT NOT NULL,
    key BYTEA NOT NULL,
    format TEXT NOT NULL,
    checksum BYTEA NOT NULL,
    state TEXT NOT NULL,
    accepted BIGINT NOT NULL,
    fetched BIGINT NOT NULL,
    seen_run BIGINT NOT NULL,
    mapped_run BIGINT NOT NULL,
    missing_since BIGINT,
    body BYTEA,
    PRIMARY KEY (run, key)
);
CREATE INDEX history_key ON history (key, run);
