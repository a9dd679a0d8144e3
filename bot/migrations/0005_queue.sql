-- Turns are counted by person over all chats, weighted by tier, and outlive a restart.
ALTER TABLE jobs ADD COLUMN person TEXT NOT NULL DEFAULT '';    -- one of the linked accounts
ALTER TABLE jobs ADD COLUMN weight REAL NOT NULL DEFAULT 1.0;
-- From now on `rank` is -1 once a job has had its turn: it goes first where it waits again.

-- `/queue` and `/cancel` look for what is left of a member's own requests.
CREATE INDEX jobs_unfinished_of_account ON jobs (account, number) WHERE told = 0;

-- Where the next job of a chat, a person, or a person in a chat starts in the fair queue's virtual
-- time (millicredits). Neither chat nor person: the line itself.
CREATE TABLE turns (
    chat TEXT NOT NULL,                         -- `telegram:-100`, or `private`: all of those
    person TEXT NOT NULL,
    start REAL NOT NULL,
    time REAL NOT NULL,                         -- the virtual time of the chat, or of the line
    turn INTEGER NOT NULL,                      -- which chat is first where starts are equal
    waiting INTEGER NOT NULL,                   -- 1 while jobs wait there
    PRIMARY KEY (chat, person)
) STRICT;
