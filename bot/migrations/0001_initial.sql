-- Accepted requests. Every change of `state` is one transaction.
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order of acceptance
    id TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    request_key TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'drawing', 'drawn', 'delivered', 'failed', 'cancelled')),
    -- 1 once the member was told how the job ended (or cannot be told any more)
    told INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,        -- how often drawing was begun
    deaths INTEGER NOT NULL DEFAULT 0,          -- how often the render process ended with it
    rank REAL NOT NULL,                         -- start tag of the fair queue: the order of drawing
    cost INTEGER NOT NULL,
    requester TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    spec TEXT NOT NULL,
    text TEXT NOT NULL,
    spoiler INTEGER NOT NULL,
    as_file INTEGER NOT NULL,
    notes TEXT NOT NULL,                        -- JSON list of phrases
    source_job_id TEXT,
    status_message_id TEXT,
    failure TEXT,                               -- the phrase key and incident of a failed job
    seconds REAL,                               -- how long drawing took
    accepted_at REAL NOT NULL,
    ended_at REAL,
    UNIQUE (platform, request_key)
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (number) WHERE told = 0;
CREATE INDEX jobs_of_chat ON jobs (platform, chat_id, number);

-- One row a picture. The bytes lie in the pictures folder under their SHA-256.
CREATE TABLE pictures (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    picture INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    seed INTEGER NOT NULL,
    infotext TEXT NOT NULL,
    message_id TEXT,                            -- the message that shows it, once delivered
    PRIMARY KEY (job_id, picture)
) STRICT;
CREATE INDEX pictures_by_content ON pictures (sha256);

-- Every message that a job made, so that a reply to it finds the job.
CREATE TABLE messages (
    platform TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    picture INTEGER NOT NULL,
    PRIMARY KEY (platform, chat_id, message_id)
) STRICT;

-- Append-only account of credits, in millicredits: what an account has used of a day is the sum.
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    job_id TEXT NOT NULL,
    picture INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'refund')),
    amount INTEGER NOT NULL,                    -- reserve: > 0; settle, refund: given back, ≤ 0
    day TEXT NOT NULL,                          -- the day of the reservation, in the quota's zone
    at REAL NOT NULL,
    UNIQUE (job_id, picture, kind)
) STRICT;
CREATE INDEX ledger_of_day ON ledger (account, day);

-- Raw updates and interactions, committed before they are acknowledged.
CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    key TEXT NOT NULL,
    raw TEXT NOT NULL,
    received_at REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    set_aside TEXT,                             -- why it could not be handled
    UNIQUE (platform, key)
) STRICT;
CREATE INDEX inbox_open ON inbox (platform, number) WHERE settled = 0 AND set_aside IS NULL;

-- Chats that the bot was used in, and whether it may draw there.
CREATE TABLE chats (
    platform TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    title TEXT NOT NULL,
    approved INTEGER NOT NULL,
    asked_at REAL NOT NULL,                     -- when the operator was first asked
    told INTEGER NOT NULL DEFAULT 0,            -- the chat was told once who can approve it
    PRIMARY KEY (platform, chat_id)
) STRICT;

-- Members of approved chats, seen speaking there: they may use private chats.
CREATE TABLE members (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seen_at REAL NOT NULL,
    private_chat_id TEXT,                       -- where to write to them, once they spoke there
    language TEXT,
    PRIMARY KEY (platform, user_id)
) STRICT;

-- Accounts that claimed the bot with its one-time code, beside `[access] operators`.
CREATE TABLE operators (
    account TEXT PRIMARY KEY,
    since REAL NOT NULL
) STRICT;

-- Small values that outlive a restart: the claim code, the stored catalogue, the speed.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Every admin act: who, when, what, before and after.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    account TEXT NOT NULL,
    act TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
) STRICT;
