package review

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"lydhor/pipeline/store"
)

// search shows where words were said, each place with what stands around it and its sound.
func (s *server) search(w http.ResponseWriter, r *http.Request) error {
	p := searchPage{Words: strings.TrimSpace(r.FormValue("q"))}
	if utf8.RuneCountInString(p.Words) > wordsLimit {
		p.Problem = &problem{key: "search is too long", args: []any{wordsLimit}}
		return s.render(w, r, http.StatusUnprocessableEntity, "search", p)
	}
	if p.Words != "" {
		var err error
		if p.Hits, err = s.Finder.Find(r.Context(), p.Words); err != nil {
			return err
		}
		veiled, err := s.veiled(r)
		if err != nil {
			return err
		}
		if veiled {
			if p.Hits, err = s.veil(r, p.Words, p.Hits); err != nil {
				return err
			}
		}
	}
	return s.render(w, r, http.StatusOK, "search", p)
}

// wordsLimit is how many letters may be searched for.
const wordsLimit = 200

type searchPage struct {
	Words   string
	Hits    []store.Hit
	Problem *problem
}
