package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Choice is which codebook or which model a project codes one language by, from when on.
// The newest of each holds.
type Choice struct {
	What     string    `json:"what"` // Codebooks or Models
	Language string    `json:"language"`
	Version  string    `json:"version"` // "" for what comes with the program
	By       string    `json:"by"`
	Made     time.Time `json:"made"`
}

// What a project chooses among versions of.
const (
	Codebooks = "codebook"
	Models    = "model"
)

const selectChoices = `
select distinct on (what, language) what, language, version, by, made
from choice where project = $1 order by what, language, id desc`

// Choices gives those that hold in a project. Where there is none, what comes with the
// program holds.
func Choices(ctx context.Context, db DB, project string) ([]Choice, error) {
	rows, _ := db.Query(ctx, selectChoices, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Choice])
}

// Chosen is the version of what that a project codes a language by, "" for what comes with
// the program.
func Chosen(ctx context.Context, db DB, project, what, language string) (string, error) {
	all, err := Choices(ctx, db, project)
	for _, c := range all {
		if c.What == what && c.Language == language {
			return c.Version, err
		}
	}
	return "", err
}

const insertChoice = `
insert into choice (project, what, language, version, by)
select $1, $2, $3, $4, $5
where $4 = '' or $2 = 'codebook' and exists (select from codebook where project = $1 and language = $3 and version = $4)
	or $2 = 'model' and exists (select from model where project = $1 and language = $3 and version = $4)`

// Choose has a project code a language by another version from now on; ErrNotFound where it
// has none of that name.
func Choose(ctx context.Context, db DB, project string, c Choice) error {
	tag, err := db.Exec(ctx, insertChoice, project, c.What, c.Language, c.Version, c.By)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

// lastChoice tells whether anything was chosen since: choices are only ever added to.
func lastChoice(ctx context.Context, db DB, project string) (id int64, err error) {
	err = db.QueryRow(ctx, `select coalesce(max(id), 0) from choice where project = $1`, project).Scan(&id)
	return id, err
}
