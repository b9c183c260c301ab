package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// voices says whether a project recognises voices across its recordings, or switches that.
// It is off until somebody switches it on; off forgets every voice.
func (a *app) voices(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("voices", flag.ContinueOnError)
	project := fs.String("project", c.Project, "project that is meant")
	data := folder(fs)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	change := len(rest) == 1 && (rest[0] == "on" || rest[0] == "off")
	if len(rest) > 0 && !change {
		return fmt.Errorf("%w: say on, off, or nothing", errUsage)
	}
	db, id, err := a.projectNamed(ctx, c, *data, *project)
	if err != nil {
		return err
	}
	defer db.Close()
	if change {
		forgotten := 0
		err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
			if forgotten, err = store.RecogniseVoices(ctx, tx, id, rest[0] == "on"); err != nil {
				return err
			}
			return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "voices " + rest[0], Project: id})
		})
		if err != nil {
			return err
		}
		if forgotten > 0 {
			fmt.Fprintf(a.stderr, "forgot %d voices\n", forgotten)
		}
	}
	on, err := store.RecognisesVoices(ctx, db, id)
	if err != nil {
		return err
	}
	state := "off: no voice is kept"
	if on {
		state = "on: voices of recordings that are heard from now on are kept, and proposed again once somebody has named them"
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s\n", *project, state)
	return err
}
