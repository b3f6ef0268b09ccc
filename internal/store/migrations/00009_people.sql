-- +goose Up

-- Who was ever a participant of a thread, or did something in one of its
-- interviews: what is kept about somebody is found by it when they are erased.
CREATE TABLE thread_people (
    user_id TEXT NOT NULL,
    thread  TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, thread)
);

CREATE INDEX thread_people_by_thread ON thread_people (thread);

INSERT INTO thread_people (user_id, thread)
SELECT user_id, thread FROM thread_participants
UNION SELECT created_by, thread FROM interviews WHERE created_by <> ''
UNION SELECT s.user_id, i.thread FROM stays s JOIN interviews i ON i.id = s.interview
UNION SELECT c.user_id, i.thread FROM consents c JOIN interviews i ON i.id = c.interview
UNION SELECT z.by_user, i.thread FROM zoom z JOIN interviews i ON i.id = z.interview WHERE z.by_user <> ''
UNION SELECT r.asked_by, i.thread FROM recordings r JOIN interviews i ON i.id = r.interview WHERE r.asked_by <> ''
UNION SELECT json_extract(one.value, '$.user'), i.thread FROM interviews i, json_each(i.ready) one
UNION SELECT made_by, thread FROM proposals
UNION SELECT author, thread FROM messages
UNION SELECT reporter, thread FROM reports
UNION SELECT about, thread FROM reports WHERE about <> '';

CREATE INDEX webhook_messages_by_subject ON webhook_messages (subject);
CREATE INDEX recordings_by_deleter ON recordings (deleted_by) WHERE deleted_by <> '';
CREATE INDEX recording_views_by_viewer ON recording_views (user_id);

-- +goose Down
DROP INDEX recording_views_by_viewer;
DROP INDEX recordings_by_deleter;
DROP INDEX webhook_messages_by_subject;
DROP TABLE thread_people;
