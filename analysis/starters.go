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
	return s[s.Language(t)].Analyse(t)
}

// Language is the one that s codes t in: its own, or Danish where s does not know that.
func (s Starters) Language(t *pipeline.Transcript) string {
	if _, known := s[t.Language]; known {
		return t.Language
	}
	return "da"
}
