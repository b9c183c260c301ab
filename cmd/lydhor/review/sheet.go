package review

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// sheetForm lets a researcher pick the sequences of a 'Lån et øre' sheet, the FLIP in which
// they are talked through, and the names that are to be replaced.
func (s *server) sheetForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "sheet-form", p)
}

// sheet gives the picked sequences as a page to print. It says what was said and what came
// next, and not which outcome anybody saw in it: that is for those who read it to talk about.
func (s *server) sheet(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	names, err := parseNames(p.Names)
	for _, f := range p.Flags {
		if p.Picked(f) {
			p.Excerpts = append(p.Excerpts, newExcerpt(p.conversation, f, names))
		}
	}
	switch {
	case err != nil:
	case utf8.RuneCountInString(p.Names) > namesLimit:
		err = unfit("names are too long", namesLimit)
	case r.PostFormValue("flip") != "" && p.FLIP == nil:
		err = unfit("flip is gone")
	case len(p.Excerpts) == 0:
		err = unfit("pick a sequence")
	case len(p.Excerpts) < len(p.picked):
		err = outdated("sequences have changed", "")
	}
	if bad, is := errors.AsType[problem](err); is {
		p.Problem = &bad
		return s.render(w, r, bad.status, "sheet-form", p)
	}
	if p.FLIP != nil {
		if err := s.Sheets.PutSheet(r.Context(), store.Sheet{Recording: p.Recording, FLIP: p.FLIP.ID, Starts: p.starts(), Coder: s.Coder(r)}); err != nil {
			return err
		}
	}
	return s.render(w, r, http.StatusOK, "sheet", p)
}

// namesLimit is how many letters the names to be replaced may have.
const namesLimit = 4000

// sheetOf reads what is asked for of a recording's sheet.
func (s *server) sheetOf(r *http.Request) (*sheetPage, error) {
	t, err := s.taken(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	made, err := s.Decisions.Decisions(r.Context(), r.PathValue("id"), s.Coder(r))
	if err != nil {
		return nil, err
	}
	all, err := s.listed(r)
	if err != nil {
		return nil, err
	}
	p := &sheetPage{conversation: newConversation(t, pipeline.Standing(t, made)), Recording: r.PathValue("id"), Plain: Plain(r), Reveals: s.reveals(r), Names: r.PostFormValue("names")}
	p.conversation.Flags = slices.DeleteFunc(p.Flags, func(f *flag) bool { return f.Decision != nil && !f.Decision.Meaning })
	p.Sound = r.FormValue("sound") != ""
	p.picked = r.PostForm["turn"]
	for _, rec := range all {
		if rec.Kind != pipeline.FLIP {
			continue
		}
		p.FLIPs = append(p.FLIPs, rec)
		if rec.ID == r.FormValue("flip") {
			p.FLIP = &rec
		}
	}
	if p.FLIP != nil && r.Method == http.MethodGet {
		return p, s.pickAgain(r, p)
	}
	return p, nil
}

// pickAgain picks what was taken to the FLIP before.
func (s *server) pickAgain(r *http.Request, p *sheetPage) error {
	sheets, err := s.Sheets.Sheets(r.Context(), p.Recording)
	if err != nil {
		return err
	}
	for _, sheet := range sheets {
		if sheet.FLIP != p.FLIP.ID {
			continue
		}
		for _, f := range p.Flags {
			if slices.Contains(sheet.Starts, f.Start) {
				p.picked = append(p.picked, strconv.Itoa(f.N))
			}
		}
	}
	return nil
}

// starts are those of the picked turns.
func (p *sheetPage) starts() (list []time.Duration) {
	for _, f := range p.Flags {
		if p.Picked(f) {
			list = append(list, f.Start)
		}
	}
	return list
}

type sheetPage struct {
	*conversation
	Recording string // its id
	FLIPs     []Recording
	FLIP      *Recording // in which the sheet is talked through, nil for none
	Names     string     // as written: a name or label, =, what to read for it, each on a line
	Plain     bool       // whether it stands without labels
	Reveals   bool       // whether it may
	Sound     bool       // whether each excerpt can be heard
	Problem   *problem
	Excerpts  []excerpt
	picked    []string // numbers of turns
}

// Picked reports whether f is to be on the sheet.
func (p *sheetPage) Picked(f *flag) bool { return slices.Contains(p.picked, strconv.Itoa(f.N)) }

// An excerpt is a citizen-meaning utterance and the talk around it.
type excerpt struct {
	N     int // of the utterance's turn
	Lines []line
}

// A line is one turn in an excerpt: without the speaker's label, which may be a name.
type line struct {
	pipeline.Role
	Letter string // tells speakers of the same role apart; empty for the only one
	Text   string
	Marked bool // the utterance that the excerpt is about
	Skips  bool // whether talk is left out before it
}

// How many turns an excerpt has around the utterance. What decides the outcome later than
// that stands at the end.
const (
	turnsBefore = 2
	turnsAfter  = 4
)

func newExcerpt(c *conversation, f *flag, names names) excerpt {
	at := slices.IndexFunc(c.Turns, func(t turn) bool { return t.N == f.N })
	from, to := max(at-turnsBefore, 0), min(at+turnsAfter+1, len(c.Turns))
	var lines []line
	for i := from; i < to; i++ {
		lines = append(lines, newLine(c, i, names, i == at))
	}
	if f.Deciding == nil {
		return excerpt{f.N, lines}
	}
	late := slices.IndexFunc(c.Turns, func(t turn) bool { return t.N == f.Deciding.N })
	if late >= to {
		l := newLine(c, late, names, false)
		l.Skips = late > to
		lines = append(lines, l)
	}
	return excerpt{f.N, lines}
}

func newLine(c *conversation, i int, names names, marked bool) line {
	t := c.Turns[i]
	l := line{Role: c.Lanes[t.Lane].Role, Text: names.replace(t.Text), Marked: marked}
	same, nth := 0, 0
	for j, other := range c.Lanes {
		if other.Role != l.Role {
			continue
		}
		if j == t.Lane {
			nth = same
		}
		same++
	}
	if same > 1 && nth < 26 {
		l.Letter = string(rune('A' + nth))
	}
	return l
}

// names is what to read for each name; the keys are in lower case.
type names map[string]string

// parseNames reads lines such as "Villads = Mads".
func parseNames(text string) (names, error) {
	list := names{}
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		name, instead, both := strings.Cut(l, "=")
		name, instead = strings.TrimSpace(name), strings.TrimSpace(instead)
		if !both || name == "" || instead == "" {
			return nil, unfit("write the name", brief(l))
		}
		list[strings.ToLower(name)] = instead
	}
	return list, nil
}

// replace puts the replacement for every name in text, in whatever case it is written, also
// in the genitive; a name inside another word stays.
func (n names) replace(text string) string {
	var b strings.Builder
	for before := ' '; text != ""; {
		if !inWord(before) {
			if name, instead := n.at(text); name > 0 {
				b.WriteString(instead)
				text, before = text[name:], 'x'
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text)
		b.WriteString(text[:size])
		text, before = text[size:], r
	}
	return b.String()
}

// at gives how many bytes the longest name takes that text begins with, and what to read for it.
func (n names) at(text string) (length int, instead string) {
	for name, to := range n {
		if len(name) <= length || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
			continue
		}
		after, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text[len(name):], "s"))
		if !inWord(after) {
			length, instead = len(name), to
		}
	}
	return length, instead
}

// inWord reports whether r belongs to a word.
func inWord(r rune) bool { return unicode.IsLetter(r) && r != utf8.RuneError || unicode.IsDigit(r) }

// A taken is a sheet as the page of its recording, or of its FLIP, tells of it.
type taken struct {
	store.Sheet
	Here bool      // whether it is talked through in the recording that the page shows
	With Recording // the other one
}

// sheetsOf lists a recording's sheets and those talked through in it.
func (s *server) sheetsOf(r *http.Request, id string) ([]taken, error) {
	sheets, err := s.Sheets.Sheets(r.Context(), id)
	if err != nil || len(sheets) == 0 {
		return nil, err
	}
	all, err := s.listed(r)
	if err != nil {
		return nil, err
	}
	var list []taken
	for _, sheet := range sheets {
		t := taken{Sheet: sheet, Here: sheet.FLIP == id}
		other := sheet.FLIP
		if t.Here {
			other = sheet.Recording
		}
		if i := slices.IndexFunc(all, func(rec Recording) bool { return rec.ID == other }); i >= 0 {
			t.With = all[i]
			list = append(list, t)
		}
	}
	return list, nil
}
