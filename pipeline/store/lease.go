package store

import "context"

// Hold says that worker is at work on a job, or still is.
func Hold(ctx context.Context, db DB, job int64, worker string) error {
	_, err := db.Exec(ctx, `insert into lease (job, worker) values ($1, $2)
		on conflict (job) do update set worker = excluded.worker, renewed = now()`, job, worker)
	return err
}

// LetGo says that worker has ended its work on a job. It does nothing where another worker
// has taken it over.
func LetGo(ctx context.Context, db DB, job int64, worker string) error {
	_, err := db.Exec(ctx, `delete from lease where job = $1 and worker = $2`, job, worker)
	return err
}
