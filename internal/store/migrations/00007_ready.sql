-- +goose Up
-- Who has said that they are ready for an interview, and when: a JSON list.
ALTER TABLE interviews ADD COLUMN ready TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE interviews DROP COLUMN ready;
