-- The messages of a job are looked for at every press, and for every picture of a gallery.
CREATE INDEX messages_of_job ON messages (job_id, picture);
