-- Two sources may state one link by one name, and the name may mean something in only one of them: each states it for itself. What
-- the earlier form left out comes back when the record is mapped again, as by `moisson rebuild`.
CREATE TABLE link_of_source (
    entity BYTEA NOT NULL,
    subject TEXT NOT NULL,
    predicate TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (entity, subject, predicate, source, target, kind)
) WITHOUT ROWID;
INSERT INTO link_of_source (entity, subject, predicate, source, target, kind)
    SELECT entity, subject, predicate, source, target, kind FROM link;
DROP TABLE link;
ALTER TABLE link_of_source RENAME TO link;
CREATE INDEX link_target ON link (source, target);
