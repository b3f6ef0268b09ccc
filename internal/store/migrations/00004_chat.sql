-- +goose Up

-- How a thread is guarded, where that differs from the server's default, and
-- what the host was told last. changes_at is when time alone changes it.
CREATE TABLE guard_threads (
    thread     TEXT    NOT NULL PRIMARY KEY REFERENCES threads (id) ON DELETE CASCADE,
    mode       TEXT    NOT NULL,
    rearm      INTEGER NOT NULL,
    active     INTEGER NOT NULL,
    changes_at BIGINT
);

CREATE INDEX guard_threads_due ON guard_threads (changes_at) WHERE changes_at IS NOT NULL;

CREATE TABLE guard_exceptions (
    thread     TEXT    NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    n          INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    granted_by TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    from_at    BIGINT,
    until_at   BIGINT,
    PRIMARY KEY (thread, n)
);

-- What was found in a text, without the text. The thread need not exist: its
-- title may be what was refused.
CREATE TABLE guard_decisions (
    id           TEXT    NOT NULL PRIMARY KEY,
    thread       TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    at           BIGINT  NOT NULL,
    surface      TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    contested_at BIGINT,
    contested_by TEXT    NOT NULL,
    words        TEXT    NOT NULL,
    decided_at   BIGINT,
    decided_by   TEXT    NOT NULL,
    upheld       INTEGER NOT NULL
);

CREATE INDEX guard_decisions_by_thread ON guard_decisions (thread, id);
CREATE INDEX guard_decisions_by_actor ON guard_decisions (actor);
CREATE INDEX guard_decisions_by_age ON guard_decisions (at);

-- A score is in thousandths.
CREATE TABLE guard_findings (
    decision TEXT    NOT NULL REFERENCES guard_decisions (id) ON DELETE CASCADE,
    n        INTEGER NOT NULL,
    category TEXT    NOT NULL,
    rule     TEXT    NOT NULL,
    score    INTEGER NOT NULL,
    hash     TEXT    NOT NULL,
    preview  TEXT    NOT NULL,
    PRIMARY KEY (decision, n)
);

-- What people wrote, as it was delivered.
CREATE TABLE messages (
    thread    TEXT    NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    id        TEXT    NOT NULL UNIQUE,
    ref       TEXT    NOT NULL,
    interview TEXT    NOT NULL,
    author    TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    text      TEXT    NOT NULL,
    masked    INTEGER NOT NULL,
    reward    INTEGER NOT NULL,
    PRIMARY KEY (thread, n)
);

-- The same message sent twice is one message.
CREATE UNIQUE INDEX messages_by_ref ON messages (thread, author, ref);
CREATE INDEX messages_by_author ON messages (author);
CREATE INDEX messages_by_age ON messages (at);

-- What people reported, with what is known around it.
CREATE TABLE reports (
    id        TEXT   NOT NULL PRIMARY KEY,
    thread    TEXT   NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    interview TEXT   NOT NULL,
    reporter  TEXT   NOT NULL,
    about     TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    words     TEXT   NOT NULL,
    at        BIGINT NOT NULL
);

CREATE INDEX reports_by_interview ON reports (interview, id);
CREATE INDEX reports_by_age ON reports (at);

-- +goose Down
DROP TABLE reports;
DROP TABLE messages;
DROP TABLE guard_findings;
DROP TABLE guard_decisions;
DROP TABLE guard_exceptions;
DROP TABLE guard_threads;
