package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/seal"
	"lydhor/pipeline/store"
)

// keys makes a master key, or seals the keys of recordings with the newest one.
func (a *app) keys(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("keys", flag.ContinueOnError)
	data := folder(fs)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "new" && rest[0] != "rotate" {
		return fmt.Errorf("%w: say new or rotate", errUsage)
	}
	if rest[0] == "new" {
		key, err := seal.NewMaster()
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, key)
		fmt.Fprintln(a.stderr, "put it first in the file that LYDHOR_MASTER_KEY_FILE names, and a copy in a safe: without it no sound can be heard")
		return nil
	}
	c := a.over(*data).config()
	master, err := c.master()
	if err != nil {
		return err
	}
	if master == nil {
		return errors.New("no master key is configured: set LYDHOR_MASTER_KEY_FILE, LYDHOR_MASTER_KEY or LYDHOR_MASTER_KEY_COMMAND")
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	n, err := seal.Stored{Pool: pool, Master: master}.Rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d keys are sealed anew; the older master keys are no longer needed\n", n)
	return audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "master key rotated", Detail: fmt.Sprint(n)})
}

// masters are the names of the master keys that recordings' keys are sealed with.
func masters(ctx context.Context, db store.DB) ([]string, error) {
	rows, _ := db.Query(ctx, `select distinct master from sealing_key order by master`)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// opens wants the master keys of those names among the configured ones.
func (c *config) opens(masters []string) error {
	master, err := c.master()
	if err != nil {
		return err
	}
	for _, needed := range masters {
		if !master.Opens(needed) {
			return fmt.Errorf("sound is sealed with the master key of %s, which is not configured here: bring the file of LYDHOR_MASTER_KEY_FILE from a machine that has it", needed)
		}
	}
	return nil
}

// fits wants a master key that opens recordings of the database, where there are any: without
// one no process can do its work.
func (c *config) fits(ctx context.Context, db store.DB) error {
	needed, err := masters(ctx, db)
	if err != nil {
		return err
	}
	for _, name := range needed {
		if c.opens([]string{name}) == nil {
			return nil
		}
	}
	return c.opens(needed)
}
