package analysis

import (
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
	index      map[pipeline.Code]int   // of the codes in the book
	ears       map[pipeline.Role]*ears // by whose turns they hear
	topics     *ears                   // hear themes
	lexicon    map[string]string       // of words that count by themselves on professional turns, the feature
	part       Part
	roleWords  RoleWords
}

var _ pipeline.Analyser = (*Coder)(nil)

// New makes a Coder of a codebook.
func New(book *Codebook) *Coder {
	c := &Coder{book: book, continuers: map[string]bool{}, grammar: map[string]bool{}, index: map[pipeline.Code]int{}, ears: map[pipeline.Role]*ears{}, roleWords: usualRoleWords}
	for i, e := range book.Codes {
		c.index[pipeline.Code(e.ID)] = i
	}
	c.topics = newEars(book.Themes.cues())
	for _, role := range append(pipeline.Roles, "") {
		c.ears[role] = newEars(book.cuesOn(role))
	}
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

// cuesOn lists the cues that can matter on a role's turns: those of the codes, by which roles
// are proposed too, and those of the outcomes, which professionals decide.
func (b *Codebook) cuesOn(role pipeline.Role) (list []*Cue) {
	for _, e := range b.Codes {
		list = append(list, e.Cues...)
	}
	for _, e := range b.Outcomes {
		for _, cue := range e.Cues {
			if response := cue.Of == "response"; response == (role == pipeline.Professional) {
				list = append(list, cue)
			}
		}
	}
	return list
}

// With gives a coder like c that weighs by m, or goes by cues alone with a nil m.
func (c *Coder) With(m *Model) *Coder {
	other := *c
	other.model, other.lexicon = m, m.lexicon()
	return &other
}

//go:embed model
var models embed.FS

// Starter makes a Coder of the codebook and the model that come with the program, in "da" or
// "en". The English model weighs uptake and no codes.
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
	in := c.prepare(t)
	for i := range in.turns {
		c.code(in, i)
	}
	c.decideAll(in)
	c.themes(t, in)
	run := pipeline.Run{Stage: pipeline.Analyse, Params: map[string]string{"codebook": c.book.Language + " " + c.book.Version}}
	if c.model != nil && len(c.model.Codes) > 0 {
		run.Model = fmt.Sprintf("%s, trained on %d conversations", c.model.Language, len(c.model.Trained.Conversations))
	}
	return run
}

// code proposes the codes of turn i.
func (c *Coder) code(in *context, i int) {
	h := &in.turns[i]
	h.Codes, h.Outcome, h.OutcomeTurn = []pipeline.Code{}, "", 0
	h.Evidence, h.Confidence = map[string][]pipeline.Evidence{}, map[string]float64{}
	for k, e := range c.book.Codes {
		if !e.sitsOn(h.Role) || e.Requires != "" && !h.Has(pipeline.Code(e.Requires)) {
			continue
		}
		if above, p, evidence := c.weigh(k, in, i); above {
			h.Codes = append(h.Codes, pipeline.Code(e.ID))
			h.Evidence[e.ID], h.Confidence[e.ID] = evidence, p
		}
	}
}

// weigh reports whether code k is suggested for turn i, how sure that is, and the reasons: by
// the model where it weighs the code, and otherwise by how far the cues reach over the
// codebook's threshold.
func (c *Coder) weigh(k int, in *context, i int) (above bool, p float64, evidence []pipeline.Evidence) {
	h, e := &in.turns[i], c.book.Codes[k]
	r := c.regression(k)
	if r == nil {
		over := points(h.cues[k]) - e.Threshold
		return over >= 0, logistic(over), reasons(h.cues[k])
	}
	features := c.inTalk(in, i)
	logOdds := r.logOdds(features)
	if logOdds <= r.Threshold {
		return false, 0, nil
	}
	return true, r.probability(logOdds), r.evidence(features, h.N)
}

// regression is what weighs code k in its talk; nil where cues alone do.
func (c *Coder) regression(k int) *Regression {
	if c.model == nil {
		return nil
	}
	return c.model.Codes[pipeline.Code(c.book.Codes[k].ID)]
}

// sitsOn reports whether the code can sit on a turn of that role.
func (e Entry) sitsOn(role pipeline.Role) bool { return slices.Contains(e.Roles, role) }

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
	in := c.prepare(t)
	for i := range in.turns {
		given := in.turns[i].Codes
		c.code(in, i)
		in.turns[i].Codes = given
	}
	c.decideAll(in)
}
