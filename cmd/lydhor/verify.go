package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"

	"lydhor/pipeline/store"
	"lydhor/workers"
)

// verify reads objects whole and compares them with what was put, as workers do of some every
// day, and lists the damaged ones.
func (a *app) verify(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	all := fs.Bool("all", false, "read them all, not only those that were not read for 30 days")
	data := folder(fs)
	asJSON := fs.Bool("json", false, "print JSON")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	s, err := a.service(ctx, a.over(*data).config())
	if err != nil {
		return err
	}
	defer s.close()
	within := workers.VerifyWithin
	if *all {
		within = 0
	}
	read := 0
	if err := workers.Verify(ctx, s.pool, s.blobs, within, func(store.Object) bool { read++; return true }); err != nil {
		return err
	}
	damaged, err := store.Damaged(ctx, s.pool)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(a.stdout).Encode(map[string]any{"read": read, "damaged": damaged})
	} else {
		for _, o := range damaged {
			fmt.Fprintf(a.stdout, "%s %s\n", o.Key(), o.Problem)
		}
		_, err = fmt.Fprintf(a.stdout, "%d objects read\n", read)
	}
	if err == nil && len(damaged) > 0 {
		err = fmt.Errorf("%d objects are damaged: take them from a backup, as docs/ops.md says", len(damaged))
	}
	return err
}
