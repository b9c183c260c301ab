package analysis

import (
	"slices"
	"strings"

	"lydhor/pipeline"
)

// all lists the themes of every set.
func (s ThemeSets) all() []Theme { return slices.Concat(s.Potentials, s.Dimensions, s.Barriers) }

// cues make cues of themes, so that they are heard with the others; a theme's id is the group.
func (s ThemeSets) cues() (list []*Cue) {
	for _, theme := range s.all() {
		list = append(list, &Cue{Group: theme.ID, Weight: theme.Weight, Max: 3, Words: 6, spoken: theme.spoken})
	}
	return list
}

// themed reports whether a recording of that kind is read for themes: those in which
// practitioners, leaders and researchers talk about the work.
func themed(k pipeline.Kind) bool { return k == pipeline.FLIP || k == pipeline.Meeting }

// suggestTheme is the points from which a theme is suggested.
const suggestTheme = 1

// QuotedCitizen is the key of a turn's evidence that somebody quotes a citizen. A quoted citizen
// is no citizen's turn: nothing is coded on it.
const QuotedCitizen = "quoted_citizen"

// themes replaces the themes of t and says where a citizen is quoted.
func (c *Coder) themes(t *pipeline.Transcript, in *context) {
	t.Themes = nil
	if !themed(t.Kind) {
		return
	}
	for i := range in.turns {
		h := &in.turns[i]
		turn := pipeline.Themes{Turn: h.N}
		for _, f := range c.topics.listen(h) {
			if f.cue.Weight*float64(f.n) >= suggestTheme {
				turn.Themes = append(turn.Themes, f.cue.Group)
			}
		}
		if len(turn.Themes) > 0 {
			t.Themes = append(t.Themes, turn)
		}
		if quote := h.quotes(); quote != "" {
			h.Evidence[QuotedCitizen] = []pipeline.Evidence{{Group: "citerer en borger", Text: quote, Turn: h.N, Weight: 1}}
		}
	}
}

var (
	quoted = newWordList(`borgeren borgerne borger hun han de en dem mange nogen nogle manden kvinden
		citizen she he they one people client somebody someone`)
	quoting   = newWordList("siger sagde spurgte spørger svarede svarer fortalte råbte says said say asks asked tells told")
	notQuoted = newWordList(`borgmesteren chefen direktøren udvalget ledelsen lederen politikerne kollegerne kommunen`)
	inQuote   = newWordList("jeg mig min mit mine åh nej ja hvad hvem hvornår kan må skal du i it's i'm my me oh no yes what")
)

// quotes gives the words with which h quotes a citizen, "" where it does not: a person, a
// verb of saying beside it, and words in that person's own voice straight after a comma or
// colon. Without marks the voice alone has to do.
func (h *heard) quotes() string {
	marks := strings.FieldsFunc(h.Text, func(r rune) bool { return strings.ContainsRune(".?!", r) })
	for _, sentence := range marks {
		at := strings.IndexAny(sentence, ",:")
		if at < 0 {
			continue
		}
		before, after := tokens(sentence[:at]), tokens(sentence[at+1:])
		if saysBy(before) && len(after) > 1 && inQuote.hears(after[:min(3, len(after))]) {
			return strings.TrimSpace(sentence[at+1:])
		}
	}
	return ""
}

// saysBy reports whether words end by saying that a person said something.
func saysBy(words []string) bool {
	end := words[max(0, len(words)-5):]
	for i, w := range end {
		if quoting.has(w) && !notQuoted.hears(end) &&
			(i > 0 && quoted.has(end[i-1]) || i+1 < len(end) && quoted.has(end[i+1])) {
			return true
		}
	}
	return false
}
