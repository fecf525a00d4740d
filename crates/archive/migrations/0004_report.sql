-- What the owner of a source was to be told after a run: a row only where it differs from what the run before had left.
CREATE TABLE report (
    run BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    -- Of the outcome, and of each rule with its severity and its number of records.
    digest BYTEA NOT NULL
);
CREATE INDEX report_source ON report (source, run);

CREATE TABLE report_rule (
    run BIGINT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- Records with it; 0 for what belongs to no record.
    records BIGINT NOT NULL,
    findings BIGINT NOT NULL,
    PRIMARY KEY (run, rule)
) WITHOUT ROWID;

-- The last state of which the owner was told by mail. A mail that could not be sent leaves it as it was.
CREATE TABLE report_mail (
    source TEXT PRIMARY KEY NOT NULL,
    run BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    at BIGINT NOT NULL
) WITHOUT ROWID;
