package pipeline

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// replay is a Transcriber that hears the same words in everything.
type replay []Segment

func (s replay) Transcribe(_ context.Context, _ Sound, progress Progress) (*Speech, error) {
	progress(Transcribe, 1)
	return &Speech{Run: Run{Stage: Transcribe, Model: "test"}, Language: "da", Segments: s}, nil
}

// voices is a Diariser that hears the same speakers in everything, or fails.
type voices struct {
	turns []SpeakerTurn
	err   error
}

func (v voices) Diarise(_ context.Context, _ Sound, _ Speakers, progress Progress) (*Voices, error) {
	progress(Diarise, 1)
	return &Voices{Run: Run{Stage: Diarise}, Turns: v.turns}, v.err
}

// coder is an Analyser that takes every question for citizen meaning.
type coder struct{}

func (coder) Analyse(t *Transcript) Run {
	for i := range t.Turns {
		if strings.HasSuffix(t.Turns[i].Text, "?") {
			t.Turns[i].Codes = []Code{CitizenMeaning}
		}
	}
	return Run{Stage: Analyse}
}

// deaf is a Transcriber that fails.
type deaf struct{ err error }

func (d deaf) Transcribe(context.Context, Sound, Progress) (*Speech, error) { return nil, d.err }

var (
	question = Segment{Span: FromSeconds(0, 1), Text: "Kaffe?", Words: []Word{{Span: FromSeconds(0, 1), Text: "Kaffe?", P: 1}}}
	answer   = Segment{Span: FromSeconds(1.5, 2), Text: "Ja.", Words: []Word{{Span: FromSeconds(1.5, 2), Text: "Ja.", P: 1}}}
)

func TestProcess(t *testing.T) {
	path := Path{
		Transcriber: replay{question, answer},
		Diariser:    voices{turns: []SpeakerTurn{{FromSeconds(0, 1), "S1"}, {FromSeconds(1.5, 2), "S2"}}},
		Analyser:    coder{},
	}
	var stages []Stage
	record := make(chan Stage, 10)
	got, err := path.Process(context.Background(), tone(t, "talk.wav"), Conversation, Speakers{2, 2}, func(s Stage, done float64) {
		if done == 1 {
			record <- s
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	close(record)
	for s := range record {
		stages = append(stages, s)
	}
	if want := []Stage{Ingest, Transcribe, Diarise, Analyse}; len(stages) != len(want) || stages[0] != Ingest || !slices.Contains(stages, Diarise) {
		t.Errorf("got stages done %v, want %v", stages, want)
	}
	var turns []string
	for _, turn := range got.Turns {
		turns = append(turns, turn.Speaker+": "+turn.Text)
	}
	if diff := cmp.Diff([]string{"S1: Kaffe?", "S2: Ja."}, turns); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	if !got.Turns[0].Has(CitizenMeaning) {
		t.Errorf("got codes %v, want what the analyser said", got.Turns[0].Codes)
	}
	if got.Kind != Conversation || got.Language != "da" || len(got.Runs) != 3 || len(got.Speakers) != 2 {
		t.Errorf("got kind %q, language %q, runs %v, speakers %v", got.Kind, got.Language, got.Runs, got.Speakers)
	}
}

func TestProcessWithoutSpeakers(t *testing.T) {
	path := Path{replay{question, answer}, voices{err: errors.New("no voices found")}, coder{}}
	got, err := path.Process(context.Background(), tone(t, "talk.wav"), Conversation, Speakers{}, func(Stage, float64) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, turn := range got.Turns {
		if turn.Speaker != UnknownSpeaker {
			t.Errorf("got speaker %q, want %q", turn.Speaker, UnknownSpeaker)
		}
	}
	if len(got.Turns) == 0 || len(got.Notices) != 1 || !strings.Contains(got.Notices[0], "no voices found") {
		t.Errorf("got %d turns and notices %v, want the talk and why nobody was told apart", len(got.Turns), got.Notices)
	}
}

func TestProcessFails(t *testing.T) {
	broken := errors.New("whisper failed")
	path := Path{deaf{broken}, voices{}, coder{}}
	if _, err := path.Process(context.Background(), tone(t, "talk.wav"), Conversation, Speakers{}, func(Stage, float64) {}); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	if _, err := path.Process(context.Background(), "missing.wav", Conversation, Speakers{}, func(Stage, float64) {}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v, want %v", err, os.ErrNotExist)
	}
	ctx, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	if _, err := path.Process(ctx, tone(t, "talk.mp3"), Conversation, Speakers{}, func(Stage, float64) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
}
