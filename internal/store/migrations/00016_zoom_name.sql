-- +goose Up

-- The name of who offered or chose Zoom, who may be in no list of people.
ALTER TABLE zoom ADD COLUMN by_name TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE zoom DROP COLUMN by_name;
