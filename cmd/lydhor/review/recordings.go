package review

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline/exchange"
)

// recordings shows every recording, newest first, and how far each is.
func (s *server) recordings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.filtered(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "recordings", p)
}

// filtered finds the recordings that the reader asked for.
func (s *server) filtered(r *http.Request) (*recordingsPage, error) {
	list, err := s.listed(r)
	if err != nil {
		return nil, err
	}
	p := &recordingsPage{All: len(list), Kind: r.FormValue("kind"), State: r.FormValue("state"), Words: strings.TrimSpace(r.FormValue("q")),
		From: r.FormValue("from"), To: r.FormValue("to"), Formats: exchange.Formats(), Reveals: s.reveals(r)}
	for _, date := range []string{p.From, p.To} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			return nil, problem{status: http.StatusUnprocessableEntity, key: "write the date", args: []any{date}}
		}
	}
	for _, rec := range list {
		if p.wants(rec) {
			p.Recordings = append(p.Recordings, rec)
		}
	}
	return p, nil
}

type recordingsPage struct {
	Recordings         []Recording
	All                int
	Kind, State, Words string // what the reader asked for; empty for all
	From, To           string // the first and last day of the talk
	Formats            []exchange.Format
	Reveals            bool // whether the reader may download without labels
}

// wants reports whether the reader asked for rec: by its kind, its state, its day, and words
// that all stand in its title or in what is said of it.
func (p recordingsPage) wants(rec Recording) bool {
	if p.Kind != "" && p.Kind != string(rec.Kind) || p.State != "" && p.State != string(rec.State) {
		return false
	}
	day := cmp.Or(rec.Meta["date"], rec.Received.Local().Format(time.DateOnly))
	if p.From != "" && day < p.From || p.To != "" && day > p.To {
		return false
	}
	said := strings.ToLower(rec.Title + " " + strings.Join(slices.Collect(maps.Values(rec.Meta)), " "))
	for word := range strings.FieldsSeq(strings.ToLower(p.Words)) {
		if !strings.Contains(said, word) {
			return false
		}
	}
	return true
}

// Busy reports whether anything may change without the reader doing something.
func (p recordingsPage) Busy() bool { return slices.ContainsFunc(p.Recordings, Recording.Busy) }

// Busy reports whether work on the recording waits or goes on.
func (r Recording) Busy() bool { return r.State == Waiting || r.State == Working }

// retry puts a failed recording back in the queue.
func (s *server) retry(w http.ResponseWriter, r *http.Request) error {
	if err := s.Queue.Retry(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
