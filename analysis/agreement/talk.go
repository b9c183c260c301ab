package agreement

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// A Coding is what a coder who is done says of a conversation: the outcome of each turn that
// is a citizen-meaning utterance, by its number. Turns that are not in it are none.
type Coding map[int]pipeline.Outcome

// A Talk is a conversation as its coders coded it.
type Talk struct {
	ID    string
	Turns []int             // that a coder could code: the citizen's, but for continuers
	By    map[string]Coding // of those who are done
}

// NewTalk gives t without any coding yet. continues reports whether a text is a continuer.
func NewTalk(t *pipeline.Transcript, continues func(string) bool) Talk {
	talk := Talk{ID: t.ID, By: map[string]Coding{}}
	for i := range t.Turns {
		if turn := &t.Turns[i]; turn.Role == pipeline.Citizen && !continues(turn.Text) {
			talk.Turns = append(talk.Turns, turn.N)
		}
	}
	return talk
}

// Coded is the coding that t carries.
func Coded(t *pipeline.Transcript) Coding {
	c := Coding{}
	for i := range t.Turns {
		if turn := &t.Turns[i]; turn.Has(pipeline.CitizenMeaning) {
			c[turn.N] = turn.Outcome
		}
	}
	return c
}

// Decided is the coding of one coder's decisions, in the order they were made.
func Decided(t *pipeline.Transcript, own []pipeline.Decision) Coding {
	c := Coding{}
	for n, d := range pipeline.Standing(t, own) {
		if d.Meaning {
			c[n] = d.Outcome
		}
	}
	return c
}

// Coders lists who coded any of the talks.
func Coders(talks []Talk) []string {
	all := map[string]bool{}
	for _, t := range talks {
		for coder := range t.By {
			all[coder] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// People lists the persons who coded t.
func (t Talk) People() []string {
	var list []string
	for _, coder := range slices.Sorted(maps.Keys(t.By)) {
		if pipeline.IsPerson(coder) {
			list = append(list, coder)
		}
	}
	return list
}

// Consensus is the coding that the people who coded t agree on: what all say, and what they
// settled where they differ, by turn. open are the turns where they differ and nothing is
// settled. It is nil where fewer than two people coded t.
func (t Talk) Consensus(settled map[int]pipeline.Decision) (c Coding, open []int) {
	people := t.People()
	if len(people) < 2 {
		return nil, nil
	}
	var codings []Coding
	for _, coder := range people {
		codings = append(codings, t.By[coder])
	}
	c = Coding{}
	for _, n := range t.could(codings...) {
		d, is := settled[n]
		outcome, meant := codings[0][n]
		switch {
		case is && d.Decided():
			outcome, meant = d.Outcome, d.Meaning
		case !alike(codings, n):
			open = append(open, n)
			continue
		}
		if meant {
			c[n] = outcome
		}
	}
	return c, open
}

func alike(codings []Coding, n int) bool {
	outcome, meant := codings[0][n]
	return !slices.ContainsFunc(codings, func(c Coding) bool {
		o, m := c[n]
		return o != outcome || m != meant
	})
}

// A Report says how far two coders code alike. Talks are those that both coded.
type Report struct {
	A             string         `json:"a"`
	B             string         `json:"b"`
	Talks         int            `json:"conversations"`
	Meaning       Figures        `json:"meaning"`         // is it a citizen-meaning utterance: over the citizens' turns
	Outcome       Figures        `json:"outcome"`         // what came of it: over the turns that both take for one
	TwoWay        Figures        `json:"outcome_two_way"` // the same read as gripped or overridden, open left out
	Disagreements []Disagreement `json:"disagreements"`
}

// Figures are those of one question.
type Figures struct {
	N       int    `json:"n"`
	Percent Figure `json:"alike"` // share, in [0, 1]
	Kappa   Figure `json:"kappa"` // Cohen's
	Alpha   Figure `json:"alpha"` // Krippendorff's, nominal
	Table   Table  `json:"table"` // of A by B
}

// A Figure has a 95 % interval over conversations; each is nil where it is undefined.
type Figure struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// A Disagreement is a turn that two coders code differently.
type Disagreement struct {
	Conversation string `json:"conversation"`
	Turn         int    `json:"turn"`
	A            string `json:"a"` // an outcome, or NotMeaning
	B            string `json:"b"`
}

// What a coder says of a turn on the question whether it is a citizen-meaning utterance.
const (
	Meaning    = "meaning"
	NotMeaning = "not_meaning"
)

// Between compares coders a and b over the talks that both coded.
func Between(talks []Talk, a, b string) Report {
	r := Report{A: a, B: b, Disagreements: []Disagreement{}}
	var meaning, outcome, twoWay []Unit
	for _, t := range talks {
		ofA, codedA := t.By[a]
		ofB, codedB := t.By[b]
		if !codedA || !codedB {
			continue
		}
		r.Talks++
		for _, n := range t.could(ofA, ofB) {
			outA, isA := ofA[n]
			outB, isB := ofB[n]
			meaning = append(meaning, Unit{t.ID, []string{means(isA), means(isB)}})
			if isA && isB {
				outcome = append(outcome, Unit{t.ID, []string{string(outA), string(outB)}})
				twoWay = append(twoWay, Unit{t.ID, []string{read(outA), read(outB)}})
			}
			if isA != isB || outA != outB {
				r.Disagreements = append(r.Disagreements, Disagreement{t.ID, n, said(outA, isA), said(outB, isB)})
			}
		}
	}
	r.Meaning, r.Outcome, r.TwoWay = figures(meaning), figures(outcome), figures(twoWay)
	return r
}

// could lists the turns that the coders could have coded, with those that either did.
func (t Talk) could(codings ...Coding) []int {
	turns := slices.Clone(t.Turns)
	for _, c := range codings {
		turns = slices.AppendSeq(turns, maps.Keys(c))
	}
	slices.Sort(turns)
	return slices.Compact(turns)
}

func means(is bool) string {
	if is {
		return Meaning
	}
	return NotMeaning
}

func said(o pipeline.Outcome, is bool) string {
	if !is {
		return NotMeaning
	}
	return cmp.Or(string(o), Meaning)
}

// read is the two-way reading of an outcome, "" for none.
func read(o pipeline.Outcome) string {
	two, _ := o.TwoWay()
	return string(two)
}

func figures(units []Unit) Figures {
	f := Figures{Table: Confusion(units, 0, 1)}
	_, _, f.N = f.Table.margins()
	f.Percent = figure(units, func(u []Unit) (float64, error) { return Confusion(u, 0, 1).Percent() })
	f.Kappa = figure(units, func(u []Unit) (float64, error) { return KappaCohen(Confusion(u, 0, 1)) })
	f.Alpha = figure(units, AlphaKrippendorff)
	return f
}

// figure gives a statistic with its interval.
func figure(units []Unit, of func([]Unit) (float64, error)) (f Figure) {
	value, err := of(units)
	if err != nil {
		return f
	}
	f.Value = &value
	if low, high, err := Interval(units, of); err == nil {
		f.Low, f.High = &low, &high
	}
	return f
}

// Parse reads two coders' names, separated by a comma.
func Parse(pair string) (a, b string, ok bool) {
	a, b, ok = strings.Cut(pair, ",")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a, b, ok && a != "" && b != "" && a != b && !strings.Contains(b, ",")
}
