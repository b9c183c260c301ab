package review

import (
	"errors"
	"net/http"
	"slices"

	"lydhor/pipeline/store"
)

// designs reports whether the caller may say who codes what, and by which codebook.
func (s *server) designs(r *http.Request) bool { return s.Designs == nil || s.Designs(r) }

// coding shows who codes which recordings beside others, and how far each is.
func (s *server) coding(w http.ResponseWriter, r *http.Request) error {
	p, err := s.codingPage(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "coding", p)
}

// A codingPage lists recordings that are to be coded by several.
type codingPage struct {
	Assigned []assigned
	Done     []Recording // that can be assigned
	Members  []string
	Designs  bool
	Picked   []string // recordings
	Coders   []string // picked
	Sighted  bool
	Problem  *problem
}

// An assigned recording and who codes it.
type assigned struct {
	Recording
	Coders []codes
}

// codes says how far one coder is with a recording.
type codes struct {
	store.Assignment
	Shown bool // whether the reader may know how much the coder has decided
}

func (s *server) codingPage(r *http.Request) (*codingPage, error) {
	list, err := s.listed(r)
	if err != nil {
		return nil, err
	}
	all, err := s.Coding.Assignments(r.Context())
	if err != nil {
		return nil, err
	}
	p := &codingPage{Designs: s.designs(r)}
	if p.Members, err = s.Coding.Members(r.Context()); err != nil {
		return nil, err
	}
	for _, rec := range list {
		if rec.State == Done {
			p.Done = append(p.Done, rec)
		}
		row := assigned{Recording: rec}
		blind, err := s.blind(r.Context(), rec.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			if a.Recording == rec.ID {
				row.Coders = append(row.Coders, codes{a, !blind || a.Coder == s.Coder(r)})
			}
		}
		if len(row.Coders) > 0 {
			p.Assigned = append(p.Assigned, row)
		}
	}
	return p, nil
}

// Has reports whether a value is picked.
func (p *codingPage) Has(list []string, value string) bool { return slices.Contains(list, value) }

// assign has the picked members code the picked recordings.
func (s *server) assign(w http.ResponseWriter, r *http.Request) error {
	sighted := r.PostFormValue("sighted") != ""
	recordings, coders := picked(r, "recording"), picked(r, "coder")
	err := error(unfit("pick coders"))
	if len(recordings) > 0 && len(coders) > 0 {
		err = s.assignAll(r, recordings, coders, sighted)
	}
	return s.coded(w, r, err, codingPage{Picked: recordings, Coders: coders, Sighted: sighted})
}

// picked are the values of a field, without empty ones.
func picked(r *http.Request, field string) []string {
	return slices.DeleteFunc(slices.Clone(r.PostForm[field]), func(v string) bool { return v == "" })
}

// coded ends a change of who codes what: it goes back to the page, or shows it with the problem
// and with what was picked.
func (s *server) coded(w http.ResponseWriter, r *http.Request, err error, picked codingPage) error {
	if err == nil {
		http.Redirect(w, r, "/coding", http.StatusSeeOther)
		return nil
	}
	bad, is := errors.AsType[problem](err)
	if !is {
		return err
	}
	p, err := s.codingPage(r)
	if err != nil {
		return err
	}
	p.Picked, p.Coders, p.Sighted, p.Problem = picked.Picked, picked.Coders, picked.Sighted, &bad
	return s.render(w, r, bad.status, "coding", p)
}

// assignAll assigns as far as it can and gives the first problem.
func (s *server) assignAll(r *http.Request, recordings, coders []string, sighted bool) (first error) {
	for _, recording := range recordings {
		for _, coder := range coders {
			err := s.Coding.Assign(r.Context(), store.Assignment{Recording: recording, Coder: coder, Blind: !sighted, By: s.Coder(r)})
			switch {
			case errors.Is(err, store.ErrNoCoder):
				err = unfit("nobody may code", brief(coder))
			case errors.Is(err, store.ErrSeen):
				err = unfit("has seen", coder)
			case errors.Is(err, store.ErrNotFound):
				err = unfit("recording is gone")
			}
			if first == nil {
				first = err
			}
		}
	}
	return first
}

// withdraw takes an assignment back that is not handed in.
func (s *server) withdraw(w http.ResponseWriter, r *http.Request) error {
	err := s.Coding.Withdraw(r.Context(), r.PostFormValue("recording"), r.PostFormValue("coder"))
	if errors.Is(err, store.ErrNotFound) {
		err = outdated("nothing to withdraw", "")
	}
	return s.coded(w, r, err, codingPage{})
}
