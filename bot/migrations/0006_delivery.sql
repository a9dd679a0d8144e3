-- 1 once the end of a job has begun to go out: if the bot ends before `told`, it may arrive twice.
ALTER TABLE jobs ADD COLUMN sending INTEGER NOT NULL DEFAULT 0;
