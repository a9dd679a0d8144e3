-- What follows from a category of the prompt filter. The operator's word for a chat and that of its
-- admins stand side by side; the stricter one counts.
CREATE TABLE filter_actions (
    chat TEXT NOT NULL,                         -- `telegram:-100`; '': everywhere
    category TEXT NOT NULL,
    by_operator INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('allow', 'negative', 'spoiler', 'hold', 'refuse')),
    PRIMARY KEY (chat, category, by_operator)
) STRICT;

-- Accepted requests that are in no line before an admin has looked at their words.
CREATE TABLE held_prompts (
    job_id TEXT PRIMARY KEY REFERENCES jobs (id),
    category TEXT NOT NULL,
    until REAL NOT NULL                         -- when it ends by itself
) STRICT;

-- Refused requests and dropped pictures that count against a member.
CREATE TABLE strikes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    account TEXT NOT NULL,
    chat TEXT NOT NULL,
    request_key TEXT NOT NULL,                  -- the same request counts once
    category TEXT NOT NULL,                     -- of the prompt filter, or 'picture'
    sha256 TEXT NOT NULL,                       -- of the words
    prompt TEXT NOT NULL,                       -- '': not kept, or not any more
    UNIQUE (account, request_key)
) STRICT;
CREATE INDEX strikes_of_chat ON strikes (chat, number);
