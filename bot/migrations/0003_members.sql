-- Members are found by the name others mention them by, and can have their words forgotten.

-- In small letters; NULL: none, or not known.
ALTER TABLE members ADD COLUMN username TEXT;
CREATE INDEX members_by_username ON members (username) WHERE username IS NOT NULL;

-- 1: to be forgotten once its end was told; 2: its words and pictures are gone.
ALTER TABLE jobs ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0 CHECK (forgotten BETWEEN 0 AND 2);
CREATE INDEX jobs_to_forget ON jobs (number) WHERE forgotten = 1;
CREATE INDEX jobs_of_account ON jobs (account, number);
-- Whether a picture is the source of somebody's request.
CREATE INDEX jobs_by_source ON jobs (json_extract(spec, '$.input_sha256'))
    WHERE json_extract(spec, '$.input_sha256') IS NOT NULL;
