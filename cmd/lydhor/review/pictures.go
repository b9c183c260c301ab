package review

import (
	"cmp"
	"encoding/csv"
	"math"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"lydhor/pipeline"
)

// MinimumGroup is how many conversations a figure over several of them takes at least, where
// nothing else is configured.
const MinimumGroup = 5

// pictures shows what can be drawn of a whole project: sequences by outcome over time, and the
// themes of its FLIPs. Groups are stretches of time alone, each of at least the minimum size:
// nothing is added up over a person, a team or a municipality.
func (s *server) pictures(w http.ResponseWriter, r *http.Request) error {
	outcomes, err := s.outcomesOver(r)
	if err != nil {
		return err
	}
	themes, err := s.themesOver(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "pictures", picturesPage{s.Project, s.minimum(), outcomes, themes})
}

type picturesPage struct {
	Project  string
	Minimum  int
	Outcomes *outcomesPicture // nil while there are too few conversations
	Themes   *themesPicture   // nil while there are too few FLIPs
}

func (s *server) minimum() int {
	if s.Minimum > 0 {
		return s.Minimum
	}
	return MinimumGroup
}

// projectPicture gives one of them as a file: an SVG, or the data behind it as CSV.
func (s *server) projectPicture(w http.ResponseWriter, r *http.Request) error {
	switch r.PathValue("file") {
	case "outcomes.svg", "outcomes.csv":
		p, err := s.outcomesOver(r)
		if err != nil {
			return err
		}
		if p == nil {
			return problem{status: http.StatusNotFound, key: "too few", args: []any{s.minimum()}}
		}
		return s.drawn(w, r, "outcomes-picture", p, p.table())
	case "themes.svg", "themes.csv":
		p, err := s.themesOver(r)
		if err != nil {
			return err
		}
		if p == nil {
			return problem{status: http.StatusNotFound, key: "too few flips", args: []any{s.minimum()}}
		}
		return s.drawn(w, r, "themes-picture", p, p.table())
	}
	return errNotFound
}

// themes gives the themes of one FLIP or meeting as it goes on, as an SVG or as CSV.
func (s *server) themes(w http.ResponseWriter, r *http.Request) error {
	t, err := s.shown(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := themesOf(newConversation(t, nil))
	return s.drawn(w, r, "themes-picture", p, p.table())
}

// drawn writes a picture, or its table where the address ends in .csv.
func (s *server) drawn(w http.ResponseWriter, r *http.Request, template string, picture any, table [][]string) error {
	if path.Ext(r.URL.Path) == ".csv" {
		a := newAnswer(w, r, http.StatusOK, "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", "attachment")
		return a.end(csv.NewWriter(a).WriteAll(table))
	}
	a := newAnswer(w, r, http.StatusOK, "image/svg+xml")
	return a.end(s.pages[languageOf(r)].ExecuteTemplate(a, template, picture))
}

// A period is a stretch of time with the sequences of the conversations held in it.
type period struct {
	From, To      string // months, as 2026-11
	Conversations int
	Decided       int // sequences that people have decided
	Counts        map[pipeline.Outcome]int
}

// Sequences is how many there are.
func (p period) Sequences() (n int) {
	for _, count := range p.Counts {
		n += count
	}
	return n
}

func (p *period) add(other period) {
	p.To = other.To
	p.Conversations += other.Conversations
	p.Decided += other.Decided
	for o, n := range other.Counts {
		p.Counts[o] += n
	}
}

// periods joins conversations, each given as a period of its month and sorted by it, into the
// shortest stretches of whole months with at least minimum conversations; what is left at the
// end joins the last. It gives none where there are fewer.
func periods(talks []period, minimum int) []period {
	var list []period
	for _, talk := range talks {
		if n := len(list); n > 0 && (list[n-1].To == talk.To || list[n-1].Conversations < minimum) {
			list[n-1].add(talk)
			continue
		}
		fresh := period{From: talk.From, Counts: map[pipeline.Outcome]int{}}
		fresh.add(talk)
		list = append(list, fresh)
	}
	if n := len(list); n > 1 && list[n-1].Conversations < minimum {
		list[n-2].add(list[n-1])
		list = list[:n-1]
	}
	if len(list) == 1 && list[0].Conversations < minimum {
		return nil
	}
	return list
}

// outcomesOver counts the project's sequences by outcome: as people settled them, else as the
// machine proposes.
func (s *server) outcomesOver(r *http.Request) (*outcomesPicture, error) {
	list, err := s.Library.Recordings(r.Context())
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(rec Recording) bool { return rec.Kind != pipeline.Conversation || rec.State != Done })
	if len(list) < s.minimum() {
		return nil, nil
	}
	slices.SortFunc(list, byDay)
	var talks []period
	for _, rec := range list {
		t, err := s.transcript(r.Context(), rec.ID)
		if err != nil {
			return nil, err
		}
		made, err := s.Decisions.Decisions(r.Context(), rec.ID, "")
		if err != nil {
			return nil, err
		}
		talks = append(talks, counted(rec, newConversation(t, pipeline.Settled(t, made))))
	}
	return &outcomesPicture{Title: s.Project, Periods: periods(talks, s.minimum())}, nil
}

// counted is one conversation, as a period.
func counted(rec Recording, c *conversation) period {
	month := rec.Day()[:len("2006-01")]
	p := period{From: month, To: month, Conversations: 1, Decided: c.Decided(), Counts: map[pipeline.Outcome]int{}}
	for _, f := range c.Flags {
		if f.Outcome != "" && (f.Decision == nil || f.Decision.Meaning) {
			p.Counts[f.Outcome]++
		}
	}
	return p
}

func byDay(a, b Recording) int {
	return cmp.Or(cmp.Compare(a.Day(), b.Day()), a.Received.Compare(b.Received))
}

// An outcomesPicture shows sequences by outcome over time, a bar for each period.
type outcomesPicture struct {
	Title   string
	Periods []period
}

func (p *outcomesPicture) table() [][]string {
	head := []string{"from", "to", "conversations", "sequences", "decided_by_people"}
	for _, o := range pipeline.Outcomes {
		head = append(head, string(o))
	}
	rows := [][]string{head}
	for _, in := range p.Periods {
		row := []string{in.From, in.To, strconv.Itoa(in.Conversations), strconv.Itoa(in.Sequences()), strconv.Itoa(in.Decided)}
		for _, o := range pipeline.Outcomes {
			row = append(row, strconv.Itoa(in.Counts[o]))
		}
		rows = append(rows, row)
	}
	return rows
}

// A part is one outcome's share of a bar.
type part struct {
	pipeline.Outcome
	N        int
	X, Width float64
}

// Bars gives the parts of each period's bar: all bars have one scale.
func (p *outcomesPicture) Bars() [][]part {
	most := 1
	for _, in := range p.Periods {
		most = max(most, in.Sequences())
	}
	var bars [][]part
	for _, in := range p.Periods {
		var bar []part
		x := 0.0
		for _, o := range pipeline.Outcomes {
			if n := in.Counts[o]; n > 0 {
				width := barsWidth * float64(n) / float64(most)
				bar = append(bar, part{o, n, barsLeft + x, width})
				x += width
			}
		}
		bars = append(bars, bar)
	}
	return bars
}

// The bars' place on the paper.
const (
	barsLeft  = 300
	barsWidth = 660
)

// A themesPicture shows how many turns touch each theme in each column: a FLIP, or a stretch
// of one. It knows no speakers.
type themesPicture struct {
	Title   string
	Columns []string
	Rows    []themeRow
}

type themeRow struct {
	ID     string
	Counts []int
}

// themesOver counts the themes of each of the project's FLIPs.
func (s *server) themesOver(r *http.Request) (*themesPicture, error) {
	list, err := s.Library.Recordings(r.Context())
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(rec Recording) bool { return rec.Kind != pipeline.FLIP || rec.State != Done })
	if len(list) < s.minimum() {
		return nil, nil
	}
	slices.SortFunc(list, byDay)
	p := &themesPicture{Title: s.Project}
	for i, rec := range list {
		t, err := s.transcript(r.Context(), rec.ID)
		if err != nil {
			return nil, err
		}
		p.Columns = append(p.Columns, rec.Day())
		for _, heard := range t.Themes {
			p.count(i, heard.Themes)
		}
	}
	return p.filled(), nil
}

// themeColumns is how many stretches one FLIP's picture has.
const themeColumns = 12

// themesOf counts the themes of one recording as it goes on.
func themesOf(c *conversation) *themesPicture {
	p := &themesPicture{Title: c.Title}
	for i := range themeColumns {
		p.Columns = append(p.Columns, clock(c.Length*time.Duration(i)/themeColumns))
	}
	for _, t := range c.Turns {
		p.count(min(int(t.Start*themeColumns/max(c.Length, 1)), themeColumns-1), t.Themes)
	}
	return p.filled()
}

func (p *themesPicture) count(column int, themes []string) {
	for _, id := range themes {
		i := slices.IndexFunc(p.Rows, func(row themeRow) bool { return row.ID == id })
		if i < 0 {
			i = len(p.Rows)
			p.Rows = append(p.Rows, themeRow{ID: id})
		}
		for len(p.Rows[i].Counts) <= column {
			p.Rows[i].Counts = append(p.Rows[i].Counts, 0)
		}
		p.Rows[i].Counts[column]++
	}
}

// filled gives every row all columns, and sorts the rows by theme: potentials, dimensions and
// barriers stand together.
func (p *themesPicture) filled() *themesPicture {
	for i := range p.Rows {
		p.Rows[i].Counts = append(p.Rows[i].Counts, make([]int, len(p.Columns)-len(p.Rows[i].Counts))...)
	}
	slices.SortFunc(p.Rows, func(a, b themeRow) int { return -cmp.Compare(a.ID, b.ID) })
	return p
}

func (p *themesPicture) table() [][]string {
	rows := [][]string{append([]string{"theme"}, p.Columns...)}
	for _, row := range p.Rows {
		line := []string{row.ID}
		for _, n := range row.Counts {
			line = append(line, strconv.Itoa(n))
		}
		rows = append(rows, line)
	}
	return rows
}

// The theme map's place on the paper.
const (
	themesLeft  = 420
	themesWidth = 560
)

// X is the middle of a column.
func (p *themesPicture) X(column int) float64 {
	return themesLeft + themesWidth*(float64(column)+0.5)/float64(max(len(p.Columns), 1))
}

// Radius is that of a dot for n turns: its area grows with n, and the largest fits its cell.
func (p *themesPicture) Radius(n int) float64 {
	most := 1
	for _, row := range p.Rows {
		most = max(most, slices.Max(row.Counts))
	}
	return 10 * math.Sqrt(float64(n)/float64(most))
}
