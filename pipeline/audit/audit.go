// Package audit keeps who did what when, in a log that is only added to: each event carries
// the hash of the one before it, so that none can be changed, taken out or put in between
// without all later hashes changing. Events hold ids, never words, names or titles.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// An Event is something that somebody did.
type Event struct {
	N       int64     `json:"n"` // 1 for the first
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"` // account id, "" where nobody had signed in
	Act     string    `json:"act"`
	Project string    `json:"project,omitempty"` // id
	Subject string    `json:"subject,omitempty"` // what it was done to: an id
	Detail  string    `json:"detail,omitempty"`
	Before  []byte    `json:"before"` // hash of event N-1; 32 zeros for the first
	Hash    []byte    `json:"hash"`
}

// hash is SHA-256 over every field but itself, each text led by its length.
func (e Event) hash() []byte {
	h := sha256.New()
	h.Write(e.Before)
	binary.Write(h, binary.BigEndian, e.N)
	binary.Write(h, binary.BigEndian, e.At.UnixMicro())
	for _, text := range []string{e.Actor, e.Act, e.Project, e.Subject, e.Detail} {
		binary.Write(h, binary.BigEndian, int64(len(text)))
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}

// lock is the advisory lock that one writer at a time holds, so that the chain has no forks.
const lock = 0x61756469 // "audi"

const (
	selectLast  = `select n, hash from audit_event order by n desc limit 1`
	insertEvent = `
insert into audit_event (n, at, actor, act, project, subject, detail, before, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
)

// Add writes an event at the end; of e, the caller says who, what, where and on what.
func Add(ctx context.Context, pool *pgxpool.Pool, e Event) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return AddTx(ctx, tx, e) })
}

// AddTx is Add within a transaction, which holds up all other writers until it ends.
func AddTx(ctx context.Context, tx pgx.Tx, e Event) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, lock); err != nil {
		return err
	}
	e.Before = make([]byte, sha256.Size)
	if err := tx.QueryRow(ctx, selectLast).Scan(&e.N, &e.Before); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	e.N++
	e.At = time.Now().UTC().Truncate(time.Microsecond) // as exact as Postgres is
	_, err := tx.Exec(ctx, insertEvent, e.N, e.At, e.Actor, e.Act, e.Project, e.Subject, e.Detail, e.Before, e.hash())
	return err
}

const seenLately = `
select exists (select from audit_event where actor = $1 and subject = $2 and act = $3 and project = $4 and detail = $5 and at > now() - interval '1 minute')`

// Seen is Add of something that is done over and over, such as reading or hearing: it stands
// once a minute.
func Seen(ctx context.Context, pool *pgxpool.Pool, e Event) error {
	var lately bool
	err := pool.QueryRow(ctx, seenLately, e.Actor, e.Subject, e.Act, e.Project, e.Detail).Scan(&lately)
	if err != nil || lately {
		return err
	}
	return Add(ctx, pool, e)
}

const selectEvents = `select n, at, actor, act, project, subject, detail, before, hash from audit_event where $1 = '' or project = $1 order by n`

// Events gives the log of a project, or all of it for project "", the oldest first.
func Events(ctx context.Context, pool *pgxpool.Pool, project string) iter.Seq2[Event, error] {
	return events(ctx, pool, selectEvents, project)
}

const selectNewest = `
select n, at, actor, act, project, subject, detail, before, hash from audit_event
where project = $1 or project = '' and (actor = any($2) or subject = any($2) or actor = '')
order by n desc limit $3`

// Newest gives the last events of a project, and of its accounts outside of any such as that they signed
// in, and tries to sign in that name no account; the newest first.
func Newest(ctx context.Context, pool *pgxpool.Pool, project string, accounts []string, most int) iter.Seq2[Event, error] {
	return events(ctx, pool, selectNewest, project, accounts, most)
}

func events(ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		rows, _ := pool.Query(ctx, sql, args...)
		defer rows.Close()
		for rows.Next() {
			e, err := pgx.RowToStructByPos[Event](rows)
			if !yield(e, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Event{}, err)
		}
	}
}

// Verify reads the whole log and says how many events it has and the hash of the last, or
// where it was broken. Somebody who can write everything can make a whole new chain: only a
// last hash that was written down elsewhere shows that.
func Verify(ctx context.Context, pool *pgxpool.Pool) (n int64, last []byte, err error) {
	last = make([]byte, sha256.Size)
	for e, err := range Events(ctx, pool, "") {
		if err != nil {
			return n, last, err
		}
		n++
		if e.N != n {
			return n, last, fmt.Errorf("event %d is gone", n)
		}
		if !bytes.Equal(e.Before, last) || !bytes.Equal(e.Hash, e.hash()) {
			return n, last, fmt.Errorf("event %d is not what was written, or the one before it is not", n)
		}
		last = e.Hash
	}
	return n, last, nil
}
