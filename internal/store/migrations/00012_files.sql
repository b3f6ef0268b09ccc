-- +goose Up

-- Files that people offered in a room. The host app keeps them: what is here
-- says what became of an offer. until_at is when an open one fails by itself.
CREATE TABLE files (
    id         TEXT   NOT NULL PRIMARY KEY,
    thread     TEXT   NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    interview  TEXT   NOT NULL,
    ref        TEXT   NOT NULL,
    author     TEXT   NOT NULL,
    author_name TEXT  NOT NULL,
    role       TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    media_type TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    until_at   BIGINT,
    link       TEXT   NOT NULL,
    reason     TEXT   NOT NULL
);

-- The same offer sent twice is one offer.
CREATE UNIQUE INDEX files_by_ref ON files (thread, author, ref);
CREATE INDEX files_by_author ON files (author);
CREATE INDEX files_by_age ON files (at);
CREATE INDEX files_due ON files (until_at) WHERE until_at IS NOT NULL;

-- The file that a message brings, in JSON; its name is the text.
ALTER TABLE messages ADD COLUMN file TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE messages DROP COLUMN file;
DROP TABLE files;
