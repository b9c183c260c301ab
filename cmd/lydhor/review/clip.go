package review

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"lydhor/analysis/pseudonym"
	"lydhor/pipeline"
)

// longestClip is how much sound a sheet's clip may have.
const longestClip = 5 * time.Minute

// clip plays the sound of a sheet's excerpt, with other voices and a tone for what points to
// a person: the turns around an utterance, without a deciding turn that comes much later.
func (s *server) clip(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	t, err := s.transcript(r.Context(), id)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(r.PathValue("n"))
	at := slices.IndexFunc(t.Turns, func(turn pipeline.Turn) bool { return turn.N == n })
	if at < 0 {
		return errNotFound
	}
	around := t.Turns[max(at-turnsBefore, 0):min(at+turnsAfter+1, len(t.Turns))]
	stretch := around[0].Span
	for _, turn := range around {
		stretch.End = max(stretch.End, turn.End)
	}
	stretch.End = min(stretch.End, stretch.Start+longestClip)
	clip, mediaType, err := s.Clips.Clip(r.Context(), id, stretch, pseudonym.Spans(t))
	if err != nil {
		return fmt.Errorf("cut a clip of %s: %w", id, err)
	}
	w.Header().Set("Content-Type", mediaType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(clip))
	return nil
}
