-- Who publishes what a record describes, by a number: what several organisations have word for word is a form. Filled by `moisson rebuild`.
ALTER TABLE fact ADD COLUMN organisation BIGINT NOT NULL DEFAULT 0;
