package store

import (
	"context"
	"database/sql"
	"slices"

	"parley/internal/interview"
)

// keepPeople notes who has to do with a thread, so that what is kept about
// somebody is found without reading all of everybody. They stay noted when they
// are no participants any more, until they are erased.
func keepPeople(ctx context.Context, tx *sql.Tx, thread interview.ThreadID, people []interview.UserID) error {
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		if id == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO thread_people (user_id, thread) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			string(id), string(thread)); err != nil {
			return err
		}
	}
	return nil
}

// peopleOf are those who have done something in an interview.
func peopleOf(iv interview.Interview) []interview.UserID {
	people := []interview.UserID{iv.CreatedBy, iv.Zoom.By, iv.Recording.AskedBy}
	for _, s := range iv.Stays {
		people = append(people, s.Participant.ID)
	}
	for _, r := range iv.Readies {
		people = append(people, r.User)
	}
	for _, c := range iv.Recording.Consents {
		people = append(people, c.Participant)
	}
	return people
}
