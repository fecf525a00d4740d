-- Where what is published comes from, for the graph of provenance.

-- The node and the property whose value a finding is about: `#` and a fragment for a node of the record's entity, an IRI for another
-- entity, NULL for the entity itself. Those that were made before this was noted have none.
ALTER TABLE finding ADD COLUMN node TEXT;
ALTER TABLE finding ADD COLUMN property TEXT;
CREATE INDEX finding_record ON finding (run, record);

-- The version of the program that carried a run out; NULL for those before this was noted.
ALTER TABLE run ADD COLUMN software TEXT;

-- Entities and runs whose provenance is perhaps not told as it is now. Rows are taken away once the graph store has it: what is
-- written by whatever statement is noted here, so that nobody has to think of it.
CREATE TABLE provenance_due (
    seq INTEGER PRIMARY KEY NOT NULL,
    minted TEXT,
    entity BYTEA,
    run BIGINT
);

CREATE TRIGGER record_came AFTER INSERT ON record WHEN NEW.entity IS NOT NULL BEGIN
    INSERT INTO provenance_due (minted, entity) VALUES (NEW.minted, NEW.entity);
END;
CREATE TRIGGER record_changed AFTER UPDATE OF state, accepted, checksum, fetched, mapped_run, minted, entity ON record
WHEN NEW.entity IS NOT NULL AND (NEW.mapped_run <> OLD.mapped_run OR NEW.state <> OLD.state OR NEW.accepted <> OLD.accepted
    OR NEW.checksum <> OLD.checksum OR NEW.fetched <> OLD.fetched OR NEW.entity IS NOT OLD.entity) BEGIN
    INSERT INTO provenance_due (minted, entity) VALUES (NEW.minted, NEW.entity);
END;
CREATE TRIGGER record_moved AFTER UPDATE OF entity ON record WHEN OLD.entity IS NOT NULL AND NEW.entity IS NOT OLD.entity BEGIN
    INSERT INTO provenance_due (minted, entity) VALUES (OLD.minted, OLD.entity);
END;
-- An entity that comes or goes does so with a record.
CREATE TRIGGER entity_changed AFTER INSERT ON change WHEN NEW.what = 'updated' AND NEW.minted <> 'organisation' BEGIN
    INSERT INTO provenance_due (minted, entity) VALUES (NEW.minted, NEW.entity);
END;
-- A decision is told with the entity of its first record.
CREATE TRIGGER decision_came AFTER INSERT ON decision BEGIN
    INSERT INTO provenance_due (minted, entity) SELECT minted, entity FROM record WHERE key = NEW.a AND entity IS NOT NULL;
END;
CREATE TRIGGER decision_changed AFTER UPDATE ON decision BEGIN
    INSERT INTO provenance_due (minted, entity) SELECT minted, entity FROM record WHERE key = NEW.a AND entity IS NOT NULL;
END;
CREATE TRIGGER decision_went AFTER DELETE ON decision BEGIN
    INSERT INTO provenance_due (minted, entity) SELECT minted, entity FROM record WHERE key = OLD.a AND entity IS NOT NULL;
END;
CREATE TRIGGER run_began AFTER INSERT ON run BEGIN
    INSERT INTO provenance_due (run) VALUES (NEW.id);
END;
CREATE TRIGGER run_ended AFTER UPDATE OF finished ON run WHEN NEW.finished IS NOT OLD.finished BEGIN
    INSERT INTO provenance_due (run) VALUES (NEW.id);
END;
