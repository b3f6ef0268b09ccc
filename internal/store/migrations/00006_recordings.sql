-- +goose Up
-- Where an interview's recording stands, as JSON; empty when it is not to be recorded.
ALTER TABLE interviews ADD COLUMN recording TEXT NOT NULL DEFAULT '';

-- Every answer anybody gave, for ever: what a receipt is made from.
CREATE TABLE consents (
    recording    TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    interview    TEXT   NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    state        TEXT   NOT NULL,
    text_version TEXT   NOT NULL,
    language     TEXT   NOT NULL,
    PRIMARY KEY (recording, user_id, at)
);

CREATE INDEX consents_by_interview ON consents (interview, at);

-- What was recorded. A row outlives its files: it says when and by whom they were destroyed.
CREATE TABLE recordings (
    id         TEXT    NOT NULL PRIMARY KEY,
    interview  TEXT    NOT NULL REFERENCES interviews (id),
    thread     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    asked_by   TEXT    NOT NULL,
    started_at BIGINT  NOT NULL,
    ended_at   BIGINT,
    size       BIGINT  NOT NULL,
    held       INTEGER NOT NULL,
    deleted_at BIGINT,
    deleted_by TEXT    NOT NULL
);

CREATE INDEX recordings_by_interview ON recordings (interview, id);
CREATE INDEX recordings_with_files ON recordings (ended_at) WHERE deleted_at IS NULL;

-- Who looked at a recording, and when.
CREATE TABLE recording_views (
    recording TEXT   NOT NULL REFERENCES recordings (id),
    at        BIGINT NOT NULL,
    user_id   TEXT   NOT NULL,
    api_key   TEXT   NOT NULL,
    file      TEXT   NOT NULL
);

CREATE INDEX recording_views_by_recording ON recording_views (recording, at);

-- +goose Down
DROP TABLE recording_views;
DROP TABLE recordings;
DROP TABLE consents;
ALTER TABLE interviews DROP COLUMN recording;
