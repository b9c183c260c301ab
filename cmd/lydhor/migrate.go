package main

import (
	"context"
	"errors"
	"fmt"

	"lydhor/migrations"
	"lydhor/pipeline/store"
)

// migrate brings the database to the newest schema, as serve and work do when they start.
func (a *app) migrate(ctx context.Context, args []string) error {
	if err := noArguments("migrate", args); err != nil {
		return err
	}
	c := a.config()
	if c.DatabaseURL == "" {
		return errors.New("no Postgres is configured: set LYDHOR_DATABASE_URL to where it is")
	}
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	applied, err := migrations.Up(ctx, pool)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d migrations applied\n", applied)
	return nil
}
