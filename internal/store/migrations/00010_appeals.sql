-- +goose Up

-- An exception that came of an appeal goes with the decision that was contested.
ALTER TABLE guard_exceptions ADD COLUMN decision TEXT REFERENCES guard_decisions (id) ON DELETE CASCADE;

CREATE INDEX guard_exceptions_by_decision ON guard_exceptions (decision);
CREATE INDEX guard_appeals_open ON guard_decisions (id) WHERE contested_at IS NOT NULL AND decided_at IS NULL;
CREATE INDEX guard_appeals_by_person ON guard_decisions (contested_by, contested_at) WHERE contested_at IS NOT NULL;

-- +goose Down
DROP INDEX guard_appeals_by_person;
DROP INDEX guard_appeals_open;
DROP INDEX guard_exceptions_by_decision;
ALTER TABLE guard_exceptions DROP COLUMN decision;
