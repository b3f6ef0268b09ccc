-- +goose Up
CREATE TABLE threads (
    id                    TEXT   NOT NULL PRIMARY KEY,
    title                 TEXT   NOT NULL,
    contract_state        TEXT   NOT NULL,
    contract_effective_at BIGINT,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL
);

CREATE TABLE thread_participants (
    thread  TEXT    NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    n       INTEGER NOT NULL,
    user_id TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    PRIMARY KEY (thread, n),
    UNIQUE (thread, user_id)
);

CREATE TABLE interviews (
    id          TEXT   NOT NULL PRIMARY KEY,
    thread      TEXT   NOT NULL REFERENCES threads (id),
    mode        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    created_by  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    starts_at   BIGINT,
    rings_until BIGINT,
    started_at  BIGINT,
    ended_at    BIGINT,
    end_reason  TEXT   NOT NULL,
    empty_since BIGINT
);

CREATE INDEX interviews_by_thread ON interviews (thread, id);

-- A thread has at most one interview that people are called to or talk in.
CREATE UNIQUE INDEX interviews_one_open ON interviews (thread) WHERE state IN ('ringing', 'live');

-- What a restart has to pick up, without reading the past.
CREATE INDEX interviews_not_over ON interviews (id) WHERE state IN ('scheduled', 'ringing', 'live');

CREATE TABLE stays (
    interview TEXT    NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    user_id   TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    joined_at BIGINT  NOT NULL,
    left_at   BIGINT,
    PRIMARY KEY (interview, n)
);

CREATE TABLE idempotency_keys (
    scope        TEXT   NOT NULL,
    request_key  TEXT   NOT NULL,
    request_hash TEXT   NOT NULL,
    interview    TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (scope, request_key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE api_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    algorithm  TEXT   NOT NULL,
    secret     TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE signing_keys;
DROP TABLE api_keys;
DROP TABLE idempotency_keys;
DROP TABLE stays;
DROP TABLE interviews;
DROP TABLE thread_participants;
DROP TABLE threads;
