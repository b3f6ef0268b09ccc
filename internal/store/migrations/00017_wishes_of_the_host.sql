-- +goose Up

-- The host app's wish, which is about one person alone, beside that person's own,
-- which may be about all of a recording.
CREATE TABLE recording_wishes_by_reason (
    recording TEXT   NOT NULL,
    user_id   TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (recording, user_id, reason)
);

INSERT INTO recording_wishes_by_reason (recording, user_id, reason, at)
    SELECT recording, user_id, 'consent_withdrawn', at FROM recording_wishes;

DROP TABLE recording_wishes;
ALTER TABLE recording_wishes_by_reason RENAME TO recording_wishes;
CREATE INDEX recording_wishes_by_user ON recording_wishes (user_id);

-- +goose Down
CREATE TABLE recording_wishes_of_people (
    recording TEXT   NOT NULL,
    user_id   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (recording, user_id)
);

INSERT INTO recording_wishes_of_people (recording, user_id, at)
    SELECT recording, user_id, at FROM recording_wishes WHERE reason = 'consent_withdrawn';

DROP TABLE recording_wishes;
ALTER TABLE recording_wishes_of_people RENAME TO recording_wishes;
CREATE INDEX recording_wishes_by_user ON recording_wishes (user_id);
