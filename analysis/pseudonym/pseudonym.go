// Package pseudonym finds what points to a person in a Danish transcript and puts labels
// such as [Navn 1] in its place: the same label for the same expression throughout a
// recording, reversible with the key only. docs/pseudonyms.md has the method and figures.
package pseudonym

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lydhor/pipeline"
)

// A Replacement is one label put in the text of a turn, and what stood there.
type Replacement struct {
	Turn  int    `json:"turn"`
	Label string `json:"label"`
	Text  string `json:"text"`
}

// A Key lists the replacements of one recording in the order they stand.
type Key []Replacement

var danish = map[Kind]string{Name: "Navn", CPR: "CPR", Phone: "Telefon", Address: "Adresse",
	Employer: "Arbejdssted", Place: "Sted", Email: "E-mail"}

// Transcript gives a copy of t with labels for what Find finds, and the key. Turns with a
// mention lose their words one by one, and the copy has no title, dropped text or list of PII: none
// of these could be trusted to be masked whole. Speakers' labels that people wrote become P1, P2, …
// Notes and evidence are masked by the key.
func Transcript(t *pipeline.Transcript) (*pipeline.Transcript, Key) {
	var key Key
	masked := *t
	masked.Title, masked.Dropped, masked.PII = "", nil, nil
	masked.Turns = slices.Clone(t.Turns)
	labels := labeller{labels: map[string]string{}, count: labelled(t)}
	mentions := Find(t)
	for i := range masked.Turns {
		turn := &masked.Turns[i]
		var text strings.Builder
		at := 0
		for len(mentions) > 0 && mentions[0].Turn == turn.N {
			m := mentions[0]
			mentions = mentions[1:]
			label := labels.label(m)
			text.WriteString(turn.Text[at:m.Start] + label)
			at = m.End
			key = append(key, Replacement{turn.N, label, m.Text})
			turn.Words = nil
		}
		turn.Text = text.String() + turn.Text[at:]
	}
	maskReasons(&masked, key)
	maskLabels(&masked)
	return &masked, key
}

// Reverse gives t, which Transcript made, with the texts of its turns as they were. The
// error names the first replacement that no longer stands in its turn.
func (k Key) Reverse(t *pipeline.Transcript) (*pipeline.Transcript, error) {
	out := *t
	out.Turns = slices.Clone(t.Turns)
	at := map[int]int{} // in each turn, where the restored part ends
	for i, r := range k {
		turn := out.Turn(r.Turn)
		if turn == nil {
			return nil, fmt.Errorf("reverse replacement %d: there is no turn %d", i+1, r.Turn)
		}
		done, rest := turn.Text[:at[r.Turn]], turn.Text[at[r.Turn]:]
		before, after, found := strings.Cut(rest, r.Label)
		if !found {
			return nil, fmt.Errorf("reverse replacement %d: turn %d has no %s left", i+1, r.Turn, r.Label)
		}
		turn.Text = done + before + r.Text + after
		at[r.Turn] = len(done) + len(before) + len(r.Text)
	}
	return &out, nil
}

// labelled is the highest number of each kind of label that t has already: new ones come after.
func labelled(t *pipeline.Transcript) map[Kind]int {
	count := map[Kind]int{}
	for _, turn := range t.Turns {
		for _, found := range labelPattern.FindAllStringSubmatch(turn.Text, -1) {
			n, _ := strconv.Atoi(found[2])
			for kind, word := range danish {
				if word == found[1] {
					count[kind] = max(count[kind], n)
				}
			}
		}
	}
	return count
}

// A labeller numbers the expressions of each kind in the order they first stand.
type labeller struct {
	labels map[string]string // by expression without capitals
	count  map[Kind]int
}

// label gives an expression met before, with or without a genitive -s, its label again,
// whatever kind it is taken for now.
func (l *labeller) label(m Mention) string {
	expression := strings.ToLower(m.Text)
	for _, form := range []string{expression, strings.TrimSuffix(expression, "s"), expression + "s"} {
		if label, known := l.labels[form]; known {
			return label
		}
	}
	l.count[m.Kind]++
	label := fmt.Sprintf("[%s %d]", danish[m.Kind], l.count[m.Kind])
	l.labels[expression] = label
	return label
}

// madeLabel is the form of the speaker labels that machines make.
var madeLabel = regexp.MustCompile(`^[A-Z]{1,2}[0-9]{1,3}$`)

// maskLabels gives speakers whom a person labelled, maybe with their names, labels such as P1.
func maskLabels(t *pipeline.Transcript) {
	labels := map[string]string{}
	label := func(old string) string {
		if madeLabel.MatchString(old) || old == "" {
			return old
		}
		if labels[old] == "" {
			labels[old] = fmt.Sprintf("P%d", len(labels)+1)
		}
		return labels[old]
	}
	for i := range t.Speakers {
		t.Speakers[i].Label = label(t.Speakers[i].Label)
	}
	for i := range t.Turns {
		t.Turns[i].Speaker = label(t.Turns[i].Speaker)
	}
}

// maskReasons puts the labels in the notes and evidence of t, the longest expressions first.
func maskReasons(t *pipeline.Transcript, key Key) {
	longest := slices.Clone(key)
	slices.SortStableFunc(longest, func(a, b Replacement) int { return len(b.Text) - len(a.Text) })
	var pairs []string
	for _, r := range longest {
		pairs = append(pairs, r.Text, r.Label, strings.ToLower(r.Text), r.Label)
	}
	r := strings.NewReplacer(pairs...)
	for i := range t.Turns {
		turn := &t.Turns[i]
		turn.Note = r.Replace(turn.Note)
		turn.Evidence = maps.Clone(turn.Evidence)
		for code, reasons := range turn.Evidence {
			turn.Evidence[code] = maskEvidence(r, reasons)
		}
	}
	t.Speakers = slices.Clone(t.Speakers)
	for i := range t.Speakers {
		t.Speakers[i].Evidence = maskEvidence(r, t.Speakers[i].Evidence)
	}
}

func maskEvidence(r *strings.Replacer, reasons []pipeline.Evidence) []pipeline.Evidence {
	out := slices.Clone(reasons)
	for i := range out {
		out[i].Text = r.Replace(out[i].Text)
	}
	return out
}
