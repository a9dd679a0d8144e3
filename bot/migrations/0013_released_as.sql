-- A released picture comes back as it was shown before somebody reported it: also under its spoiler,
-- also blurred.
ALTER TABLE holds ADD COLUMN released_as TEXT NOT NULL DEFAULT 'released'
    CHECK (released_as IN ('released', 'spoiler', 'blurred'));
-- How those were shown that are reported now, nobody has noted: covered, no harm is done.
UPDATE holds SET released_as = 'spoiler' WHERE why = 'report' AND decided IS NULL;
