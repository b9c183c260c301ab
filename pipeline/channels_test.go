package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mixed is what a microphone hears: its own speaker, and the other one at a tenth (-20 dB).
func mixed(own, other Samples) Samples {
	m := make(Samples, len(own))
	for i := range m {
		m[i] = own[i] + other[i]/10
	}
	return m
}

func TestOwnVoices(t *testing.T) {
	first := background(12*time.Second, 0.0001, 0.5, FromSeconds(1, 3), FromSeconds(6, 8))
	second := background(12*time.Second, 0.0001, 0.5, FromSeconds(4, 5), FromSeconds(7, 9))
	quieter := mixed(second, first)
	for i := range quieter {
		quieter[i] /= 8 // a microphone turned down
	}
	own, err := OwnVoices([]Sound{mixed(first, second), quieter})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		at      Span
		channel int
		heard   bool
	}{
		{"the first speaker", FromSeconds(1.2, 2.8), 0, true},
		{"the first speaker at the second's microphone", FromSeconds(1.2, 2.8), 1, false},
		{"the second speaker", FromSeconds(4.2, 4.8), 1, true},
		{"the second speaker at the first's microphone", FromSeconds(4.2, 4.8), 0, false},
		{"both at once, the first", FromSeconds(7.2, 7.8), 0, true},
		{"both at once, the second", FromSeconds(7.2, 7.8), 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			samples, err := Read(own[test.channel], test.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := level(samples) > 0.001; got != test.heard {
				t.Errorf("got level %.5f, want it heard: %v", level(samples), test.heard)
			}
		})
	}
}

func TestDecodeChannels(t *testing.T) {
	file := tone(t, "stereo.wav", "-af", "pan=stereo|c0=c0|c1=0.1*c0")
	channels, err := DecodeChannels(context.Background(), file, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(channels)
	if len(channels) != 2 {
		t.Fatalf("got %d channels, want 2", len(channels))
	}
	for i, want := range []float64{0.354, 0.035} { // a sine at 0.5 and at 0.05
		samples, err := Read(channels[i], FromSeconds(1, 2))
		if err != nil {
			t.Fatal(err)
		}
		if got := level(samples); got < 0.9*want || got > 1.1*want {
			t.Errorf("channel %d: got level %.3f, want %.3f", i+1, got, want)
		}
	}
}

func TestAssembleChannels(t *testing.T) {
	said := func(start, end float64, text string) Segment {
		span := FromSeconds(start, end)
		return Segment{Span: span, Text: text, Words: []Word{{Span: span, Text: text}}}
	}
	got := AssembleChannels([][]Segment{
		{said(0, 2, "Hvordan"), said(12, 14, "Fortæl"), said(15, 16, "mere")},
		{said(3, 8, "Godt"), said(13, 14.6, "Ja")},
	})
	var lines []string
	for _, turn := range got {
		lines = append(lines, turn.Speaker+": "+turn.Text)
	}
	want := []string{"channel 1: Hvordan", "channel 2: Godt", "channel 1: Fortæl", "channel 2: Ja", "channel 1: mere"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
}

func TestProcessChannels(t *testing.T) {
	file := tone(t, "stereo.wav", "-af", "pan=stereo|c0=c0|c1=c0")
	path := Path{Transcriber: replay{question}, Analyser: coder{}}
	got, err := path.ProcessChannels(context.Background(), file, Conversation, func(Stage, float64) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Turns) != 2 || len(got.Speakers) != 2 || !got.Turns[0].Has(CitizenMeaning) {
		t.Errorf("got %+v, want a coded turn of each channel", got.Turns)
	}
}
