package review

import (
	"fmt"
	"net/http"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
)

// leaving is a recording's transcript as it leaves the system, with the codes of the machine
// or, where ?as=consensus asks for them, those that its coders agree on.
func (s *server) leaving(r *http.Request, id string) (*pipeline.Transcript, error) {
	t, err := s.taken(r, id)
	if err != nil || r.FormValue("as") != pipeline.Consensus {
		return t, err
	}
	return s.agreed(r, t, id)
}

// agreed is t with the codes that the people who coded it agree on, and no others. A problem
// where they are not done or have not settled everything.
func (s *server) agreed(r *http.Request, t *pipeline.Transcript, id string) (*pipeline.Transcript, error) {
	blind, err := s.blind(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if blind {
		return nil, problem{status: http.StatusConflict, key: "hand in first", link: "/recordings/" + id}
	}
	all, err := s.Decisions.Decisions(r.Context(), id, "")
	if err != nil {
		return nil, err
	}
	assigned, err := s.assignments(r.Context(), id)
	if err != nil {
		return nil, err
	}
	talk := agreement.NewTalk(t, func(string) bool { return false })
	made := pipeline.ByCoder(all)
	for _, coder := range newComparison(t, all, assigned).Coders {
		talk.By[coder] = agreement.Decided(t, made[coder])
	}
	settled := pipeline.Standing(t, made[pipeline.Consensus])
	coding, open := talk.Consensus(settled)
	if coding == nil {
		return nil, problem{status: http.StatusConflict, key: "no consensus yet", link: "/recordings/" + id + "/compare"}
	}
	if len(open) > 0 {
		return nil, problem{status: http.StatusConflict, key: "not settled yet", args: []any{len(open)}, link: "/recordings/" + id + "/compare"}
	}
	deciding := pipeline.Settled(t, all)
	agreed := t.Uncoded()
	for n, outcome := range coding {
		turn := agreed.Turn(n)
		turn.Codes, turn.Outcome = []pipeline.Code{pipeline.CitizenMeaning}, outcome
		if at := t.At(deciding[n].Deciding); at != nil {
			turn.OutcomeTurn = at.N
		}
	}
	agreed.Runs = append(agreed.Runs, pipeline.Run{Stage: pipeline.Analyse, Params: map[string]string{
		"coding": pipeline.Consensus, "coders": fmt.Sprint(len(talk.By)),
	}})
	return agreed, nil
}
