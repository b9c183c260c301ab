package review

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"lydhor/analysis/pseudonym"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// veiled reports whether the caller reads labels and hears noise for what points to a person.
func (s *server) veiled(r *http.Request) (bool, error) {
	if s.Veiled == nil {
		return false, nil
	}
	return s.Veiled(r)
}

// reveals reports whether the caller may have what points to a person.
func (s *server) reveals(r *http.Request) bool { return s.Reveals == nil || s.Reveals(r) }

// Plain reports whether a request asks for text without labels. The gate asks the same, and
// writes it to the audit log.
func Plain(r *http.Request) bool { return r.URL.Query().Get("plain") == "yes" }

// shown is a recording's transcript as the caller may read it.
func (s *server) shown(r *http.Request, id string) (*pipeline.Transcript, error) {
	t, err := s.transcript(r.Context(), id)
	if err != nil {
		return nil, err
	}
	veiled, err := s.veiled(r)
	if veiled {
		t, _ = pseudonym.Transcript(t)
	}
	return t, err
}

// taken is a recording's transcript as it leaves the system: with labels, unless the caller
// asks for the plain text and may have it.
func (s *server) taken(r *http.Request, id string) (*pipeline.Transcript, error) {
	t, err := s.transcript(r.Context(), id)
	if err != nil || Plain(r) && s.reveals(r) {
		return t, err
	}
	t, _ = pseudonym.Transcript(t)
	return t, nil
}

// nameless is what is said of a recording without what people wrote freely.
func nameless(r Recording) Recording {
	r.Title = ""
	r.Meta = maps.Clone(r.Meta)
	delete(r.Meta, "case")
	delete(r.Meta, "tags")
	return r
}

// listed is the library as the caller may read it: a title may be a name.
func (s *server) listed(r *http.Request) ([]Recording, error) {
	list, err := s.Library.Recordings(r.Context())
	if err != nil {
		return nil, err
	}
	veiled, err := s.veiled(r)
	for i := range list {
		if veiled {
			list[i] = nameless(list[i])
		}
	}
	return list, err
}

// heard opens a recording as the caller may hear it.
func (s *server) heard(r *http.Request, id string) (io.ReadSeekCloser, string, error) {
	veiled, err := s.veiled(r)
	if err != nil {
		return nil, "", err
	}
	if !veiled {
		return s.Audio.Open(r.Context(), id)
	}
	t, err := s.transcript(r.Context(), id)
	if err != nil {
		return nil, "", err
	}
	return s.Audio.Masked(r.Context(), id, pseudonym.Spans(t))
}

// veil puts labels in what a search found. A place that holds a name which was searched for
// is left out: that it is there would tell whom the label stands for.
func (s *server) veil(r *http.Request, words string, hits []store.Hit) ([]store.Hit, error) {
	read := map[string]*pipeline.Transcript{}
	var kept []store.Hit
	for _, h := range hits {
		plain, known := read[h.Recording]
		if !known {
			var err error
			if plain, err = s.transcript(r.Context(), h.Recording); err != nil {
				return nil, err
			}
			read[h.Recording] = plain
		}
		if tells(plain, h.N, words) {
			continue
		}
		masked, _ := pseudonym.Transcript(plain)
		said := func(n int) string {
			if turn := masked.Turn(n); turn != nil {
				return turn.Text
			}
			return ""
		}
		h.Name, h.Before, h.After = "", said(h.N-1), said(h.N+1)
		h.Text = []store.Marked{{Text: said(h.N)}}
		kept = append(kept, h)
	}
	return kept, nil
}

// tells reports whether turn n of t has an expression that points to a person and holds one
// of the words.
func tells(t *pipeline.Transcript, n int, words string) bool {
	asked := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !inWord(r) })
	return slices.ContainsFunc(pseudonym.Find(t), func(m pseudonym.Mention) bool {
		text := strings.ToLower(m.Text)
		return m.Turn == n && slices.ContainsFunc(asked, func(word string) bool { return strings.Contains(text, word) })
	})
}
