-- What tells this archive from any other, such as one that was begun anew in the same place: a plan is for one archive.
ALTER TABLE instance ADD COLUMN mark TEXT NOT NULL DEFAULT '';
