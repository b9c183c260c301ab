package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/analysis"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// codebook reads a codebook a researcher edited, says what is wrong with it by line, runs its
// examples, shows what the edit changes, and has a project code by it.
func (a *app) codebook(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("codebook", flag.ContinueOnError)
	project := fs.String("project", "", "project whose codebooks or coded turns are meant")
	data := folder(fs)
	asJSON := fs.Bool("json", false, "print what diff finds as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return fmt.Errorf("%w: say what to do", errUsage)
	}
	what, rest := rest[0], rest[1:]
	switch {
	case (what == "check" || what == "test") && len(rest) == 1:
		return a.checkCodebook(rest[0], what == "test")
	case what == "diff" && len(rest) >= 2 && *project == "":
		return a.diffCodebooks(ctx, nil, "", rest, *asJSON)
	case what == "diff" && len(rest) == 2, what == "use" && len(rest) == 1, what == "back" && len(rest) <= 2, what == "list" && len(rest) == 0:
	default:
		return fmt.Errorf("%w: it does not know how to %s with %d arguments", errUsage, what, len(rest))
	}
	db, id, err := a.projectNamed(ctx, c, *data, cmp.Or(*project, c.Project))
	if err != nil {
		return err
	}
	defer db.Close()
	switch what {
	case "diff":
		return a.diffCodebooks(ctx, db, id, rest, *asJSON)
	case "use":
		return a.useCodebook(ctx, db, id, rest[0])
	case "back":
		return a.backToCodebook(ctx, db, id, rest)
	}
	return a.listCodebooks(ctx, db, id)
}

// projectNamed opens the database and gives the id of a project there is.
func (a *app) projectNamed(ctx context.Context, c *config, data, name string) (*pgxpool.Pool, string, error) {
	db, err := a.database(ctx, c, data)
	if err != nil {
		return nil, "", err
	}
	id, err := store.ProjectNamed(ctx, db, name)
	if err != nil {
		db.Close()
		return nil, "", noProject(name, err)
	}
	return db, id, nil
}

// noProject says what to do about the error of looking for a project by name.
func noProject(name string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no project %q: `lydhor account list` names those with members", name)
	}
	return err
}

func (a *app) checkCodebook(file string, examples bool) error {
	coder, err := openCoder(file, "")
	if err != nil {
		return err
	}
	book := coder.Book()
	fmt.Fprintf(a.stdout, "%s: version %s, %d codes, %d outcomes\n", file, book.Version, len(book.Codes), len(book.Outcomes))
	if !examples {
		return nil
	}
	tried, failed := coder.TryExamples()
	for _, f := range failed {
		was := "suggested, and is a negative example"
		if f.Positive {
			was = "not suggested"
		}
		fmt.Fprintf(a.stdout, "%s: %s: %s / %s\n", f.Entry, was, f.Example.Citizen, f.Example.Professional)
	}
	fmt.Fprintf(a.stdout, "%d of %d examples come out as they should\n", tried-len(failed), tried)
	if len(failed) > 0 {
		return fmt.Errorf("%d examples fail", len(failed))
	}
	return nil
}

// useCodebook has a project code by the codebook in a file.
func (a *app) useCodebook(ctx context.Context, db *pgxpool.Pool, project, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var book *analysis.Codebook
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if book, err = store.UseCodebook(ctx, tx, project, string(text), operator); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "codebook used", Project: project})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "new recordings are coded by version %s (%s); `lydhor analyse --project` codes the earlier ones again\n", book.Version, book.Language)
	return nil
}

// backToCodebook has a project code by an earlier version again: the one named, or the
// program's own.
func (a *app) backToCodebook(ctx context.Context, db *pgxpool.Pool, project string, names []string) error {
	choice := store.Choice{What: store.Codebooks, Language: "da", By: operator}
	for _, name := range names {
		switch name {
		case "da", "en":
			choice.Language = name
		case starterName:
		default:
			choice.Version = name
		}
	}
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if err := store.Choose(ctx, tx, project, choice); err != nil {
			return err
		}
		return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "codebook used", Project: project})
	})
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("the project has no version %q in %s: `lydhor codebook list` names them", choice.Version, choice.Language)
	}
	if err == nil {
		fmt.Fprintf(a.stdout, "new recordings are coded by version %s (%s)\n", cmp.Or(choice.Version, starterName), choice.Language)
	}
	return err
}

// starterName names what comes with the program, beside a project's own versions.
const starterName = "starter"

func (a *app) listCodebooks(ctx context.Context, db *pgxpool.Pool, project string) error {
	books, err := store.CodebooksOf(ctx, db, project)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, language := range []string{"da", "en"} {
		chosen, err := store.Chosen(ctx, db, project, store.Codebooks, language)
		if err != nil {
			return err
		}
		for _, b := range books {
			if b.Language == language {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", language, b.Version, b.By, b.Made.Local().Format(time.DateTime), inUse(b.Version == chosen))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t\t\t%s\n", language, starterName, inUse(chosen == ""))
	}
	return w.Flush()
}

func inUse(is bool) string {
	if is {
		return "in use"
	}
	return ""
}

// bookNamed opens the codebook that a name means: a file, the starter, or a version of the
// project's.
func bookNamed(ctx context.Context, db *pgxpool.Pool, project, name string) (*analysis.Codebook, error) {
	if _, err := os.Stat(name); err == nil || db == nil && name != starterName {
		coder, err := openCoder(name, "")
		if err != nil {
			return nil, err
		}
		return coder.Book(), nil
	}
	if name == starterName {
		coder, err := analysis.Starter("da")
		if err != nil {
			return nil, err
		}
		return coder.Book(), nil
	}
	for _, language := range []string{"da", "en"} {
		text, err := store.CodebookOf(ctx, db, project, language, name)
		if err == nil {
			return analysis.ReadCodebook(strings.NewReader(text))
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s is neither a file nor a version of the project's: `lydhor codebook list` names those", name)
}
