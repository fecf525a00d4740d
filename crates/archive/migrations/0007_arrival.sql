-- The order in which records came, whatever the clock said: the run in which a record was first seen; 0 for those that came before
-- runs were noted. Which of several records is the eldest decides on words and IRIs, and a clock can be set back.
ALTER TABLE record ADD COLUMN first_run BIGINT NOT NULL DEFAULT 0;
UPDATE record SET first_run = created_run WHERE created_run > 0;
