package store

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/analysis"
)

// A Model is one version of what a project's decisions taught.
type Model struct {
	Language string          `json:"language"`
	Version  string          `json:"version"` // 1, 2, 3, …
	Report   json.RawMessage `json:"report"`
	By       string          `json:"by"`
	Made     time.Time       `json:"made"`
}

// A number is never used again, also when the model went with a recording that it learned from.
const lastVersion = `
select coalesce(max(version::int), 0) from choice where project = $1 and language = $2 and what = 'model' and version <> ''`

// AddModel keeps a model as the project's next version and has the project code by it from
// now on. tx serves it and nobody else at a time.
func AddModel(ctx context.Context, tx pgx.Tx, project string, m *analysis.Model, report any, by string) (version string, err error) {
	if _, err := tx.Exec(ctx, `select from project where id = $1 for update`, project); err != nil {
		return "", err
	}
	var n int
	if err := tx.QueryRow(ctx, lastVersion, project, m.Language).Scan(&n); err != nil {
		return "", err
	}
	version = strconv.Itoa(n + 1)
	if _, err := tx.Exec(ctx, `insert into model (project, language, version, weights, report, by) values ($1, $2, $3, $4, $5, $6)`,
		project, m.Language, version, m, report, by); err != nil {
		return "", err
	}
	return version, Choose(ctx, tx, project, Choice{What: Models, Language: m.Language, Version: version, By: by})
}

const selectModels = `select language, version, report, by, made from model where project = $1 order by language, made desc`

// ModelsOf lists a project's, by language, the newest first.
func ModelsOf(ctx context.Context, db DB, project string) ([]Model, error) {
	rows, _ := db.Query(ctx, selectModels, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Model])
}

// ModelOf gives the weights of one version; ErrNotFound where the project has none such.
func ModelOf(ctx context.Context, db DB, project, language, version string) (*analysis.Model, error) {
	var m *analysis.Model
	err := db.QueryRow(ctx, `select weights from model where project = $1 and language = $2 and version = $3`, project, language, version).Scan(&m)
	return m, found(err)
}
