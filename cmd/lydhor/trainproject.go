package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/analysis"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// A school is a project whose decisions its model learns from.
type school struct {
	*app
	db       *pgxpool.Pool
	project  string
	language string
}

// trainProject adapts the starter's model to what a project's analysts decided, and keeps it
// when it does better than the present one on conversations that neither learned from. It
// prints the figures of both.
func (s school) trainProject(ctx context.Context, asJSON bool) error {
	coders, err := store.NewCoders(s.db)
	if err != nil {
		return err
	}
	coding, err := coders.Of(ctx, s.project)
	if err != nil {
		return err
	}
	present := coding.Starters[s.language]
	starter, err := analysis.Starter(s.language)
	if err != nil {
		return err
	}
	lessons, err := store.Lessons(ctx, s.db, coders, s.project, s.language)
	if err != nil {
		return err
	}
	learned, err := present.With(starter.Model()).Learn(lessons, present)
	if err != nil {
		return fmt.Errorf("%d decided conversations in %s: %w", len(lessons), s.language, err)
	}
	version := ""
	if learned.Better {
		err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
			if version, err = store.AddModel(ctx, tx, s.project, learned.Model, learned, operator); err != nil {
				return err
			}
			return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "model used", Project: s.project, Detail: version})
		})
		if err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(s.stdout, struct {
			*analysis.Learned
			Version string `json:"version,omitempty"` // under which it is kept
		}{learned, version})
	}
	return s.report(learned, version)
}

func (s school) report(l *analysis.Learned, version string) error {
	fmt.Fprintf(s.stdout, "%d conversations with decisions on %d turns; compared on %d that neither model learned from, %d turns, %d of them citizen meaning\n",
		l.Lessons, l.Turns, l.Fresh, l.Present.Turns, l.Present.There)
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tpresent\tlearned\t")
	fmt.Fprintf(w, "citizen meaning, F1\t%.3f\t%.3f\t\n", l.Present.F1(), l.New.F1())
	fmt.Fprintf(w, "mean log loss\t%.3f\t%.3f\t\n", l.Present.MeanLoss(), l.New.MeanLoss())
	fmt.Fprintf(w, "outcomes as people, two-way\t%d of %d\t%d of %d\t\n", l.Present.AsPeople, l.Present.Outcomes, l.New.AsPeople, l.New.Outcomes)
	if err := w.Flush(); err != nil {
		return err
	}
	if version == "" {
		fmt.Fprintln(s.stdout, "not kept: it is not better in all three")
		return nil
	}
	fmt.Fprintf(s.stdout, "kept as version %s, which new recordings are coded by; `lydhor analyse --project` codes the earlier ones again, `lydhor train --project --back` takes it back\n", version)
	return nil
}

// back has the project code by the version before the present one, the starter's before the
// first; or by the version named.
func (s school) back(ctx context.Context, version string) error {
	present, err := store.Chosen(ctx, s.db, s.project, store.Models, s.language)
	if err != nil {
		return err
	}
	if version == "" {
		n, _ := strconv.Atoi(present)
		if n < 1 {
			return errors.New("the starter's model is in use: there is none before it")
		}
		if n > 1 {
			version = strconv.Itoa(n - 1)
		}
	}
	if version == starterName {
		version = ""
	}
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := store.Choose(ctx, tx, s.project, store.Choice{What: store.Models, Language: s.language, Version: version, By: operator}); err != nil {
			return err
		}
		return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "model used", Project: s.project, Detail: version})
	})
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("the project has no model version %q: `lydhor train --project --list` names them", version)
	}
	if err != nil {
		return err
	}
	return s.list(ctx)
}

// list prints the versions there are, and which is in use.
func (s school) list(ctx context.Context) error {
	models, err := store.ModelsOf(ctx, s.db, s.project)
	if err != nil {
		return err
	}
	chosen, err := store.Chosen(ctx, s.db, s.project, store.Models, s.language)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for _, m := range models {
		if m.Language == s.language {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Language, m.Version, m.By, m.Made.Local().Format(time.DateTime), inUse(m.Version == chosen))
		}
	}
	fmt.Fprintf(w, "%s\t%s\t\t\t%s\n", s.language, starterName, inUse(chosen == ""))
	return w.Flush()
}
