-- What other catalogues have of this one, as far as they confirmed it: each target has entities of ours, by names of its own.
CREATE TABLE pushed (
    target TEXT NOT NULL,
    entity BYTEA NOT NULL,
    minted TEXT NOT NULL,
    -- Of what was sent; empty as long as nothing was confirmed.
    checksum BYTEA NOT NULL,
    -- How far the change log had come for the entity (stamp.told): as long as it is there, nothing has to be written again to be compared.
    told BIGINT NOT NULL,
    -- By which the target knows it.
    remote TEXT NOT NULL,
    -- 1 from before it is sent until the target has confirmed it: the target may have it or not.
    pending BIGINT NOT NULL,
    PRIMARY KEY (target, entity)
) WITHOUT ROWID;

CREATE TABLE push (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    started BIGINT NOT NULL,
    -- The report, as JSON.
    report TEXT NOT NULL
);
CREATE INDEX push_target ON push (target, id);

-- A person lets the next push of a target delete what the guard held.
CREATE TABLE push_release (
    target TEXT PRIMARY KEY NOT NULL,
    reason TEXT NOT NULL
);

-- Where each target was when it was last pushed to: what one address has confirmed says nothing of another.
CREATE TABLE push_address (
    target TEXT PRIMARY KEY NOT NULL,
    address TEXT NOT NULL
);
