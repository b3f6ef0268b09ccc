-- +goose Up

-- What a decision let through, a message or an offer of a file, and where in its
-- text something was found: who sends the same again is told the same again.
ALTER TABLE guard_decisions ADD COLUMN passed TEXT NOT NULL DEFAULT '';
ALTER TABLE guard_findings ADD COLUMN from_byte INTEGER NOT NULL DEFAULT 0;
ALTER TABLE guard_findings ADD COLUMN to_byte INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX guard_decisions_by_passed ON guard_decisions (passed) WHERE passed <> '';

-- +goose Down
DROP INDEX guard_decisions_by_passed;
ALTER TABLE guard_findings DROP COLUMN to_byte;
ALTER TABLE guard_findings DROP COLUMN from_byte;
ALTER TABLE guard_decisions DROP COLUMN passed;
