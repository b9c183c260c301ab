package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Object is what the object store must hold of a recording under its id and the name.
type Object struct {
	Recording string `json:"recording"`
	Name      string `json:"name"`
	SHA256    string `json:"sha256"` // before it was sealed
	Bytes     int64  `json:"bytes"`
	Problem   string `json:"problem,omitempty"` // what was wrong when it was last read
}

// Key is the object's in the object store.
func (o Object) Key() string { return o.Recording + "/" + o.Name }

const saveObject = `
insert into object (recording, name, sha256, bytes) select id, $2, $3, $4 from recording where id = $1
on conflict (recording, name) do update set sha256 = excluded.sha256, bytes = excluded.bytes, verified = null, problem = ''`

// SaveObject notes what was put. Of a recording that is erased by now it notes nothing.
func SaveObject(ctx context.Context, db DB, o Object) error {
	_, err := db.Exec(ctx, saveObject, o.Recording, o.Name, o.SHA256, o.Bytes)
	return err
}

const unverified = `
select recording::text, name, sha256, bytes, problem from object
where verified is null or verified not between $1 and now()
order by verified nulls first limit $2`

// Unverified gives some objects that were not read since, first those never read. What was
// read in the future was read before the clock was set back.
func Unverified(ctx context.Context, db DB, since time.Time, most int) ([]Object, error) {
	rows, _ := db.Query(ctx, unverified, since, most)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Object])
}

// SetVerified notes that an object was read, and what was wrong with it.
func SetVerified(ctx context.Context, db DB, o Object) error {
	_, err := db.Exec(ctx, `update object set verified = now(), problem = $3 where recording = $1 and name = $2`, o.Recording, o.Name, o.Problem)
	return err
}

// Damaged gives the objects that something was wrong with when they were last read.
func Damaged(ctx context.Context, db DB) ([]Object, error) {
	rows, _ := db.Query(ctx, `select recording::text, name, sha256, bytes, problem from object where problem <> '' order by recording, name`)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Object])
}

// A Place is where a recording stands, for counting what it takes up.
type Place struct{ Recording, Project, State string }

const places = `
select r.id::text, p.name, case when failed_in is not null then 'failed' when done is not null then 'done' else 'at work' end
from recording r join project p on p.id = project`

// Places gives where every recording stands.
func Places(ctx context.Context, db DB) ([]Place, error) {
	rows, _ := db.Query(ctx, places)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
}
