package review

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lydhor/pipeline"
)

// transcript is a recording's transcript with the corrections in it, analysed as it then
// reads.
func (s *server) transcript(ctx context.Context, id string) (*pipeline.Transcript, error) {
	t, err := s.Library.Transcript(ctx, id)
	if err != nil || s.Corrections == nil {
		return t, err
	}
	made, err := s.Corrections.Corrections(ctx, id)
	if err != nil || len(made) == 0 {
		return t, err
	}
	t = pipeline.Correct(t, made)
	blind, err := s.blind(ctx, id)
	if err != nil || blind || s.Analyser == nil {
		return t, err
	}
	analyser, err := s.Analyser(ctx)
	if err != nil {
		return nil, err
	}
	t.Analysed(analyser)
	return t, nil
}

// correct adds one correction and goes back to the page.
func (s *server) correct(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if veiled, err := s.veiled(r); err != nil || veiled { // what they send would hold labels
		return cmp.Or(err, error(problem{status: http.StatusForbidden, key: "masked text is not corrected"}))
	}
	t, err := s.transcript(r.Context(), id)
	if err != nil {
		return err
	}
	made, err := s.Corrections.Corrections(r.Context(), id)
	if err != nil {
		return err
	}
	key := r.FormValue("key")
	if len(key) < 16 || len(key) > 64 {
		return cannotCorrect
	}
	if !slices.ContainsFunc(made, func(c pipeline.Correction) bool { return c.Key == key }) {
		c, err := correction(t, made, s.Coder(r), r.FormValue)
		if err != nil {
			return err
		}
		c.Key, c.Coder = key, s.Coder(r)
		if err := s.Corrections.Correct(r.Context(), id, c); err != nil {
			return err
		}
	}
	back := "/recordings/" + id
	if r.URL.RawQuery != "" { // what it is written in
		back += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

var cannotCorrect = unfit("cannot correct")

// How many letters a turn and a speaker's label may have.
const (
	textLimit  = 100_000
	labelLimit = 60
)

// correction makes of what was sent the correction to add. A turn is named by its number
// and its start, so that a page that is no longer true corrects nothing.
func correction(t *pipeline.Transcript, made []pipeline.Correction, coder string, field func(string) string) (pipeline.Correction, error) {
	c := pipeline.Correction{Do: pipeline.Change(field("do")), Label: field("label"), To: strings.TrimSpace(field("to"))}
	switch c.Do {
	case "undo":
		c.Undoes = lastStanding(made, coder)
		c.Do = ""
		if c.Undoes == "" {
			return c, unfit("nothing to undo")
		}
		return c, nil
	case pipeline.ChangeRole, pipeline.ChangeLabel:
		return c, ofSpeaker(t, c)
	case pipeline.ChangeText, pipeline.ChangeSpeaker, pipeline.Join:
		return c, ofTurn(t, &c, field)
	case pipeline.Split, pipeline.GiveNext, pipeline.GivePrevious:
		from, err := strconv.ParseInt(field("from"), 10, 64)
		if err != nil {
			return c, unfit("no word is lit")
		}
		c.From = time.Duration(from) * time.Millisecond
		return c, ofTurn(t, &c, field)
	}
	return c, cannotCorrect
}

// ofSpeaker is what is wrong with a correction of a speaker.
func ofSpeaker(t *pipeline.Transcript, c pipeline.Correction) error {
	switch {
	case !slices.ContainsFunc(lanes(t), func(l lane) bool { return l.Label == c.Label }):
		return problem{status: http.StatusConflict, key: "page is old", wrote: c.To}
	case c.Do == pipeline.ChangeRole && !slices.Contains(pipeline.Roles, pipeline.Role(c.To)):
		return cannotCorrect
	case c.Do == pipeline.ChangeLabel && (c.To == "" || utf8.RuneCountInString(c.To) > labelLimit):
		return problem{status: http.StatusUnprocessableEntity, key: "name the speaker", args: []any{labelLimit}, wrote: c.To}
	}
	return nil
}

// ofTurn finds the turn that c is of, or says what is wrong.
func ofTurn(t *pipeline.Transcript, c *pipeline.Correction, field func(string) string) error {
	n, _ := strconv.Atoi(field("turn"))
	turn := t.Turn(n)
	if turn == nil || strconv.FormatInt(turn.Start.Milliseconds(), 10) != field("start") {
		return problem{status: http.StatusConflict, key: "page is old", wrote: c.To}
	}
	if c.Do == pipeline.ChangeSpeaker && utf8.RuneCountInString(c.To) > labelLimit {
		return cannotCorrect
	}
	if utf8.RuneCountInString(c.To) > textLimit {
		return problem{status: http.StatusUnprocessableEntity, key: "text is too long", args: []any{textLimit}, wrote: c.To}
	}
	c.Turn = turn.Span
	return nil
}

// lastStanding is the key of the coder's latest correction that is not undone.
func lastStanding(made []pipeline.Correction, coder string) string {
	undone := map[string]bool{}
	for _, c := range slices.Backward(made) {
		switch {
		case c.Undoes != "":
			undone[c.Undoes] = true
		case c.Coder == coder && !undone[c.Key]:
			return c.Key
		}
	}
	return ""
}
