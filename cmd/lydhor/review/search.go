package review

import (
	"net/http"
	"strings"

	"lydhor/pipeline/store"
)

// search shows where words were said, each place with what stands around it and its sound.
func (s *server) search(w http.ResponseWriter, r *http.Request) error {
	p := searchPage{Words: strings.TrimSpace(strings.ToValidUTF8(r.FormValue("q"), ""))}
	if len(p.Words) > wordsLimit {
		return problem{status: http.StatusUnprocessableEntity, key: "search is too long"}
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

// wordsLimit is how many bytes may be searched for.
const wordsLimit = 200

type searchPage struct {
	Words string
	Hits  []store.Hit
}
