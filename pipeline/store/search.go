package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

// A Hit is a turn that was searched for and found.
type Hit struct {
	Recording     string // its id
	Name          string // of the recording's file
	N             int    // the turn's number
	pipeline.Span        // the turn's
	Role          pipeline.Role
	Before, After string // what was said in the turns around it
	Text          []Marked
}

// Marked is a piece of text, and whether it is what was searched for.
type Marked struct {
	Text  string
	Found bool
}

// Of a word that stands in very many turns, only so many are weighed against each other.
const selectHits = `
with asked as (select websearch_to_tsquery('danish', $2) as query),
matching as (
	select t.* from asked, recording r join turn t on t.recording = r.id
	where r.project = $1 and t.stems @@ query limit 2000),
best as (
	select m.*, ts_rank(m.stems, query) as rank from asked, matching m
	order by rank desc, m.recording, m.n limit $3)
select r.id, r.name, b.n, b.start_ms, b.end_ms, b.role, coalesce(before.text, ''), coalesce(after.text, ''),
	ts_headline('danish', translate(b.text, e'\x02\x03', ''), query, e'HighlightAll=true, StartSel=\x02, StopSel=\x03')
from asked, best b join recording r on r.id = b.recording
	left join turn before on before.recording = b.recording and before.n = b.n - 1
	left join turn after on after.recording = b.recording and after.n = b.n + 1
order by b.rank desc, r.received desc, b.n`

// Search finds the turns of a project that words stand in, in any of their Danish forms, the
// best first and most at most. Words are asked for as on the web: "in quotes" together,
// or for either, - for without.
func Search(ctx context.Context, db DB, project, words string, most int) ([]Hit, error) {
	rows, _ := db.Query(ctx, selectHits, project, words, most)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Hit, err error) {
		var start, end int64
		var text string
		err = row.Scan(&h.Recording, &h.Name, &h.N, &start, &end, &h.Role, &h.Before, &h.After, &text)
		h.Span = pipeline.Span{Start: duration(start), End: duration(end)}
		h.Text = marked(text)
		return h, err
	})
}

// marked cuts text at the marks \x02 and \x03 around what was found.
func marked(text string) []Marked {
	var pieces []Marked
	for piece := range strings.SplitSeq(text, "\x02") {
		found, rest, marks := strings.Cut(piece, "\x03")
		if !marks {
			found, rest = "", piece
		}
		if found != "" {
			pieces = append(pieces, Marked{found, true})
		}
		if rest != "" {
			pieces = append(pieces, Marked{rest, false})
		}
	}
	return pieces
}
