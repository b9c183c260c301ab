package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/seal"
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
