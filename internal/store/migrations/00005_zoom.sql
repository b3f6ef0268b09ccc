-- +goose Up

-- Where an interview's meeting in Zoom stands. Interviews without one have no row.
CREATE TABLE zoom (
    interview TEXT   NOT NULL PRIMARY KEY REFERENCES interviews (id) ON DELETE CASCADE,
    state     TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    by_user   TEXT   NOT NULL,
    problem   TEXT   NOT NULL,
    at        BIGINT NOT NULL
);

CREATE INDEX zoom_pending ON zoom (interview) WHERE state = 'pending';

-- The meetings that exist in Zoom, with what lets people in. A row goes when its
-- meeting has been deleted; it outlives its interview until then.
CREATE TABLE zoom_meetings (
    interview  TEXT    NOT NULL PRIMARY KEY,
    number     TEXT    NOT NULL,
    host       TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    passcode   TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    attempts   INTEGER NOT NULL,
    next_at    BIGINT
);

CREATE INDEX zoom_meetings_by_number ON zoom_meetings (number);

-- +goose Down
DROP TABLE zoom_meetings;
DROP TABLE zoom;
