package exchange

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
)

// WriteTextGrid writes t as a Praat TextGrid in the long text form: for every speaker a
// tier of turns, "S1 (citizen)", and tiers under it, "S1 words", "S1 codes", "S1 themes",
// "S1 outcome", "S1 decided by" and "S1 note", as far as there are any, and "music". Praat wants tiers
// without gaps: silence is an interval without text, and a turn without text holds a space.
// Several codes of one turn are joined by "; ".
//
// It cannot carry the transcript's ID, kind, language, title and the rest of its head,
// probabilities, evidence, confidence, themes of no turn, different roles of one speaker,
// nor two marks of one speaker at one time (tiersOf).
func WriteTextGrid(w io.Writer, t *pipeline.Transcript) error {
	type gridTier struct {
		name  string
		marks []mark
	}
	var tiers []gridTier
	end := time.Millisecond
	for _, s := range tiersOf(t) {
		name := s.Name
		if s.Role != "" {
			name += " (" + string(s.Role) + ")"
		}
		tiers = append(tiers, gridTier{name, s.Turns})
		end = max(end, s.Turns[len(s.Turns)-1].End)
		for _, kind := range kinds {
			if marks := joined(s.Under[kind], kind); len(marks) > 0 {
				tiers = append(tiers, gridTier{s.Name + " " + kind, marks})
			}
		}
	}
	if marks := musicMarks(t.Music); len(marks) > 0 {
		tiers = append(tiers, gridTier{besideMusic, marks})
		end = max(end, marks[len(marks)-1].End)
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = %v\ntiers? <exists>\nsize = %d\nitem []:\n", seconds(end), len(tiers))
	for i, tier := range tiers {
		marks := filled(tier.marks, end)
		fmt.Fprintf(b, "    item [%d]:\n        class = \"IntervalTier\"\n        name = %s\n        xmin = 0\n        xmax = %v\n        intervals: size = %d\n",
			i+1, praatString(tier.name), seconds(end), len(marks))
		for j, m := range marks {
			from, to := m.Seconds()
			fmt.Fprintf(b, "        intervals [%d]:\n            xmin = %v\n            xmax = %v\n            text = %s\n",
				j+1, from, to, praatString(m.Text))
		}
	}
	return b.Flush()
}

// joined makes one mark of the marks that one turn has of a kind; words stay apart.
func joined(marks []mark, kind string) []mark {
	if kind == underWords {
		return marks
	}
	var all []mark
	for _, m := range marks {
		if n := len(all); n > 0 && all[n-1].Of == m.Of {
			all[n-1].Text += "; " + m.Text
			continue
		}
		all = append(all, m)
	}
	return all
}

// filled gives marks without text one space, and puts empty marks between marks, so that
// they cover all time to end.
func filled(marks []mark, end time.Duration) []mark {
	var all []mark
	at := time.Duration(0)
	for _, m := range marks {
		if m.Start > at {
			all = append(all, mark{Span: pipeline.Span{Start: at, End: m.Start}})
		}
		if m.Text == "" {
			m.Text = " "
		}
		all = append(all, m)
		at = m.End
	}
	if at < end {
		all = append(all, mark{Span: pipeline.Span{Start: at, End: end}})
	}
	return all
}

func praatString(s string) string {
	return `"` + strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), `"`, `""`) + `"`
}

// ReadTextGrid reads a Praat TextGrid in the long or the short text form, in UTF-8, UTF-16
// or Latin-1. Every tier is a speaker; its intervals with text are turns, and so are the
// points of a point tier, which last no time. Tiers that WriteTextGrid puts under a speaker,
// and its tier of music, become what they were. Times are rounded to the millisecond.
//
// Errors say which line is wrong.
func ReadTextGrid(r io.Reader) (*pipeline.Transcript, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("read TextGrid: %w", err)
	}
	text := decodeText(data)
	if strings.HasPrefix(text, "ooBinaryFile") {
		return nil, fmt.Errorf("read TextGrid: this is Praat's binary form: save it as a text file")
	}
	p := praatReader{text: text, line: 1}
	tiers := p.grid()
	if p.err != nil {
		return nil, fmt.Errorf("read TextGrid: line %d: %w", p.line, p.err)
	}
	t, err := fromPraat(tiers)
	if err != nil {
		return nil, fmt.Errorf("read TextGrid: %w", err)
	}
	return t, nil
}

// fromPraat makes speakers and turns of tiers.
func fromPraat(tiers []praatTier) (*pipeline.Transcript, error) {
	d := newDraft()
	roles := map[string]pipeline.Role{}
	turns := map[string][]pipeline.Turn{}
	var under []praatTier
	speakers := map[string]bool{}
	for _, tier := range tiers {
		if label, role, ok := labelAndRole(tier.name); ok {
			speakers[label], roles[label] = true, role
		}
	}
	for _, tier := range tiers {
		if owner, _, ok := ownerAndKind(tier.name); ok && speakers[owner] {
			under = append(under, tier)
			continue
		}
		if tier.isMusic() {
			for _, m := range tier.marks {
				d.Music = append(d.Music, pipeline.Music{Span: m.Span})
			}
			continue
		}
		label, _, _ := labelAndRole(tier.name)
		for _, m := range tier.marks {
			turns[label] = append(turns[label], *d.add(pipeline.Turn{Speaker: label, Span: m.Span, Text: strings.TrimSpace(m.Text)}))
		}
	}
	lines := map[string]timeline{}
	for label, list := range turns {
		lines[label] = inLine(list)
	}
	for _, tier := range under {
		owner, kind, _ := ownerAndKind(tier.name)
		for _, m := range tier.marks {
			i := lines[owner].at(m.Span)
			if i < 0 {
				return nil, fmt.Errorf("tier %q: the interval at %v stands under no turn of %s", tier.name, m.Start, owner)
			}
			if kind == underWords {
				d.Turns[i].Words = append(d.Turns[i].Words, pipeline.Word{Span: m.Span, Text: strings.TrimSpace(m.Text)})
				continue
			}
			values := []string{m.Text}
			if kind == underCodes || kind == underThemes {
				values = strings.Split(m.Text, "; ")
			}
			for _, v := range values {
				d.attach(&d.Turns[i], kind, v)
			}
		}
	}
	d.roles(roles)
	return d.done()
}

// isMusic reports whether a tier says nothing but where music is.
func (t praatTier) isMusic() bool {
	return t.name == besideMusic && !slices.ContainsFunc(t.marks, func(m mark) bool { return m.Text != besideMusic })
}

// labelAndRole takes "S1 (citizen)" apart; ok says whether there is a role.
func labelAndRole(tier string) (label string, role pipeline.Role, ok bool) {
	for _, r := range pipeline.Roles {
		if label, ok := strings.CutSuffix(tier, " ("+string(r)+")"); ok {
			return label, r, true
		}
	}
	return tier, "", false
}

// ownerAndKind takes "S1 codes" apart; ok says whether it is of our kinds.
func ownerAndKind(tier string) (owner, kind string, ok bool) {
	i := slices.IndexFunc(kinds[:], func(kind string) bool { return strings.HasSuffix(tier, " "+kind) })
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSuffix(tier, " "+kinds[i]), kinds[i], true
}
