-- +goose Up

-- Who was promised that a recording, or what is of them in it, is destroyed. The
-- row goes when that is done. The recording need not be on file yet.
CREATE TABLE recording_wishes (
    recording TEXT   NOT NULL,
    user_id   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (recording, user_id)
);

CREATE INDEX recording_wishes_by_user ON recording_wishes (user_id);

-- +goose Down
DROP TABLE recording_wishes;
