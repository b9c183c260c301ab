package review

import (
	"net/http"
	"slices"

	"lydhor/pipeline"
)

// caseOf shows one citizen's course (forløb): its recordings in the order of the talks, each
// with what the citizen said that matters and what came of it. It shows talks, and adds
// nothing up over them.
func (s *server) caseOf(w http.ResponseWriter, r *http.Request) error {
	list, err := s.listed(r)
	if err != nil {
		return err
	}
	p := casePage{Case: r.PathValue("case")}
	for _, rec := range list {
		if rec.Meta["case"] != p.Case {
			continue
		}
		talk := caseTalk{Recording: rec}
		if rec.State == Done {
			if talk.Heard, err = s.readAs(r, rec.ID); err != nil {
				return err
			}
		}
		p.Talks = append(p.Talks, talk)
	}
	if len(p.Talks) == 0 {
		return errNotFound
	}
	slices.SortStableFunc(p.Talks, func(a, b caseTalk) int { return byDay(a.Recording, b.Recording) })
	return s.render(w, r, http.StatusOK, "case", p)
}

// readAs is a conversation as the reader has decided it.
func (s *server) readAs(r *http.Request, id string) (*conversation, error) {
	t, err := s.shown(r, id)
	if err != nil {
		return nil, err
	}
	made, err := s.Decisions.Decisions(r.Context(), id, s.Coder(r))
	if err != nil {
		return nil, err
	}
	return newConversation(t, pipeline.Standing(t, made)), nil
}

type casePage struct {
	Case  string
	Talks []caseTalk
}

// A caseTalk is one recording of a case.
type caseTalk struct {
	Recording
	Heard *conversation // nil until it is done
}
