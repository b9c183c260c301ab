package review

import (
	"errors"
	"net/http"

	"lydhor/pipeline/store"
)

// vocabularyPage is the form for the words to expect, with what was wrong with them.
type vocabularyPage struct {
	Words   string
	Kept    bool // just now
	Problem *problem
}

func (s *server) vocabulary(w http.ResponseWriter, r *http.Request) error {
	words, err := s.Vocabulary.Vocabulary(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "vocabulary", vocabularyPage{Words: words, Kept: r.FormValue("kept") != ""})
}

// setVocabulary takes the form; the words stand in it again where they are too many.
func (s *server) setVocabulary(w http.ResponseWriter, r *http.Request) error {
	words := r.PostFormValue("words")
	err := s.Vocabulary.SetVocabulary(r.Context(), words)
	if errors.Is(err, store.ErrLongVocabulary) {
		p := unfit("vocabulary too long", store.VocabularyLimit)
		return s.render(w, r, p.status, "vocabulary", vocabularyPage{Words: words, Problem: &p})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/vocabulary?kept=1", http.StatusSeeOther)
	return nil
}
