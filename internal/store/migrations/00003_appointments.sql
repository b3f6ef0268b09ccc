-- +goose Up
ALTER TABLE threads ADD COLUMN stage TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN job_post TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN job_proposal TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN locale TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN url TEXT NOT NULL DEFAULT '';

ALTER TABLE thread_participants ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';

-- Lengths and how long ahead somebody was reminded are in microseconds.
ALTER TABLE interviews ADD COLUMN planned_at BIGINT;
ALTER TABLE interviews ADD COLUMN length BIGINT NOT NULL DEFAULT 0;
ALTER TABLE interviews ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE interviews ADD COLUMN reminded BIGINT NOT NULL DEFAULT 0;

-- What a key may be used for, with commas between; empty: everything.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';

-- What was planned before that was written down counts as planned when it was made.
UPDATE interviews SET planned_at = created_at WHERE starts_at IS NOT NULL;

CREATE INDEX interviews_by_state ON interviews (state, id);

-- Times that are offered for an interview. slots are microseconds since 1970,
-- with commas between them.
CREATE TABLE proposals (
    id         TEXT   NOT NULL PRIMARY KEY,
    thread     TEXT   NOT NULL REFERENCES threads (id),
    made_by    TEXT   NOT NULL,
    mode       TEXT   NOT NULL,
    slots      TEXT   NOT NULL,
    length     BIGINT NOT NULL,
    time_zone  TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    moves      TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT,
    chosen     BIGINT,
    interview  TEXT   NOT NULL
);

CREATE INDEX proposals_by_thread ON proposals (thread, id);

-- A thread has one open proposal at a time: another one takes its place.
CREATE UNIQUE INDEX proposals_one_open ON proposals (thread) WHERE state = 'open';

-- +goose Down
DROP TABLE proposals;
ALTER TABLE api_keys DROP COLUMN scopes;
DROP INDEX interviews_by_state;
ALTER TABLE interviews DROP COLUMN reminded;
ALTER TABLE interviews DROP COLUMN sequence;
ALTER TABLE interviews DROP COLUMN time_zone;
ALTER TABLE interviews DROP COLUMN length;
ALTER TABLE interviews DROP COLUMN planned_at;
ALTER TABLE thread_participants DROP COLUMN time_zone;
ALTER TABLE threads DROP COLUMN url;
ALTER TABLE threads DROP COLUMN locale;
ALTER TABLE threads DROP COLUMN job_proposal;
ALTER TABLE threads DROP COLUMN job_post;
ALTER TABLE threads DROP COLUMN stage;
