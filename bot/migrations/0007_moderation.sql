-- What was seen in a picture, and what becomes of it (`domain.Fate`).
ALTER TABLE pictures ADD COLUMN nsfw REAL;      -- NULL: nobody looked
ALTER TABLE pictures ADD COLUMN fate TEXT NOT NULL DEFAULT 'shown' CHECK (fate IN
    ('shown', 'spoiler', 'blurred', 'dropped'));
