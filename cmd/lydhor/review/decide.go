package review

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lydhor/pipeline"
)

// decide adds one act of the coder on one turn, and answers with the turn's flag as it then
// stands. Sent again with the same key it changes nothing and answers the same.
func (s *server) decide(w http.ResponseWriter, r *http.Request) error {
	id, coder := r.PathValue("id"), s.coderOf(r)
	t, err := s.shown(r, id)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return errNotFound
	}
	turn := t.Turn(n)
	if turn == nil {
		return outdated("page is old", "/recordings/"+id)
	}
	if coder == pipeline.Consensus {
		if err := s.done(r, t); err != nil {
			return err
		}
	}
	if err := s.standing(r, id, coder); err != nil {
		return err
	}
	made, err := s.Decisions.Decisions(r.Context(), id, coder)
	if err != nil {
		return err
	}
	key := r.FormValue("key")
	if len(key) < 16 || len(key) > 64 {
		return unfit("cannot decide")
	}
	if !slices.ContainsFunc(made, func(d pipeline.Decision) bool { return d.Key == key }) {
		d, err := act(t, turn, made, r.FormValue)
		if err != nil {
			return err
		}
		d.Key, d.Coder, d.Turn = key, coder, turn.Span
		if coder == pipeline.Consensus {
			d.Note = s.Coder(r)
		}
		if err := s.Decisions.Decide(r.Context(), id, d); err != nil {
			return err
		}
		made = append(made, d)
	}
	if coder == pipeline.Consensus { // from the comparison's plain form
		http.Redirect(w, r, "/recordings/"+id+"/compare#t"+r.PathValue("n"), http.StatusSeeOther)
		return nil
	}
	c := newConversation(t, pipeline.Standing(t, made))
	return s.write(w, r, http.StatusOK, "flag-of", c.Turns[n-1])
}

// noteLimit is how many letters a comment may have.
const noteLimit = 4000

// act makes of what stands for a turn, and of what the coder did, the decision that stands
// next. field gives what was sent with it.
func act(t *pipeline.Transcript, turn *pipeline.Turn, made []pipeline.Decision, field func(string) string) (pipeline.Decision, error) {
	d, decided := pipeline.Standing(t, made)[turn.N]
	undoes := d.Key
	if !decided {
		d = pipeline.Decision{Meaning: turn.Has(pipeline.CitizenMeaning)}
		if deciding := t.Turn(turn.OutcomeTurn); deciding != nil {
			d.Deciding = deciding.Span
		}
	}
	proposed := d.Outcome
	if proposed == "" {
		proposed = turn.Outcome
	}
	do := field("do")
	switch {
	case do == "undo" && decided:
		return pipeline.Decision{Undoes: undoes}, nil
	case do == "confirm" && proposed != "":
		d.Meaning, d.Outcome = true, proposed
	case do == "not_meaning":
		d.Meaning, d.Outcome, d.Deciding = false, "", pipeline.Span{}
	case do == "meaning":
		d.Meaning = true
	case do == "note":
		d.Note = strings.TrimSpace(field("note"))
		if utf8.RuneCountInString(d.Note) > noteLimit {
			return d, problem{status: http.StatusUnprocessableEntity, key: "note is too long", args: []any{noteLimit}, wrote: d.Note}
		}
	case do == "deciding":
		n, _ := strconv.Atoi(field("deciding"))
		deciding := t.Turn(n)
		if deciding == nil || deciding.Start < turn.Start || n == turn.N {
			return d, unfit("later turn decides")
		}
		d.Meaning, d.Outcome, d.Deciding = true, proposed, deciding.Span
	case slices.Contains(pipeline.Outcomes, pipeline.Outcome(do)):
		d.Meaning, d.Outcome = true, pipeline.Outcome(do)
		if d.Outcome == pipeline.Open {
			d.Deciding = pipeline.Span{}
		}
	default:
		return d, unfit("cannot decide")
	}
	return d, nil
}
