package review

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/exchange"
)

// recording shows one recording: its conversation, or how far it is and what went wrong.
func (s *server) recording(w http.ResponseWriter, r *http.Request) error {
	rec, err := s.Library.Recording(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	veiled, err := s.veiled(r)
	if err != nil {
		return err
	}
	if veiled {
		*rec = nameless(*rec)
	}
	p := &recordingPage{Recording: rec, Formats: exchange.Formats(), Editable: s.Corrections != nil && !veiled, Reveals: s.reveals(r)}
	a := newAnswer(w, r, http.StatusOK, mediaHTML)
	return a.end(s.recordingParts(a, r, p))
}

// recordingParts writes a recording's page: its head at once, which reads little, then the
// conversation, which may be four hours of rows. What goes wrong there is said on the page.
func (s *server) recordingParts(a *answer, r *http.Request, p *recordingPage) error {
	if err := s.fill(a, r, "recording", s.framed(r, p)); err != nil {
		return err
	}
	if p.Recording.State != Done {
		return s.fill(a, r, "on its way", p)
	}
	if err := a.flush(); err != nil {
		return err
	}
	err := s.read(r, p)
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		return s.fill(a, r, "broken off", s.problemOf(r, err))
	}
	return s.fill(a, r, "room", s.framed(r, p))
}

// read reads the conversation of a recording that is done.
func (s *server) read(r *http.Request, p *recordingPage) (err error) {
	id := p.Recording.ID
	if p.Sheets, err = s.sheetsOf(r, id); err != nil {
		return err
	}
	t, err := s.shown(r, id)
	if err != nil {
		return err
	}
	made, err := s.Decisions.Decisions(r.Context(), id, s.Coder(r))
	if err != nil {
		return err
	}
	if p.Blind, err = s.blind(r.Context(), id); err != nil {
		return err
	}
	p.conversation = newConversation(t, pipeline.Standing(t, made))
	p.HasSound, p.Reviewed = true, true
	if p.Loudness, err = s.Audio.Loudness(r.Context(), id); err != nil {
		return err
	}
	if r.FormValue("notation") != "" {
		p.notate(p.Loudness)
	}
	if s.Voices != nil && p.Editable {
		p.Recognised, err = s.Voices.Recognised(r.Context(), id)
	}
	return err
}

type recordingPage struct {
	*conversation // nil until the recording is done
	Recording     *Recording
	Formats       []exchange.Format
	Sheets        []taken
	Editable      bool
	Blind         bool        // whether the reader codes it blind, and has not handed it in
	Reveals       bool        // whether the reader may download without labels
	Recognised    *Recognised // nil where no voice can be recognised
}

// SoundsLike is what a speaker's voice proposes that nobody has settled: a name, a role or
// both; nil for nothing.
func (p recordingPage) SoundsLike(l lane) *soundsLike {
	if p.Recognised == nil {
		return nil
	}
	found, known := p.Recognised.Speakers[l.Label]
	if found.Label == l.Label {
		found.Label = ""
	}
	if !l.Proposed && l.Role != pipeline.Unknown {
		found.Role = ""
	}
	if !known || found.Label == "" && found.Role == "" {
		return nil
	}
	return &soundsLike{found, int(math.Round(100 * found.Likeness))}
}

// soundsLike is what a voice proposes, with its likeness in hundredths.
type soundsLike struct {
	pipeline.Recognition
	Percent int
}

// sound plays a recording; browsers ask for the stretches they need.
func (s *server) sound(w http.ResponseWriter, r *http.Request) error {
	rec, err := s.Library.Recording(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	sound, mediaType, err := s.heard(r, rec.ID)
	if errors.Is(err, ErrMasking) {
		w.Header().Set("Retry-After", "10")
		return problem{status: http.StatusServiceUnavailable, key: "sound is being masked"}
	}
	if err != nil {
		return fmt.Errorf("open sound of %s: %w", rec.ID, err)
	}
	defer sound.Close()
	w.Header().Set("Content-Type", mediaType)
	http.ServeContent(w, r, "", time.Time{}, sound)
	return nil
}

// export downloads a recording's transcript in a file format.
func (s *server) export(w http.ResponseWriter, r *http.Request) error {
	format, err := exchange.ParseFormat(r.PathValue("format"))
	if err != nil {
		return errNotFound
	}
	t, err := s.leaving(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", t.ID+"."+format.Name))
	return format.Write(w, t)
}
