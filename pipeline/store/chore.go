package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// A clock that was set back must not put a chore off: what was done in the future is due.
const claimChore = `
insert into chore (name) values ($1)
on conflict (name) do update set done = now() where chore.done not between now() - make_interval(secs => $2) and now()
returning true`

// Claim reports whether a chore is the caller's to do: it is when nobody did it within the
// time that must lie between. Others wait until the transaction ends.
func Claim(ctx context.Context, tx pgx.Tx, name string, between time.Duration) (mine bool, err error) {
	err = tx.QueryRow(ctx, claimChore, name, between.Seconds()).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return mine, err
}
