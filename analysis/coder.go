package analysis

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// A Coder proposes codes, outcomes and themes by a codebook. It is a pipeline.Analyser and
// may be used from several goroutines.
type Coder struct {
	book       *Codebook
	model      *Model // nil goes by cues alone
	continuers map[string]bool
	grammar    map[string]bool
}

var _ pipeline.Analyser = (*Coder)(nil)

// New makes a Coder of a codebook.
func New(book *Codebook) *Coder {
	c := &Coder{book: book, continuers: map[string]bool{}, grammar: map[string]bool{}}
	for _, phrase := range book.Settings.Continuers {
		for _, w := range tokens(phrase) {
			c.continuers[w] = true
		}
	}
	for _, w := range slices.Concat(book.Settings.KeepWords, grammar[book.Language]) {
		c.grammar[w] = true
	}
	return c
}

// With gives a coder like c that weighs by m, or goes by cues alone with a nil m.
func (c *Coder) With(m *Model) *Coder {
	other := *c
	other.model = m
	return &other
}

//go:embed model
var models embed.FS

// Starter makes a Coder of the codebook and the model that come with the program, in "da" or
// "en"; there is no model in English.
func Starter(language string) (*Coder, error) {
	book, err := starter(language)
	if err != nil {
		return nil, err
	}
	data, err := models.ReadFile("model/" + language + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return New(book), nil
	}
	if err != nil {
		return nil, err
	}
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return New(book).With(&m), nil
}

// Book is the codebook that c codes by.
func (c *Coder) Book() *Codebook { return c.book }

// grammar lists words of four letters and more that are no content to take up.
var grammar = map[string][]string{
	"da": strings.Fields(`altså andet bare blev blive bliver burde denne deres dette disse efter eller enten faktisk fordi have haft havde
		helt hende hendes hver hvad hvem hvilke hvilken hvis hvor hvordan hvorfor hvornår ikke igen imod ind ingen inden jeres kunne lidt
		ligesom lige længe mange meget mellem mens mere mest mine måske noget nogen nogle omkring også over rigtig sagde siden siger
		sikkert skal skulle sådan sagt synes tror under uden vores ville være været deraf derfor dermed derved ting gang gange`),
	"en": strings.Fields(`about after again also another because been before being could does doing done down each even ever every from
		going have having here into just know like little made make many maybe more most much must need never only other over really
		right same should some such than that their them then there these they thing things think this those through under very want
		well went were what when where which while will with would your yours yeah okay`),
}

// Analyse proposes roles where they are unknown and replaces the codes, outcomes and evidence
// of t.
func (c *Coder) Analyse(t *pipeline.Transcript) pipeline.Run {
	c.ProposeRoles(t)
	in := newContext(c.hear(t))
	for i := range in.turns {
		c.code(in, i)
	}
	c.decideAll(in)
	run := pipeline.Run{Stage: pipeline.Analyse, Params: map[string]string{"codebook": c.book.Language + " " + c.book.Version}}
	if c.model != nil {
		run.Model = fmt.Sprintf("%s, trained on %d conversations", c.model.Language, len(c.model.Trained.Conversations))
	}
	return run
}

// code proposes the codes of turn i.
func (c *Coder) code(in *context, i int) {
	h := &in.turns[i]
	h.Codes, h.Outcome, h.OutcomeTurn = []pipeline.Code{}, "", 0
	h.Evidence, h.Confidence = map[string][]pipeline.Evidence{}, map[string]float64{}
	for _, e := range c.book.Codes {
		if !e.sitsOn(h.Role) || e.Requires != "" && !h.Has(pipeline.Code(e.Requires)) {
			continue
		}
		if e.Requires != "" {
			h.cues[pipeline.Code(e.ID)] = c.hits(e, h, nil)
		}
		logOdds, evidence := c.weigh(e, in, i)
		h.weighed[pipeline.Code(e.ID)] = logOdds - suggestAbove + e.Threshold
		if logOdds > suggestAbove {
			h.Codes = append(h.Codes, pipeline.Code(e.ID))
			h.Evidence[e.ID], h.Confidence[e.ID] = evidence, logistic(logOdds)
		}
	}
}

// weigh gives the log odds of a code on turn i and the reasons: by the model where it weighs
// the code, and otherwise by how far the cues reach over the codebook's threshold.
func (c *Coder) weigh(e Entry, in *context, i int) (logOdds float64, evidence []pipeline.Evidence) {
	h := &in.turns[i]
	if c.model == nil || c.model.Codes[pipeline.Code(e.ID)] == nil {
		hits := h.cues[pipeline.Code(e.ID)]
		return points(hits) - e.Threshold + suggestAbove + 1e-9, reasons(hits)
	}
	r := c.model.Codes[pipeline.Code(e.ID)]
	features := c.features(e, in, i)
	for _, f := range features {
		if share := r.Weights[f.name] * f.value; math.Abs(share) >= leastShare {
			evidence = append(evidence, pipeline.Evidence{Group: f.name, Text: f.text, Turn: h.N, Weight: math.Round(100*share) / 100})
		}
	}
	slices.SortStableFunc(evidence, func(a, b pipeline.Evidence) int { return -cmp.Compare(math.Abs(a.Weight), math.Abs(b.Weight)) })
	return r.logOdds(features), evidence
}

// leastShare is the share in the log odds from which a feature is worth an analyst's eye.
const leastShare = 0.1

// weighed reports whether a model weighs the code.
func (e Entry) weighed() bool { return slices.Contains(trained, pipeline.Code(e.ID)) }

// sitsOn reports whether the code can sit on a turn of that role.
func (e Entry) sitsOn(role pipeline.Role) bool { return slices.Contains(e.Roles, role) }

// A hit is a cue that was heard.
type hit struct {
	cue  *Cue
	turn int
	n    int    // times, up to the cue's max
	text string // the first thing heard
}

func (h hit) weight() float64 { return h.cue.Weight * float64(h.n) }

// hits lists the cues of e heard in self, and in the answer where there is one.
func (c *Coder) hits(e Entry, self, answer *heard) []hit {
	var list []hit
	for _, cue := range e.Cues {
		at := self
		if cue.Of == "response" {
			at = answer
		}
		if at == nil {
			continue
		}
		if n, text := c.listen(cue, at, self, answer); n > 0 {
			list = append(list, hit{cue, at.N, n, text})
		}
	}
	return list
}

// points is what hits add up to.
func points(hits []hit) (sum float64) {
	for _, h := range hits {
		sum += h.weight()
	}
	return sum
}

// reasons are hits as people read them.
func reasons(hits []hit) []pipeline.Evidence {
	var list []pipeline.Evidence
	for _, h := range hits {
		list = append(list, pipeline.Evidence{Group: h.cue.Group, Text: h.text, Turn: h.turn, Weight: h.weight()})
	}
	return list
}

// listen counts how often a cue is heard in at, up to its max, and gives the first thing
// heard.
func (c *Coder) listen(cue *Cue, at, self, answer *heard) (n int, text string) {
	if cue.Feature != nil {
		within, said := c.measured(cue.Feature, at, self, answer)
		if !within {
			return 0, ""
		}
		if len(cue.spoken)+len(cue.raw) == 0 {
			return 1, said
		}
	}
	words := at.words
	switch cue.Where {
	case "start":
		words = words[:min(len(words), cue.Words)]
	case "end":
		words = words[max(0, len(words)-cue.Words):]
	}
	if !cue.begins.hears(words) {
		words = nil
	}
	for _, p := range cue.spoken {
		for from := 0; n < cue.Max; n++ {
			start, end, ok := p.find(words, from)
			if !ok {
				break
			}
			text = cmp.Or(text, strings.Join(words[start:end], " "))
			from = end
		}
	}
	for _, re := range cue.raw {
		if n >= cue.Max {
			break
		}
		for _, m := range re.FindAllString(at.Text, cue.Max-n) {
			n++
			text = cmp.Or(text, strings.TrimSpace(m))
		}
	}
	return n, text
}

// measured reports whether a feature lies within its bounds, and what was measured.
func (c *Coder) measured(f *Feature, at, self, answer *heard) (within bool, said string) {
	value := 0.0
	switch f.Name {
	case "word_count":
		value = float64(len(at.words))
	case "is_continuer":
		value = number(at.continuer)
	case "last_turn":
		value = number(answer == nil)
	case "shared_stems":
		if answer == nil {
			return false, ""
		}
		words := shared(self, answer)
		slices.Sort(words)
		value, said = float64(len(words)), strings.Join(words, ", ")
	case "gap", "overlap_onset":
		if answer == nil {
			return false, ""
		}
		value = (answer.Start - self.End).Seconds()
		if f.Name == "overlap_onset" {
			value = -value
		}
		said = fmt.Sprintf("%.1f s", value)
	case "code_score":
		value = at.scores[pipeline.Code(f.Code)]
	}
	if f.Equals != nil {
		return (value != 0) == *f.Equals, said
	}
	return (f.Min == nil || value >= *f.Min) && (f.Max == nil || value <= *f.Max), said
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Outcomes proposes what happened after each turn of t that carries citizen_meaning already,
// and leaves the codes as they are.
func (c *Coder) Outcomes(t *pipeline.Transcript) {
	in := newContext(c.hear(t))
	for i := range in.turns {
		given := in.turns[i].Codes
		c.code(in, i)
		in.turns[i].Codes = given
	}
	c.decideAll(in)
}
