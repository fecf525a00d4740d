-- When each entity changed last, for protocols that tell others what changed since a time (OAI-PMH, LDES). Times follow the order of
-- changes and never go back, whatever the clock does: who asked before a change is told of it when asking from the time of its answer.
CREATE TABLE stamp (
    entity BYTEA PRIMARY KEY NOT NULL,
    minted TEXT NOT NULL,
    -- Its last change.
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    -- 1 when it is withdrawn.
    gone BIGINT NOT NULL,
    -- The same, where a change of an agent that its records describe is one of its own: a record of it tells of its agents.
    told BIGINT NOT NULL,
    told_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO stamp (entity, minted, seq, at, what, gone, told, told_at)
    SELECT last.entity, last.minted, last.seq, last.at, last.what, entity.state <> 'public', last.seq, last.at FROM (
        SELECT entity, minted, seq, what, MAX(at) OVER (ORDER BY seq) AS at,
            ROW_NUMBER() OVER (PARTITION BY entity ORDER BY seq DESC) AS n FROM change
    ) AS last JOIN entity ON entity.id = last.entity WHERE last.n = 1;
CREATE INDEX stamp_seq ON stamp (seq, at);
CREATE INDEX stamp_told ON stamp (told_at, told, entity, minted, gone) WHERE minted <> 'organisation';

-- What a plan holds was fetched long before it is written: the time is that of writing. The catalogue itself, which is in the log as
-- well, is no entity.
CREATE TRIGGER change_stamped AFTER INSERT ON change WHEN NEW.entity <> x'00000000000000000000000000000000' BEGIN
    INSERT INTO stamp (entity, minted, seq, at, what, gone, told, told_at)
        SELECT NEW.entity, NEW.minted, NEW.seq, latest.at, NEW.what, NEW.what = 'withdrawn', NEW.seq, latest.at
        FROM (SELECT MAX(NEW.at, CAST(strftime('%s', 'now') AS INTEGER), COALESCE((SELECT at FROM stamp ORDER BY seq DESC LIMIT 1), 0)) AS at) AS latest
        WHERE true
        ON CONFLICT (entity) DO UPDATE SET seq = excluded.seq, at = excluded.at, what = excluded.what,
            gone = CASE excluded.what WHEN 'updated' THEN stamp.gone ELSE excluded.gone END, told = excluded.told, told_at = excluded.told_at;
    UPDATE stamp SET told = NEW.seq, told_at = (SELECT at FROM stamp ORDER BY seq DESC LIMIT 1)
        WHERE NEW.minted = 'organisation' AND NEW.what <> 'created' AND gone = 0 AND told < NEW.seq AND entity IN
            (SELECT record.entity FROM description JOIN record ON record.key = description.record WHERE description.entity = NEW.entity);
END;

-- Parts of the catalogue to which entities belong, withdrawn ones as well: their themes (IRIs), their publishers (UUIDs of organisations),
-- and sources whose records are parts of another entity since. What an entity was before this was noted is filled by `moisson rebuild`.
CREATE TABLE belongs (
    entity BYTEA NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (entity, part, name)
) WITHOUT ROWID;
CREATE INDEX belongs_name ON belongs (part, name, entity);
CREATE TRIGGER record_left AFTER UPDATE OF entity ON record WHEN OLD.entity IS NOT NULL AND NEW.entity IS NOT OLD.entity BEGIN
    INSERT INTO belongs (entity, part, name) VALUES (OLD.entity, 'source', OLD.source) ON CONFLICT DO NOTHING;
END;
