package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// project says how the recordings of a project are kept, or prints it.
func (a *app) project(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("project", flag.ContinueOnError)
	data := folder(fs)
	keep := fs.Int("keep", -1, "days after arrival that a recording is erased whose consent says no day; 0 for never")
	quota := fs.Int64("quota", -1, "gigabytes of sound that it may hold; 0 for any amount")
	masked := fs.String("masked", "", "yes: analysts read labels and hear a tone for names; no: they read and hear names")
	vocabulary := fs.String("vocabulary", "", "file of names, places and offers to expect in its recordings, - for what is typed")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 || *keep < -1 || *quota < -1 || *masked != "" && *masked != "yes" && *masked != "no" {
		return fmt.Errorf("%w: name one project, 0 or more with --keep and --quota, and yes or no with --masked", errUsage)
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
	if *vocabulary != "" {
		if err := a.setVocabulary(ctx, pool, id, *vocabulary); err != nil {
			return err
		}
	}
	words, err := store.Vocabulary(ctx, pool, id)
	if err != nil {
		return err
	}
	said["vocabulary_words"] = len(strings.Fields(words))
	return json.NewEncoder(a.stdout).Encode(said)
}

// setVocabulary reads a project's vocabulary from a file, or from what is typed for "-".
func (a *app) setVocabulary(ctx context.Context, db *pgxpool.Pool, project, file string) error {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(a.stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	if err := store.SetVocabulary(ctx, db, project, string(text)); err != nil {
		return err
	}
	return audit.Add(ctx, db, audit.Event{Actor: operator, Act: "vocabulary set", Project: project})
}
