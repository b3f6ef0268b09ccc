-- +goose Up
-- The hash of the last line of a recording's journal: one that was cut shows by it.
ALTER TABLE recordings ADD COLUMN journal_head TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE recordings DROP COLUMN journal_head;
