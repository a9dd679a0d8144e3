-- Pictures may wait for an admin, who releases or deletes them; members may report pictures.

-- More fates (`domain.Fate`): a CHECK cannot be changed in place.
CREATE TABLE pictures_next (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    picture INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    seed INTEGER NOT NULL,
    infotext TEXT NOT NULL,
    nsfw REAL,                                  -- NULL: nobody looked
    fate TEXT NOT NULL DEFAULT 'shown' CHECK (fate IN
        ('shown', 'spoiler', 'blurred', 'dropped', 'held', 'released', 'deleted')),
    PRIMARY KEY (job_id, picture)
) STRICT;
INSERT INTO pictures_next SELECT job_id, picture, sha256, seed, infotext, nsfw, fate FROM pictures;
DROP TABLE pictures;
ALTER TABLE pictures_next RENAME TO pictures;
CREATE INDEX pictures_by_content ON pictures (sha256);

-- One row a picture, until its chat was told what became of it.
CREATE TABLE holds (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    picture INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('check', 'report')),
    until REAL NOT NULL,                        -- if nobody decides, it is deleted then
    asked INTEGER NOT NULL DEFAULT 0,           -- 1 once the admins were asked
    decided TEXT CHECK (decided IN ('released', 'deleted')),
    PRIMARY KEY (job_id, picture)
) STRICT;

-- Each member reports a result once.
CREATE TABLE reports (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    account TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (job_id, account)
) STRICT;
CREATE INDEX reports_of_account ON reports (account, at);
