-- Quotas in several scopes: the ledger learns the chat and the hour of a reservation, and what of
-- it came from grants; `totals` holds the sums that limits are compared with.

-- Append-only account of credits, in millicredits.
CREATE TABLE ledger_next (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    chat TEXT NOT NULL CHECK (chat <> ''),
    job_id TEXT NOT NULL,
    picture INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'refund')),
    amount INTEGER NOT NULL CHECK (CASE kind WHEN 'reserve' THEN amount > 0 ELSE amount <= 0 END),
    granted INTEGER NOT NULL DEFAULT 0,         -- the part of `amount` that grants paid, same sign
    day TEXT NOT NULL,                          -- of the reservation, in the quota's zone
    hour TEXT NOT NULL,                         -- the same, with its offset: 2026-10-25T02+02:00
    at REAL NOT NULL,
    UNIQUE (job_id, picture, kind)
) STRICT;
-- Of older rows the hour is not known: they count for their day only.
INSERT INTO ledger_next (number, account, chat, job_id, picture, kind, amount, day, hour, at)
    SELECT l.number, l.account,
        COALESCE(j.platform || ':' || COALESCE(json_extract(j.reply_to, '$.space_id'), j.chat_id),
            'unknown'),
        l.job_id, l.picture, l.kind, l.amount, l.day, l.day || 'T', l.at
    FROM ledger l LEFT JOIN jobs j ON j.id = l.job_id;
DROP TABLE ledger;
ALTER TABLE ledger_next RENAME TO ledger;
CREATE INDEX ledger_of_account ON ledger (account, day);
CREATE INDEX ledger_of_chat ON ledger (chat);
CREATE TRIGGER ledger_keeps_rows BEFORE DELETE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_keeps_amounts
BEFORE UPDATE OF account, job_id, picture, kind, amount, granted, day, hour ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

-- What the rows of a day or hour add up to. An account with chat '': everywhere; no account: the
-- whole chat; neither: everybody. What grants paid counts for the chat and for everybody only.
CREATE TABLE totals (
    slot TEXT NOT NULL,                         -- a `day` or `hour` of the ledger
    account TEXT NOT NULL,
    chat TEXT NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (slot, account, chat)
) STRICT;
CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger WHEN NEW.amount <> 0 BEGIN
    INSERT INTO totals (slot, account, chat, used) VALUES
        (NEW.day, NEW.account, '', NEW.amount - NEW.granted),
        (NEW.hour, NEW.account, '', NEW.amount - NEW.granted),
        (NEW.day, NEW.account, NEW.chat, NEW.amount - NEW.granted),
        (NEW.hour, NEW.account, NEW.chat, NEW.amount - NEW.granted),
        (NEW.day, '', NEW.chat, NEW.amount),
        (NEW.hour, '', NEW.chat, NEW.amount),
        (NEW.day, '', '', NEW.amount),
        (NEW.hour, '', '', NEW.amount)
    ON CONFLICT DO UPDATE SET used = used + excluded.used;
END;
-- The same from the rows themselves: what `totals` must hold.
CREATE VIEW ledger_sums (slot, account, chat, used) AS
    SELECT day, account, '', SUM(amount - granted) FROM ledger GROUP BY 1, 2
    UNION ALL SELECT hour, account, '', SUM(amount - granted) FROM ledger GROUP BY 1, 2
    UNION ALL SELECT day, account, chat, SUM(amount - granted) FROM ledger GROUP BY 1, 2, 3
    UNION ALL SELECT hour, account, chat, SUM(amount - granted) FROM ledger GROUP BY 1, 2, 3
    UNION ALL SELECT day, '', chat, SUM(amount) FROM ledger GROUP BY 1, 3
    UNION ALL SELECT hour, '', chat, SUM(amount) FROM ledger GROUP BY 1, 3
    UNION ALL SELECT day, '', '', SUM(amount) FROM ledger GROUP BY 1
    UNION ALL SELECT hour, '', '', SUM(amount) FROM ledger GROUP BY 1;
INSERT INTO totals SELECT * FROM ledger_sums;
-- What each picture costs now: whether it was reserved, and whether that has ended.
CREATE VIEW ledger_pictures AS
    SELECT job_id, picture, SUM(amount) AS left, SUM(granted) AS granted,
        SUM(kind = 'reserve') AS reserved, SUM(kind <> 'reserve') AS ended,
        COUNT(DISTINCT account || ' ' || chat || ' ' || day || ' ' || hour) AS places
    FROM ledger GROUP BY job_id, picture;

-- Extra credits beyond a member's own limits; `left` is `amount` less what `grant_uses` adds up to.
CREATE TABLE grants (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    chat TEXT NOT NULL,                         -- '': wherever the member asks
    amount INTEGER NOT NULL CHECK (amount > 0),
    left INTEGER NOT NULL CHECK (left BETWEEN 0 AND amount),
    until REAL,                                 -- NULL: they do not expire
    by_operator INTEGER NOT NULL,
    given_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    day TEXT NOT NULL,                          -- when it was given, in the quota's zone
    at REAL NOT NULL
) STRICT;
CREATE INDEX grants_left ON grants (account, chat) WHERE left > 0;
CREATE INDEX grants_by_admins ON grants (chat, day) WHERE by_operator = 0;
CREATE TABLE grant_uses (
    grant_number INTEGER NOT NULL REFERENCES grants (number),
    job_id TEXT NOT NULL,
    picture INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'refund')),
    amount INTEGER NOT NULL,
    PRIMARY KEY (job_id, picture, grant_number, kind)
) STRICT;
CREATE TRIGGER grant_uses_add_up AFTER INSERT ON grant_uses BEGIN
    UPDATE grants SET left = left - NEW.amount WHERE number = NEW.grant_number;
END;

-- Limits by command. An account with chat '': everywhere; both: that member in that chat; no
-- account: the chat; neither: everybody together.
CREATE TABLE limits (
    account TEXT NOT NULL,
    chat TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'hour')),
    by_operator INTEGER NOT NULL,               -- a chat's admins can only add to these
    most INTEGER NOT NULL CHECK (most >= 0),
    at REAL NOT NULL,
    PRIMARY KEY (account, chat, period, by_operator)
) STRICT;

CREATE TABLE member_tiers (
    account TEXT PRIMARY KEY,
    tier TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;

CREATE TABLE bans (
    account TEXT NOT NULL,
    chat TEXT NOT NULL,                         -- '': everywhere
    until REAL,                                 -- NULL: for ever
    reason TEXT NOT NULL,
    given_by TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (account, chat)
) STRICT;

-- One person's accounts carry the same name of a person, which is one of them.
CREATE TABLE links (
    account TEXT PRIMARY KEY,
    person TEXT NOT NULL
) STRICT;
CREATE INDEX links_of_person ON links (person);

-- When the next request would come if requests came evenly (GCRA's theoretical arrival time).
CREATE TABLE bursts (
    account TEXT PRIMARY KEY,
    arrival REAL NOT NULL
) STRICT;

-- Requests that their own members stopped while they were being drawn.
CREATE TABLE cancels (
    account TEXT NOT NULL,
    at REAL NOT NULL,
    job_id TEXT NOT NULL,
    PRIMARY KEY (account, at, job_id)
) STRICT;

-- The chat that an act was about, so that a chat's admins see the acts of their chat.
ALTER TABLE audit ADD COLUMN chat TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_of_chat ON audit (chat, number);
