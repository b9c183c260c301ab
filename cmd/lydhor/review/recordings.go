package review

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline/exchange"
	"lydhor/pipeline/store"
)

// recordings shows every recording, newest first, and how far each is.
func (s *server) recordings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.filtered(r)
	if err != nil {
		return err
	}
	if err := s.doubted(r, p); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Problem != nil {
		status = p.Problem.status
	}
	return s.render(w, r, status, "recordings", p)
}

// filtered finds the recordings that the reader asked for.
func (s *server) filtered(r *http.Request) (*recordingsPage, error) {
	list, err := s.listed(r)
	if err != nil {
		return nil, err
	}
	p := &recordingsPage{All: len(list), Kind: r.FormValue("kind"), State: r.FormValue("state"), Words: strings.TrimSpace(r.FormValue("q")),
		From: r.FormValue("from"), To: r.FormValue("to"), Place: r.FormValue("place"), Tag: r.FormValue("tag"), Case: r.FormValue("case"),
		Said: saidOf(list), Project: s.Project, Formats: exchange.Formats(), Reveals: s.reveals(r)}
	if s.Settings != nil {
		p.Settings = s.Settings(r)
	}
	p.Problem = p.wrong()
	for _, rec := range list {
		if p.Problem == nil && p.wants(rec) {
			p.Recordings = append(p.Recordings, rec)
		}
	}
	return p, nil
}

// wrong is what is wrong with what the reader asked for.
func (p *recordingsPage) wrong() *problem {
	var bad problem
	for _, date := range []string{p.From, p.To} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			bad = unfit("write the date", brief(date))
			return &bad
		}
	}
	if p.From != "" && p.To != "" && p.To < p.From {
		bad = unfit("to before from", p.To, p.From)
		return &bad
	}
	return nil
}

// unsureFirst is the order that begins where the machine is least sure, since decisions there
// teach it most.
const unsureFirst = "unsure"

// doubted adds how unsure the machine is of each recording, and sorts by it where the reader
// asked for that.
func (s *server) doubted(r *http.Request, p *recordingsPage) error {
	p.Codes, p.Order = s.Coding != nil, r.FormValue("order")
	if !p.Codes || p.Order != unsureFirst {
		return nil
	}
	doubts, err := s.Coding.Doubts(r.Context())
	if err != nil {
		return err
	}
	p.doubts = map[string]store.Doubt{}
	for _, d := range doubts {
		p.doubts[d.Recording] = d
	}
	slices.SortStableFunc(p.Recordings, func(a, b Recording) int { return -cmp.Compare(p.doubts[a.ID].Mean, p.doubts[b.ID].Mean) })
	return nil
}

// Doubt is how unsure the machine is of a recording; no flags where it was not asked for or
// there is nothing left to decide.
func (p *recordingsPage) Doubt(id string) store.Doubt { return p.doubts[id] }

type recordingsPage struct {
	Recordings         []Recording
	All                int
	Kind, State, Words string // what the reader asked for; empty for all
	From, To           string // the first and last day of the talk
	Place, Tag, Case   string
	Said               said
	Project            string // its name
	Formats            []exchange.Format
	Codes              bool // whether recordings are assigned here
	Order              string
	doubts             map[string]store.Doubt
	Reveals            bool // whether the reader may download without labels
	Problem            *problem
	Settings           string // address of the project's settings, empty for none
}

// said is what was ever said of the recordings, each thing once and sorted: to choose from.
type said struct{ Places, Cases, Tags []string }

func saidOf(list []Recording) said {
	places, cases, tags := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, rec := range list {
		places[rec.Meta["place"]], cases[rec.Meta["case"]] = true, true
		for _, tag := range rec.Tags() {
			tags[tag] = true
		}
	}
	sorted := func(set map[string]bool) []string {
		delete(set, "")
		return slices.Sorted(maps.Keys(set))
	}
	return said{sorted(places), sorted(cases), sorted(tags)}
}

// Tags are the recording's, one by one: they are written with commas between them.
func (r Recording) Tags() []string {
	var tags []string
	for tag := range strings.SplitSeq(r.Meta["tags"], ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// Day is the day of the talk, or else the day it was received.
func (r Recording) Day() string {
	return cmp.Or(r.Meta["date"], r.Received.Local().Format(time.DateOnly))
}

// wants reports whether the reader asked for rec: by its kind, state, place, case, tag and
// day, and words that all stand in its title or in what is said of it.
func (p recordingsPage) wants(rec Recording) bool {
	if p.Kind != "" && p.Kind != string(rec.Kind) || p.State != "" && p.State != string(rec.State) {
		return false
	}
	if p.Place != "" && p.Place != rec.Meta["place"] || p.Case != "" && p.Case != rec.Meta["case"] || p.Tag != "" && !slices.Contains(rec.Tags(), p.Tag) {
		return false
	}
	day := rec.Day()
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
	id := r.PathValue("id")
	err := s.Queue.Retry(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		if _, gone := s.Library.Recording(r.Context(), id); gone == nil {
			err = outdated("nothing to retry", "")
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
