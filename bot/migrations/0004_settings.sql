-- What was settled by command, as it was written: for the whole bot, for a chat, for a member.
CREATE TABLE preferences (
    scope TEXT NOT NULL CHECK (scope IN ('bot', 'chat', 'member')),
    owner TEXT NOT NULL,                        -- '', `telegram:-100`, `telegram:1`
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, owner, name)
) STRICT;

-- `/admin status` tells what was given back in each hour of today.
CREATE INDEX ledger_given_back ON ledger (day) WHERE amount < 0;
