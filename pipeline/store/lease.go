package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

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

const expire = `delete from lease where renewed < now() - make_interval(secs => $1) returning job`

// Expire takes away leases that were not renewed for this long and gives their jobs: their
// workers are dead or cut off.
func Expire(ctx context.Context, db DB, after time.Duration) (jobs []int64, err error) {
	rows, _ := db.Query(ctx, expire, after.Seconds())
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
