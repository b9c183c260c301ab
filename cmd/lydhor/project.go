package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"time"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// project says how the recordings of a project are kept, or prints it.
func (a *app) project(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("project", flag.ContinueOnError)
	data := fs.String("data", ".data", "folder of up, whose Postgres is asked when none is configured")
	keep := fs.Int("keep", -1, "days after arrival that a recording is erased whose consent says no day; 0 for never")
	quota := fs.Int64("quota", -1, "gigabytes of sound that it may hold; 0 for any amount")
	masked := fs.String("masked", "", "yes: analysts read labels and hear a tone for names; no: they read and hear names")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 || *masked != "" && *masked != "yes" && *masked != "no" {
		return fmt.Errorf("%w: name one project, and say yes or no of --masked", errUsage)
	}
	name := c.Project
	if len(rest) == 1 {
		name = rest[0]
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	id, err := store.Project(ctx, pool, name)
	if err != nil {
		return err
	}
	p, err := store.ProtectionOf(ctx, pool, id)
	if err != nil {
		return err
	}
	before := p
	if *keep >= 0 {
		p.Keep = time.Duration(*keep) * 24 * time.Hour
	}
	if *quota >= 0 {
		p.Quota = *quota * 1e9
	}
	if *masked != "" {
		p.Masked = *masked == "yes"
	}
	said := map[string]any{"project": name, "id": id, "keep_days": int(p.Keep / (24 * time.Hour)), "quota_gb": p.Quota / 1e9, "masked": p.Masked}
	if p != before {
		if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "project set", Project: id,
			Detail: fmt.Sprintf("keep %d days, quota %d GB, masked %t", said["keep_days"], said["quota_gb"], p.Masked)}); err != nil {
			return err
		}
		if err := store.Protect(ctx, pool, id, p); err != nil {
			return err
		}
	}
	return json.NewEncoder(a.stdout).Encode(said)
}
