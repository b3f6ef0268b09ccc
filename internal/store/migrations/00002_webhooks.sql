-- +goose Up
CREATE TABLE webhook_endpoints (
    id              TEXT   NOT NULL PRIMARY KEY,
    api_key         TEXT   NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    url             TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    events          TEXT   NOT NULL,
    enabled         INTEGER NOT NULL,
    disabled_reason TEXT   NOT NULL,
    secret          TEXT   NOT NULL,
    previous_secret TEXT   NOT NULL,
    previous_until  BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE INDEX webhook_endpoints_by_key ON webhook_endpoints (api_key, id);

-- What happened, in the bytes that are sent. A row is written in the
-- transaction that makes it true.
CREATE TABLE webhook_messages (
    seq     INTEGER NOT NULL PRIMARY KEY,
    id      TEXT    NOT NULL UNIQUE,
    type    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    body    TEXT    NOT NULL
);

CREATE INDEX webhook_messages_by_age ON webhook_messages (at);

-- A message on its way to one endpoint. The first of a subject is pending, the
-- ones behind it wait.
CREATE TABLE webhook_deliveries (
    n          INTEGER NOT NULL PRIMARY KEY,
    endpoint   TEXT    NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    message    INTEGER NOT NULL REFERENCES webhook_messages (seq) ON DELETE CASCADE,
    subject    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    next_at    BIGINT,
    done_at    BIGINT
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at, n) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_queued ON webhook_deliveries (endpoint, subject, n) WHERE state IN ('pending', 'waiting');
CREATE INDEX webhook_deliveries_backlog ON webhook_deliveries (state, endpoint, created_at) WHERE state IN ('pending', 'waiting');
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (endpoint, n);
CREATE INDEX webhook_deliveries_by_message ON webhook_deliveries (message);

CREATE TABLE webhook_attempts (
    delivery    INTEGER NOT NULL REFERENCES webhook_deliveries (n) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    at          BIGINT  NOT NULL,
    took        BIGINT  NOT NULL,
    status      INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    snippet     TEXT    NOT NULL,
    PRIMARY KEY (delivery, n)
);

-- +goose Down
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_messages;
DROP TABLE webhook_endpoints;
