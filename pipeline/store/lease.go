package store

import (
	"context"
	"time"
)

// Hold says that worker is at work on a job, or still is.
func Hold(ctx context.Context, db DB, job int64, worker string) error {
	_, err := db.Exec(ctx, `insert into lease (job, worker) values ($1, $2)
		on conflict (job) do update set worker = excluded.worker, renewed = now()`, job, worker)
	return err
}

// JobThere reports whether a job has not been erased.
func JobThere(ctx context.Context, db DB, job int64) (there bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from river_job where id = $1)`, job).Scan(&there)
	return there, err
}

// LetGo says that worker has ended its work on a job. It does nothing where another worker
// has taken it over.
func LetGo(ctx context.Context, db DB, job int64, worker string) error {
	_, err := db.Exec(ctx, `delete from lease where job = $1 and worker = $2`, job, worker)
	return err
}

const dropLeases = `
delete from lease where renewed not between now() - make_interval(secs => $1) and now() + make_interval(secs => $1)
	and not exists (select from river_job where id = job and state = 'running')`

// DropLeases drops leases that nobody renewed for that long and whose jobs do not run:
// those of workers that died, or could not reach the database when they let go.
func DropLeases(ctx context.Context, db DB, silent time.Duration) error {
	_, err := db.Exec(ctx, dropLeases, silent.Seconds())
	return err
}
