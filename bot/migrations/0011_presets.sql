-- Words and flags that members keep under a name of their own.
CREATE TABLE presets (
    account TEXT NOT NULL,
    name TEXT NOT NULL,                         -- as it is compared: NFKC, case folded
    shown TEXT NOT NULL,                        -- as it was written
    words TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;
