-- +goose Up
-- Answers are of a kind each; somebody may give two at the same moment.
CREATE TABLE consents_by_kind (
    recording    TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    interview    TEXT   NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    state        TEXT   NOT NULL,
    text_version TEXT   NOT NULL,
    language     TEXT   NOT NULL,
    PRIMARY KEY (recording, user_id, kind, at)
);
INSERT INTO consents_by_kind (recording, user_id, kind, at, interview, state, text_version, language)
    SELECT recording, user_id, 'recording', at, interview, state, text_version, language FROM consents;
DROP TABLE consents;
ALTER TABLE consents_by_kind RENAME TO consents;
CREATE INDEX consents_by_interview ON consents (interview, at);

-- What has become of a recording's transcripts: empty, queued, ready or failed, and then why.
ALTER TABLE recordings ADD COLUMN transcript TEXT NOT NULL DEFAULT '';
ALTER TABLE recordings ADD COLUMN transcript_problem TEXT NOT NULL DEFAULT '';
CREATE INDEX recordings_to_transcribe ON recordings (ended_at) WHERE transcript IN ('queued', 'failed');

-- +goose Down
DROP INDEX recordings_to_transcribe;
ALTER TABLE recordings DROP COLUMN transcript_problem;
ALTER TABLE recordings DROP COLUMN transcript;
CREATE TABLE consents_of_recording (
    recording    TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    interview    TEXT   NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    state        TEXT   NOT NULL,
    text_version TEXT   NOT NULL,
    language     TEXT   NOT NULL,
    PRIMARY KEY (recording, user_id, at)
);
INSERT INTO consents_of_recording (recording, user_id, at, interview, state, text_version, language)
    SELECT recording, user_id, at, interview, state, text_version, language FROM consents WHERE kind = 'recording';
DROP TABLE consents;
ALTER TABLE consents_of_recording RENAME TO consents;
CREATE INDEX consents_by_interview ON consents (interview, at);
