package pipeline

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
)

// A Path is who does the work of each stage.
type Path struct {
	Transcriber Transcriber
	Diariser    Diariser
	Analyser    Analyser
}

// Process takes the recording in file all the way to coded turns, in memory: no database,
// no queue. What the stages decode stands in a temporary folder until it returns.
//
// A recording whose speakers cannot be told apart is not lost: its turns then have the one
// speaker UnknownSpeaker, and a notice says why.
func (p Path) Process(ctx context.Context, file string, kind Kind, speakers Speakers, progress Progress) (*Transcript, error) {
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	progress(Ingest, 0)
	sound, err := Decode(ctx, file, dir) // 16 kHz mono
	if err != nil {
		return nil, err
	}
	defer sound.Close()
	progress(Ingest, 1)

	speech, voices, err := p.hear(ctx, sound, speakers, progress) // words; who spoke when
	if err != nil {
		return nil, err
	}

	t := NewTranscript(kind, speech, voices) // turns, their speakers not known yet
	t.Analysed(p.Analyser)                   // coded
	progress(Analyse, 1)
	return t, nil
}

// Analysed has a code t, in place of whatever an earlier analysis said.
func (t *Transcript) Analysed(a Analyser) {
	run := a.Analyse(t)
	t.Runs = append(slices.DeleteFunc(t.Runs, func(r Run) bool { return r.Stage == Analyse }), run)
}

// hear transcribes and diarises beside each other: the one waits for whisper's matrices,
// the other needs a single core.
func (p Path) hear(ctx context.Context, sound Sound, speakers Speakers, progress Progress) (*Speech, *Voices, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var voices *Voices
	var diarise sync.WaitGroup
	diarise.Go(func() {
		var err error
		if voices, err = p.Diariser.Diarise(ctx, sound, speakers, progress); err != nil {
			voices = NoVoices(err)
		}
	})
	speech, err := p.Transcriber.Transcribe(ctx, sound, progress)
	if err != nil {
		cancel()
	}
	diarise.Wait()
	return speech, voices, err
}

// NoVoices stands in for a diarisation that failed: nobody is told apart, and a notice
// carries the reason.
func NoVoices(err error) *Voices {
	return &Voices{Run: Run{Stage: Diarise}, Notices: []string{fmt.Sprintf("speakers could not be told apart: %v", err)}}
}

// NewTranscript assembles what was said and who spoke when into turns. Roles are unknown,
// and without voices so are the speakers.
func NewTranscript(kind Kind, speech *Speech, voices *Voices) *Transcript {
	t := &Transcript{
		Kind:     kind,
		Language: speech.Language,
		Notices:  append(append([]string(nil), speech.Notices...), voices.Notices...),
		Runs:     []Run{speech.Run, voices.Run},
		Turns:    AssembleTurns(speech.Segments, voices.Turns),
		Voices:   voices.Turns,
		Dropped:  speech.Dropped,
		Music:    speech.Music,
	}
	t.Speakers = speakersOf(t.Turns)
	if len(t.Turns) == 0 {
		t.Notices = append(t.Notices, nobodySpeaks)
	}
	return t
}

const nobodySpeaks = "Der blev ikke hørt tale: er det den rigtige fil, og var mikrofonen tændt? / " +
	"No speech was heard: is it the right file, and was the microphone on?"

// speakersOf lists the speakers of turns as they come, their roles not known.
func speakersOf(turns []Turn) []Speaker {
	list := []Speaker{}
	for _, turn := range turns {
		if !slices.ContainsFunc(list, func(s Speaker) bool { return s.Label == turn.Speaker }) {
			list = append(list, Speaker{Label: turn.Speaker, Role: Unknown})
		}
	}
	return list
}

// Speaker gives the speaker of that label, nil where there is none.
func (t *Transcript) Speaker(label string) *Speaker {
	for i := range t.Speakers {
		if t.Speakers[i].Label == label {
			return &t.Speakers[i]
		}
	}
	return nil
}
