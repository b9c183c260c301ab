package analysis

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// context is what of a talk a turn's features look at beside the turn.
type context struct {
	turns []heard
	mean  map[string]float64 // words a turn, by speaker
	first map[string]int     // turn in which each stem was first used
}

func newContext(turns []heard) *context {
	c := &context{turns: turns, mean: map[string]float64{}, first: map[string]int{}}
	count := map[string]float64{}
	for i := range turns {
		h := &turns[i]
		c.mean[h.Speaker] += float64(len(h.words))
		count[h.Speaker]++
		for _, s := range h.stems {
			if _, used := c.first[s.stem]; !used {
				c.first[s.stem] = i
			}
		}
	}
	for speaker, n := range count {
		c.mean[speaker] /= n
	}
	return c
}

// prepare hears t, and gives every turn its features and what a model makes of it by itself.
func (c *Coder) prepare(t *pipeline.Transcript) *context {
	in := newContext(c.hear(t))
	if c.model == nil || len(c.model.Codes) == 0 {
		return in
	}
	c.measure(in)
	for i := range in.turns {
		h := &in.turns[i]
		for k, e := range c.book.Codes {
			if r := c.model.Alone[pipeline.Code(e.ID)]; r != nil && e.sitsOn(h.Role) {
				h.alone[k] = logistic(r.logOdds(h.features))
			}
		}
	}
	return in
}

// measure gives every turn that a code can sit on its features.
func (c *Coder) measure(in *context) {
	for i := range in.turns {
		if slices.ContainsFunc(c.book.Codes, func(e Entry) bool { return e.sitsOn(in.turns[i].Role) }) {
			in.turns[i].features = c.features(in, i)
		}
	}
}

// furthest is how many turns away the neighbours of a turn are looked for.
const furthest = 20

// before is the turn of another speaker before turn i that is more than a continuer, and
// whether only continuers lie between.
func (c *context) before(i int) (answered *heard, continued bool) {
	for j := i - 1; j >= max(0, i-furthest); j-- {
		h := &c.turns[j]
		if h.Speaker == c.turns[i].Speaker {
			continued = true
			continue
		}
		if !h.continuer {
			return h, continued
		}
		continued = true
	}
	return nil, continued
}

// near lists up to n turns of a role from turn i on in steps of 1 or -1 that are more than
// continuers, the nearest first.
func (c *context) near(i, step int, role pipeline.Role, n int) (list []*heard) {
	for j := i + step; j >= 0 && j < len(c.turns) && j != i+step*furthest && len(list) < n; j += step {
		if h := &c.turns[j]; h.Role == role && !h.continuer {
			list = append(list, h)
		}
	}
	return list
}

// around are what the turns around turn i are by themselves: filling a form and telling a
// story go on over several turns, and a form's question gets an answer for the form.
func (c *Coder) around(in *context, i int) []feature {
	own, ownRole := c.index[pipeline.CitizenMeaning], pipeline.Citizen
	other, otherRole := c.index[pipeline.Institutional], pipeline.Professional
	if in.turns[i].Role == pipeline.Professional {
		own, ownRole, other, otherRole = other, otherRole, own, ownRole
	}
	m := make(measure, 0, 5)
	for n, h := range in.near(i, -1, ownRole, 2) {
		m.add(before[n], h.alone[own], "")
	}
	for n, h := range in.near(i, 1, ownRole, 2) {
		m.add(following[n], h.alone[own], "")
	}
	for _, h := range in.near(i, -1, otherRole, 1) {
		m.add("det, der svares på", h.alone[other], "")
	}
	return m
}

var (
	before    = []string{"personens tur før ligner", "personens tur to før ligner"}
	following = []string{"personens tur efter ligner", "personens tur to efter ligner"}
)

// echoes reports whether turn i begins by repeating what was just said, and asks nothing.
func echoes(answered, h *heard) bool {
	if len(h.words) == 0 || h.asks {
		return false
	}
	for _, w := range h.words[:min(2, len(h.words))] {
		if !slices.Contains(answered.words, w) {
			return false
		}
	}
	return true
}

// A measure collects features.
type measure []feature

// add adds a feature unless it is 0; those missing count as 0.
func (m *measure) add(name string, value float64, text string) {
	if value != 0 {
		*m = append(*m, feature{name, value, text})
	}
}

// pointsOf begins the name of the feature that the points of a code or outcome are.
const pointsOf = "kodebogens tegn på "

// features are what is heard and measured of turn i: the codebook's cues for the codes that
// can sit on it, the turn's words and form, and what it follows.
func (c *Coder) features(in *context, i int) []feature {
	h := &in.turns[i]
	m := make(measure, 0, 48+min(48, len(h.words)))
	for k, e := range c.book.Codes {
		if e.Requires == "" {
			m.signs(h, k, e)
		}
	}
	m.kinds(h)
	m.form(in, h)
	m.lexicon(h)
	m.place(in, i)
	answered, continued := in.before(i)
	m.add("taler videre efter et ja eller mm", number(continued), "")
	if answered != nil {
		m.after(answered, h)
	}
	return c.kept(m)
}

// signs adds what the codebook's cues for code k find.
func (m *measure) signs(h *heard, k int, e Entry) {
	for _, hit := range h.cues[k] {
		m.add(hit.cue.Group, float64(hit.n), hit.text)
	}
	m.add(pointsOf+e.Label.DA, math.Max(-3, math.Min(4, h.scores[k])), "")
}

// inTalk are the features of turn i with what the turns around it are.
func (c *Coder) inTalk(in *context, i int) []feature {
	own := in.turns[i].features
	if c.part != Whole {
		return own
	}
	return append(own[:len(own):len(own)], c.around(in, i)...)
}

// kinds counts words by kind, three at most.
func (m *measure) kinds(h *heard) {
	var count [64]float64
	var first [64]int
	for i, k := range h.known {
		for j := range kinds {
			if k.kinds>>j&1 == 1 {
				if count[j]++; count[j] == 1 {
					first[j] = i
				}
			}
		}
	}
	for j, k := range kinds {
		if count[j] > 0 {
			m.add(k.name, math.Min(3, count[j]), h.words[first[j]])
		}
	}
}

// form measures how a turn is made.
func (m *measure) form(in *context, h *heard) {
	n := float64(len(h.words))
	m.add("turens længde", math.Log1p(n), "")
	m.add("længere, end personen ellers taler", math.Log((n+1)/(in.mean[h.Speaker]+1)), "")
	m.add("tre ord eller færre", number(n < 4), "")
	var numerals, long, abstract, passives float64
	for i, k := range h.known {
		numerals += number(k.numeral)
		long += number(k.long)
		abstract += number(k.abstract)
		passives += number(k.passives && (len(h.words[i]) >= 8 || modals.hears(h.words[max(0, i-3):i])))
	}
	m.add("nævner tal", math.Min(3, numerals), "")
	m.add("lange ord", math.Min(3, long), "")
	m.add("abstrakte ord på -ing, -else, -hed", math.Min(3, abstract), "")
	m.add("passiv: skal udfyldes, bliver bevilget", math.Min(2, passives), "")
	named, name := names(h.Text)
	m.add("nævner navne", math.Min(3, float64(named)), name)
	claim := h.words
	if len(claim) > 0 && answers.has(claim[0]) {
		claim = claim[1:]
	}
	m.add("svarer og siger mere", number(len(claim) >= 4 && len(claim) < len(h.words)), "")
	m.add("begynder med sig selv", number(selfFirst.hears(claim[:min(3, len(claim))])), "")
	m.add("spørger", number(h.asks), "?")
	m.add("spørger åbent", number(h.opens()), "?")
	m.add("spørger som et skema", number(h.field()), h.Text)
	m.add("holder inde", math.Min(3, float64(strings.Count(h.Text, "...")+strings.Count(h.Text, "…"))), "...")
	repairs, repaired := repairs(h)
	m.add("retter sig selv", math.Min(2, repairs), repaired)
	m.add("flere korte sætninger", number(sentences(h.Text) > 1 && n/float64(sentences(h.Text)) <= 7), "")
	m.add("slutter med okay eller godt", number(closes.hears(h.words[max(0, len(h.words)-2):])), "")
}

// repairs counts where a speaker begins again: the same word or two words twice ("jeg jeg", "det er det er"), a word cut
// off ("arb- arbejdet"), or a correction in so many words; and gives the first.
func repairs(h *heard) (n float64, first string) {
	w := h.words
	for i := 1; i < len(w); i++ {
		again := w[i] == w[i-1] && !answers.has(w[i])
		pair := i >= 3 && w[i] == w[i-2] && w[i-1] == w[i-3] && w[i] != w[i-1]
		if again || pair || corrects(w[i-1], w[i]) {
			n++
			first = cmp.Or(first, w[i-1]+" "+w[i])
		}
	}
	if strings.IndexByte(h.Text, '-') >= 0 || strings.Contains(h.Text, "–") {
		if cut := cutOff.FindString(h.Text); cut != "" {
			n++
			first = cmp.Or(first, cut)
		}
	}
	return n, first
}

var cutOff = regexp.MustCompile(`\pL+[-–](?: |$|,|\.\.)`)

// corrects reports whether two words announce that what comes replaces what was said.
func corrects(first, second string) bool {
	switch second {
	case "altså":
		return first == "eller" || first == "nej"
	case "mener":
		return first == "jeg"
	case "nej":
		return first == "altså"
	case "rettere":
		return first == "eller"
	case "mean":
		return first == "i"
	case "rather":
		return first == "or"
	}
	return false
}

// place measures where in the talk turn i stands and what is new in it.
func (m *measure) place(in *context, i int) {
	fresh := 0.0
	for _, s := range in.turns[i].stems {
		fresh += number(in.first[s.stem] == i)
	}
	m.add("bringer noget nyt ind", math.Min(2, fresh/4), "")
	m.add("i samtalens begyndelse", number(i < 8), "")
	m.add("i samtalens slutning", number(len(in.turns)-i <= 8), "")
}

// after measures how h relates to the turn that it answers.
func (m *measure) after(answered, h *heard) {
	m.add("svarer på et åbent spørgsmål", number(answered.opens()), "")
	m.add("svarer på et spørgsmål", number(answered.asks), "")
	m.add("gentager uden at spørge", number(echoes(answered, h)), "")
	words := shared(answered, h)
	slices.Sort(words)
	m.add("tager den andens ord op", math.Min(3, float64(len(words))), strings.Join(words, ", "))
}

// says begins the name of the feature that a word is.
const says = "siger: "

// lexicon adds the words of a professional's turn that count by themselves, each once.
func (m *measure) lexicon(h *heard) {
	if h.Role != pipeline.Professional {
		return
	}
	first := len(*m)
	for i, k := range h.known {
		if k.says != "" && !slices.ContainsFunc((*m)[first:], func(f feature) bool { return f.name == k.says }) {
			m.add(k.says, 1, h.words[i])
		}
	}
}

// commonWords are the words, content words by their stem, that professionals say in at least
// so many of the talks. Others would teach one person's manner.
func commonWords(talks []*context, least int) map[string]string {
	count := map[string]int{}
	for _, in := range talks {
		seen := map[string]bool{}
		for i := range in.turns {
			h := &in.turns[i]
			for j, k := range h.known {
				if w := k.base(h.words[j]); h.Role == pipeline.Professional && !seen[w] {
					seen[w] = true
					count[w]++
				}
			}
		}
	}
	words := map[string]string{}
	for w, n := range count {
		if n >= least {
			words[w] = says + w
		}
	}
	return words
}

// lexicon are the words that m weighs by themselves.
func (m *Model) lexicon() map[string]string {
	words := map[string]string{}
	if m == nil {
		return words
	}
	for _, r := range m.Alone {
		for name := range r.Weights {
			if w, ok := strings.CutPrefix(name, says); ok {
				words[w] = name
			}
		}
	}
	return words
}
