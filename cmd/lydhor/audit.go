package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// audit checks the log of who did what, or prints that of a project, a JSON object a line.
func (a *app) audit(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("audit", flag.ContinueOnError)
	data := folder(fs)
	name := fs.String("project", "", "project whose events export prints; all without it")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "verify" && rest[0] != "export" {
		return fmt.Errorf("%w: say verify or export", errUsage)
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	if rest[0] == "verify" {
		n, last, err := audit.Verify(ctx, pool)
		if err != nil {
			return fmt.Errorf("the log does not hold: %w", err)
		}
		fmt.Fprintf(a.stdout, "%d events hold; the last is %x\n", n, last)
		return nil
	}
	project := ""
	if *name != "" {
		if project, err = store.ProjectNamed(ctx, pool, *name); err != nil {
			return noProject(*name, err)
		}
	}
	out := json.NewEncoder(a.stdout)
	for e, err := range audit.Events(ctx, pool, project) {
		if err != nil {
			return err
		}
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
