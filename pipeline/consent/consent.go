// Package consent keeps what each recording rests on, and erases a recording when that ends:
// its sound, words, codings and decisions, its place in the search, its jobs and its key.
// What is left is a proof without a word of it.
package consent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/blob"
)

// DB is a pool, a connection or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// A Consent is what a recording rests on.
type Consent struct {
	Version string     `json:"version"` // of the text that was agreed to
	Given   time.Time  `json:"given"`
	Scope   string     `json:"scope"`           // what was agreed to, as the text calls it
	Until   *time.Time `json:"until,omitempty"` // nil for no end
	Hold    string     `json:"hold,omitempty"`  // why it must not be erased for now
}

const putConsent = `
insert into consent (recording, version, given, scope, until) values ($1, $2, $3, $4, $5)
on conflict (recording) do update set version = excluded.version, given = excluded.given, scope = excluded.scope, until = excluded.until`

// Put notes what a recording rests on. A hold stays.
func Put(ctx context.Context, db DB, recording string, c Consent) error {
	_, err := db.Exec(ctx, putConsent, recording, c.Version, c.Given, c.Scope, c.Until)
	return err
}

// ErrNoConsent says that nothing is noted of what a recording rests on.
var ErrNoConsent = errors.New("no consent is noted for that recording: `lydhor consent ID --version V` notes one")

// Hold keeps a recording from being erased, or lets it go with why "".
func Hold(ctx context.Context, db DB, recording, why string) error {
	tag, err := db.Exec(ctx, `update consent set hold = $2 where recording = $1`, recording, why)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNoConsent
	}
	return err
}

// Of gives what a recording rests on.
func Of(ctx context.Context, db DB, recording string) (*Consent, error) {
	rows, _ := db.Query(ctx, `select version, given, scope, until, hold from consent where recording::text = $1`, recording)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Consent])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoConsent
	}
	return c, err
}

const expired = `
select r.id::text from recording r join project p on p.id = r.project left join consent c on c.recording = r.id
where coalesce(c.hold, '') = '' and coalesce(c.until, (r.received + p.keep_days * interval '1 day')::date) < $1
order by r.received, r.id`

// Expired lists recordings whose consent has ended by then, or where it says no day their
// project's time, and that nothing holds.
func Expired(ctx context.Context, db DB, then time.Time) ([]string, error) {
	rows, _ := db.Query(ctx, expired, then)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// A Proof says what was erased, and nothing of what it was.
type Proof struct {
	Recording string         `json:"recording"`
	Project   string         `json:"project"`
	At        time.Time      `json:"at"`
	Why       string         `json:"why"`
	Rows      map[string]int `json:"rows"` // by table
	Objects   int            `json:"objects"`
	SHA256    string         `json:"sha256"` // of the sound as received
}

// ErrHeld says that a recording must not be erased for now.
var ErrHeld = errors.New("a legal hold keeps it, which `lydhor consent ID --release` ends")

// ErrGone says that there is no such recording, nor a proof that there was.
var ErrGone = errors.New("there is no such recording")

// Erase erases a recording and gives the proof. It may be cut off at any instant and called
// again. Its key goes first, with its rows: from then on the objects, and every backup of
// them, are noise; then the objects go.
func Erase(ctx context.Context, pool *pgxpool.Pool, blobs blob.Store, recording, actor, why string) (*Proof, error) {
	keys, err := blobs.Keys(ctx, recording+"/", time.Now().Add(time.Hour))
	if err != nil {
		return nil, err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return eraseRows(ctx, tx, recording, actor, why, len(keys)) })
	if err != nil && !errors.Is(err, ErrGone) {
		return nil, err
	}
	proof, err := ProofOf(ctx, pool, recording)
	if err != nil {
		return nil, err
	}
	return proof, proof.eraseObjects(ctx, blobs, keys)
}

// eraseObjects leaves the proof in the place of the objects, so that a database that is
// restored from before the erasure can be told of it.
func (p *Proof) eraseObjects(ctx context.Context, blobs blob.Store, keys []string) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := blobs.Put(ctx, blob.Proofs+p.Recording, bytes.NewReader(data)); err != nil {
		return err
	}
	for _, key := range keys {
		if err := blobs.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// EraseAgain erases what a restored backup brought back of a recording that was erased, hold
// or no hold, and keeps the proof that there is. It may be called again.
func EraseAgain(ctx context.Context, pool *pgxpool.Pool, blobs blob.Store, p *Proof, actor string) error {
	keys, err := blobs.Keys(ctx, p.Recording+"/", time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := deleteRows(ctx, tx, p.Recording); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, againProof, p.Recording, p.Project, p.Why, p.Rows, p.Objects, p.SHA256, p.At)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit.AddTx(ctx, tx, audit.Event{Actor: actor, Act: "erase again", Project: p.Project, Subject: p.Recording, Detail: p.Why})
	})
	if err != nil {
		return err
	}
	return p.eraseObjects(ctx, blobs, keys)
}

// Proofs gives all proofs there are, the oldest first.
func Proofs(ctx context.Context, pool *pgxpool.Pool) ([]*Proof, error) {
	rows, _ := pool.Query(ctx, selectProof+`order by at, recording`)
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Proof])
}

// selectTables are the columns that say which recording a row is about: those that refer to it,
// and those of that name that do not, since their rows may be there before the recording.
const selectTables = `
select c.conrelid::regclass::text, quote_ident(a.attname) from pg_constraint c
	join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
where c.contype = 'f' and c.confrelid = 'recording'::regclass
union
select c.oid::regclass::text, 'recording' from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and pg_table_is_visible(c.oid) and a.attname = 'recording' and c.oid <> 'erasure'::regclass
order by 1`

const (
	lockRecording = `
select r.project::text, r.sha256, coalesce(c.hold, '') from recording r left join consent c on c.recording = r.id
where r.id::text = $1 for update of r`
	insertProof = `insert into erasure (recording, project, why, rows, objects, sha256) values ($1, $2, $3, $4, $5, $6)`
	againProof  = `insert into erasure (recording, project, why, rows, objects, sha256, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`
)

// eraseRows deletes what the database has of a recording and leaves the proof.
func eraseRows(ctx context.Context, tx pgx.Tx, recording, actor, why string, objects int) error {
	var project, sum, hold string
	err := tx.QueryRow(ctx, lockRecording, recording).Scan(&project, &sum, &hold)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrGone
	}
	if err != nil {
		return err
	}
	if hold != "" {
		return fmt.Errorf("recording %s: %w: %s", recording, ErrHeld, hold)
	}
	rows, err := deleteRows(ctx, tx, recording)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insertProof, recording, project, why, rows, objects, sum); err != nil {
		return err
	}
	return audit.AddTx(ctx, tx, audit.Event{Actor: actor, Act: "erase", Project: project, Subject: recording, Detail: why})
}

// trainedOn says of a project's model that what it weighs was learned from the recording too.
const trainedOn = `model.weights->'trained'->'conversations' ? $1`

// leaveModels has projects that code by such a model code by the starter's again.
const leaveModels = `
insert into choice (project, what, language, version, by)
select model.project, 'model', model.language, '', 'erasure'
from model join lateral (
	select version from choice where choice.project = model.project and what = 'model' and choice.language = model.language order by id desc limit 1
) present on present.version = model.version
where ` + trainedOn

// deleteRows deletes every row about a recording, of whatever table, the models that learned
// from it, and counts them by table.
func deleteRows(ctx context.Context, tx pgx.Tx, recording string) (map[string]int, error) {
	type column struct{ Table, Name string }
	found, _ := tx.Query(ctx, selectTables)
	columns, err := pgx.CollectRows(found, pgx.RowToStructByPos[column])
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, leaveModels, recording); err != nil {
		return nil, fmt.Errorf("leave models trained on it: %w", err)
	}
	statements := []struct{ table, from string }{
		{"model", `model where ` + trainedOn},
		{"lease", `lease where job in (select id from river_job where args->>'recording' = $1)`},
		{"river_job", `river_job where args->>'recording' = $1`},
	}
	for _, c := range columns {
		statements = append(statements, struct{ table, from string }{c.Table, c.Table + ` where ` + c.Name + ` = $1::uuid`})
	}
	statements = append(statements, struct{ table, from string }{"recording", `recording where id = $1::uuid`})
	rows := map[string]int{}
	for _, s := range statements {
		tag, err := tx.Exec(ctx, `delete from `+s.from, recording)
		if err != nil {
			return nil, fmt.Errorf("erase from %s: %w", s.table, err)
		}
		rows[s.table] += int(tag.RowsAffected())
	}
	return rows, nil
}

const selectProof = `select recording::text, project::text, at, why, rows, objects, sha256 from erasure `

// ProofOf gives the proof that a recording was erased; ErrGone where there is none.
func ProofOf(ctx context.Context, pool *pgxpool.Pool, recording string) (*Proof, error) {
	rows, _ := pool.Query(ctx, selectProof+`where recording::text = $1`, recording)
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Proof])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrGone
	}
	return p, err
}
