-- Words that operators and admins of chats have added to the prompt filter. Numbers are never used
-- twice, so that how many there are and the newest tell whether a list has changed.
CREATE TABLE filter_words (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,                         -- `telegram:-100`; '': everywhere
    category TEXT NOT NULL,
    spelling TEXT NOT NULL,                     -- without look-alikes and flag, to find it again
    line TEXT NOT NULL,                         -- as a line of a list: `word`, `+word`, `词 (ci)`
    UNIQUE (chat, spelling)
) STRICT;
