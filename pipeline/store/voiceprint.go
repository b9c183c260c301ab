package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

// RecognisesVoices reports whether a project keeps voices and recognises them in later
// recordings.
func RecognisesVoices(ctx context.Context, db DB, project string) (on bool, err error) {
	err = db.QueryRow(ctx, `select voices from project where id = $1`, project).Scan(&on)
	return on, found(err)
}

const (
	switchVoices  = `update project set voices = $2 where id = $1`
	forgetVoices  = `delete from voiceprint v using recording r where r.id = v.recording and r.project = $1 and not $2`
	voicesAllowed = `select p.voices from project p join recording r on r.project = p.id where r.id = $1 for share of p`
)

// RecogniseVoices switches that on or off. Off forgets all voices that the project kept.
func RecogniseVoices(ctx context.Context, tx pgx.Tx, project string, on bool) (forgotten int, err error) {
	if _, err := tx.Exec(ctx, switchVoices, project, on); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, forgetVoices, project, on)
	return int(tag.RowsAffected()), err
}

// SaveVoiceprints replaces a recording's voices, in a project that recognises them; in others
// it keeps none.
func SaveVoiceprints(ctx context.Context, tx pgx.Tx, recording string, prints []pipeline.Voiceprint) error {
	var allowed bool
	if err := tx.QueryRow(ctx, voicesAllowed, recording).Scan(&allowed); err != nil || !allowed {
		return found(err)
	}
	if _, err := tx.Exec(ctx, `delete from voiceprint where recording = $1`, recording); err != nil {
		return err
	}
	for _, p := range prints {
		if _, err := tx.Exec(ctx, `insert into voiceprint (recording, speaker, kind, vector, least) values ($1, $2, $3, $4, $5)`,
			recording, p.Speaker, p.Kind, p.Vector, p.Least); err != nil {
			return err
		}
	}
	return nil
}

const selectVoiceprints = `
select v.recording::text, v.speaker, v.kind, v.vector, v.least
from voiceprint v join recording r on r.id = v.recording join project p on p.id = r.project
where r.project = $1 and p.voices order by r.received desc, v.speaker`

// Voiceprints gives all voices that a project keeps, the newest recordings first.
func Voiceprints(ctx context.Context, db DB, project string) ([]pipeline.Voiceprint, error) {
	rows, _ := db.Query(ctx, selectVoiceprints, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[pipeline.Voiceprint])
}

const selectNamings = `
select c.recording::text, c.key, c.change, c.label, c.new, c.undoes
from correction c join recording r on r.id = c.recording
where r.project = $1 and (c.change in ('label', 'role') or c.undoes <> '')
	and exists (select from voiceprint v where v.recording = c.recording)
order by c.id`

// Namings gives, by recording, the corrections that say who speaks in those whose voices the
// project keeps, in the order they were made.
func Namings(ctx context.Context, db DB, project string) (map[string][]pipeline.Correction, error) {
	rows, err := db.Query(ctx, selectNamings, project)
	if err != nil {
		return nil, err
	}
	all := map[string][]pipeline.Correction{}
	var recording string
	var c pipeline.Correction
	_, err = pgx.ForEachRow(rows, []any{&recording, &c.Key, &c.Do, &c.Label, &c.To, &c.Undoes}, func() error {
		all[recording] = append(all[recording], c)
		return nil
	})
	return all, err
}
