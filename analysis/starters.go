package analysis

import "lydhor/pipeline"

// Starters codes every transcript by the codebook that comes with the program in the
// transcript's own language, or in Danish where there is none.
type Starters map[string]*Coder

var _ pipeline.Analyser = Starters{}

// NewStarters makes Starters.
func NewStarters() (Starters, error) {
	all := Starters{}
	for _, language := range []string{"da", "en"} {
		c, err := Starter(language)
		if err != nil {
			return nil, err
		}
		all[language] = c
	}
	return all, nil
}

// Analyse is pipeline.Analyser's.
func (s Starters) Analyse(t *pipeline.Transcript) pipeline.Run {
	if c, ok := s[t.Language]; ok {
		return c.Analyse(t)
	}
	return s["da"].Analyse(t)
}
