package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/analysis"
)

// A Codebook is one version of a project's codebook in a language.
type Codebook struct {
	Language string    `json:"language"`
	Version  string    `json:"version"`
	YAML     string    `json:"-"`
	By       string    `json:"by"`
	Made     time.Time `json:"made"`
}

const (
	insertCodebook = `
insert into codebook (project, language, version, yaml, by) values ($1, $2, $3, $4, $5)
on conflict (project, language, version) do nothing`
	sameCodebook = `select yaml = $4 from codebook where project = $1 and language = $2 and version = $3`
)

// UseCodebook adds a codebook to a project and has the project code by it from now on. A
// version stands for one text: another text under a version that the project or the program
// has already is refused.
func UseCodebook(ctx context.Context, db DB, project, yaml, by string) (*analysis.Codebook, error) {
	book, err := analysis.ReadCodebook(strings.NewReader(yaml))
	if err != nil {
		return nil, BadCodebook{err}
	}
	starter, err := analysis.Starter(book.Language)
	if err != nil {
		return nil, BadCodebook{fmt.Errorf("line 1: language is %q: write da or en", book.Language)}
	}
	if book.Version == "" {
		return nil, BadCodebook{fmt.Errorf("version is empty: give this text a version, as 0.2")}
	}
	if book.Version == starter.Book().Version {
		return nil, BadCodebook{taken(book.Version)}
	}
	if _, err := db.Exec(ctx, insertCodebook, project, book.Language, book.Version, yaml, by); err != nil {
		return nil, err
	}
	var same bool
	if err := db.QueryRow(ctx, sameCodebook, project, book.Language, book.Version, yaml).Scan(&same); err != nil {
		return nil, err
	}
	if !same {
		return nil, BadCodebook{taken(book.Version)}
	}
	return book, Choose(ctx, db, project, Choice{What: Codebooks, Language: book.Language, Version: book.Version, By: by})
}

func taken(version string) error {
	return fmt.Errorf("version %s is another text already: give this one a version of its own, and say under changes why", version)
}

// BadCodebook is the error of a codebook that cannot be used: what, where and what to do.
type BadCodebook struct{ Err error }

func (b BadCodebook) Error() string { return b.Err.Error() }

// Unwrap gives what is wrong.
func (b BadCodebook) Unwrap() error { return b.Err }

const selectCodebooks = `
select language, version, yaml, by, made from codebook where project = $1 order by language, made desc, version`

// CodebooksOf lists a project's, by language, the newest first.
func CodebooksOf(ctx context.Context, db DB, project string) ([]Codebook, error) {
	rows, _ := db.Query(ctx, selectCodebooks, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Codebook])
}

// CodebookOf gives the text of one version; ErrNotFound where the project has none such.
func CodebookOf(ctx context.Context, db DB, project, language, version string) (yaml string, err error) {
	err = db.QueryRow(ctx, `select yaml from codebook where project = $1 and language = $2 and version = $3`, project, language, version).Scan(&yaml)
	return yaml, found(err)
}
