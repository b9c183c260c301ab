package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// assign has members of a project code recordings, blind unless said otherwise, or lists how
// far they are.
func (a *app) assign(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("assign", flag.ContinueOnError)
	project := fs.String("project", c.Project, "project of the recordings")
	data := folder(fs)
	to := fs.String("to", "", "who is to code them, as anna,bo")
	sighted := fs.Bool("sighted", false, "they may see the machine's proposals and each other")
	withdraw := fs.Bool("withdraw", false, "take the recordings back that are not handed in")
	ids, err := parse(fs, args)
	if err != nil {
		return err
	}
	if (len(ids) == 0) != (*to == "") {
		return fmt.Errorf("%w: name recordings, and with --to who is to code them; neither to list", errUsage)
	}
	db, in, err := a.projectNamed(ctx, c, *data, *project)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, id := range ids {
		for coder := range strings.SplitSeq(*to, ",") {
			assignment := store.Assignment{Recording: id, Coder: strings.TrimSpace(coder), Blind: !*sighted, By: operator}
			if err := assignOne(ctx, db, in, assignment, *withdraw); err != nil {
				return err
			}
		}
	}
	return a.listAssignments(ctx, db, in)
}

func assignOne(ctx context.Context, db *pgxpool.Pool, project string, as store.Assignment, withdraw bool) error {
	act, err := "assigned", error(nil)
	if withdraw {
		act, err = "assignment withdrawn", store.Withdraw(ctx, db, project, as.Recording, as.Coder)
	} else {
		err = store.Assign(ctx, db, project, as)
	}
	switch {
	case errors.Is(err, store.ErrNotFound) && withdraw:
		return fmt.Errorf("recording %s is not %s's to code, or is handed in", as.Recording, as.Coder)
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("the project has no recording %s: `lydhor status` lists them", as.Recording)
	case errors.Is(err, store.ErrNoCoder):
		return fmt.Errorf("%s: %w: `lydhor account grant %s analyst` lets them", as.Coder, err, as.Coder)
	case err != nil:
		return fmt.Errorf("%s, recording %s: %w", as.Coder, as.Recording, err)
	}
	return audit.Add(ctx, db, audit.Event{Actor: operator, Act: act, Project: project, Subject: as.Recording})
}

func (a *app) listAssignments(ctx context.Context, db *pgxpool.Pool, project string) error {
	list, err := store.Assignments(ctx, db, project)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stderr, "nothing is assigned: `lydhor assign ID --to NAME` does")
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, as := range list {
		how, state := "sighted", fmt.Sprintf("%d decisions", as.Decided)
		if as.Blind {
			how = "blind"
		}
		if as.Done != nil {
			state = "handed in " + as.Done.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", as.Recording, as.Coder, how, state)
	}
	return w.Flush()
}
