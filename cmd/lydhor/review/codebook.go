package review

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"lydhor/pipeline/store"
)

// Codebooks are the versions of a project's codebook, and which it codes by.
type Codebooks interface {
	Codebooks(context.Context) ([]store.Codebook, error)
	Choices(context.Context) ([]store.Choice, error)
	UseCodebook(ctx context.Context, yaml, by string) error
	Choose(context.Context, store.Choice) error
	// AnalyseAgain has every recording that is done coded again, and says how many.
	AnalyseAgain(context.Context) (int, error)
}

// bookLanguages are those that there are codebooks in.
var bookLanguages = []string{"da", "en"}

// codebookLimit is how many bytes a codebook may have.
const codebookLimit = 1 << 20

type codebookPage struct {
	Versions []bookVersion
	Designs  bool
	Wrong    []problem // with the codebook that was sent
	Problem  *problem
}

// A bookVersion is a version that can be chosen; Version is empty for the program's own.
type bookVersion struct {
	store.Codebook
	InUse bool
}

// codebook shows the versions of the project's codebook.
func (s *server) codebook(w http.ResponseWriter, r *http.Request) error {
	return s.showCodebook(w, r, http.StatusOK, codebookPage{})
}

func (s *server) showCodebook(w http.ResponseWriter, r *http.Request, status int, p codebookPage) error {
	books, err := s.Codebooks.Codebooks(r.Context())
	if err != nil {
		return err
	}
	choices, err := s.Codebooks.Choices(r.Context())
	if err != nil {
		return err
	}
	chosen := map[string]string{}
	for _, c := range choices {
		if c.What == store.Codebooks {
			chosen[c.Language] = c.Version
		}
	}
	for _, language := range bookLanguages {
		for _, b := range append(books, store.Codebook{Language: language}) {
			if b.Language == language {
				p.Versions = append(p.Versions, bookVersion{b, b.Version == chosen[language]})
			}
		}
	}
	p.Designs = s.designs(r)
	return s.render(w, r, status, "codebook", p)
}

// useCodebook has the project code by the codebook that is sent, or says what is wrong with
// it.
func (s *server) useCodebook(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, codebookLimit)
	text, err := codebookOf(r)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return s.showCodebook(w, r, http.StatusRequestEntityTooLarge, codebookPage{Problem: &problem{key: "pick a codebook"}})
	}
	if err != nil {
		return s.showCodebook(w, r, http.StatusUnprocessableEntity, codebookPage{Problem: &problem{key: "pick a codebook"}})
	}
	err = s.Codebooks.UseCodebook(r.Context(), text, s.Coder(r))
	if bad, is := errors.AsType[store.BadCodebook](err); is {
		return s.showCodebook(w, r, http.StatusUnprocessableEntity, codebookPage{Wrong: faultsOf(bad), Problem: &problem{key: "codebook is wrong"}})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/codebook", http.StatusSeeOther)
	return nil
}

// codebookOf is the text of the file that a form brings.
func codebookOf(r *http.Request) (string, error) {
	file, _, err := r.FormFile("codebook")
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	return string(text), err
}

// chooseCodebook has the project code by another version from now on.
func (s *server) chooseCodebook(w http.ResponseWriter, r *http.Request) error {
	if !slices.Contains(bookLanguages, r.PostFormValue("language")) {
		return s.showCodebook(w, r, http.StatusUnprocessableEntity, codebookPage{Problem: &problem{key: "no such version"}})
	}
	err := s.Codebooks.Choose(r.Context(), store.Choice{What: store.Codebooks, Language: r.PostFormValue("language"), Version: r.PostFormValue("version"), By: s.Coder(r)})
	if errors.Is(err, store.ErrNotFound) {
		return s.showCodebook(w, r, http.StatusUnprocessableEntity, codebookPage{Problem: &problem{key: "no such version"}})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/codebook", http.StatusSeeOther)
	return nil
}

// analyseAgain has the earlier recordings coded by what the project has chosen.
func (s *server) analyseAgain(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Codebooks.AnalyseAgain(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/codebook", http.StatusSeeOther)
	return nil
}
