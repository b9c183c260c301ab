package diarise

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// conversation is the short demo recording and who speaks when in it.
func conversation(t *testing.T) (pipeline.Samples, []pipeline.SpeakerTurn) {
	t.Helper()
	const name = "../demo/recordings/samtale-boernehave-kort"
	return decoded(t, name+".wav"), gold(t, name+".json")
}

// gold is who speaks when in a demo recording.
func gold(tb testing.TB, file string) []pipeline.SpeakerTurn {
	tb.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var said struct {
		Turns []struct {
			Speaker    string
			Start, End float64
		}
	}
	if err := json.Unmarshal(data, &said); err != nil {
		tb.Fatal(err)
	}
	var turns []pipeline.SpeakerTurn
	for _, turn := range said.Turns {
		turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.FromSeconds(turn.Start, turn.End), Speaker: turn.Speaker})
	}
	return turns
}

func names(turns []pipeline.SpeakerTurn) int {
	all := map[string]bool{}
	for _, t := range turns {
		all[t.Speaker] = true
	}
	return len(all)
}

// What recorders and telephones do to a conversation costs little.
func TestDiariseSpoiltSound(t *testing.T) {
	samples, ref := conversation(t)
	spoilt := func(change func(i int, x float32) float32) pipeline.Samples {
		out := make(pipeline.Samples, len(samples))
		for i, x := range samples {
			out[i] = max(-1, min(1, change(i, x)))
		}
		return out
	}
	hiss := noise(pipeline.Dur(samples).Seconds()+1, 0.003)
	var low, slow float32
	for _, test := range []struct {
		name  string
		sound pipeline.Samples
		most  float64 // DER
	}{
		{"as recorded", samples, 0.05},
		{"direct current", spoilt(func(_ int, x float32) float32 { return x + 0.2 }), 0.05},
		{"very soft", spoilt(func(_ int, x float32) float32 { return x / 100 }), 0.10},
		{"clipped", spoilt(func(_ int, x float32) float32 { return x * 20 }), 0.15},
		{"hiss", spoilt(func(i int, x float32) float32 { return x + hiss[i] }), 0.15},
		// One pole at about 3.4 kHz and one at 300 Hz.
		{"telephone", spoilt(func(_ int, x float32) float32 {
			low += 0.74 * (x - low)
			slow += 0.11 * (low - slow)
			return low - slow
		}), 0.15},
	} {
		t.Run(test.name, func(t *testing.T) {
			hyp := hear(t, test.sound, pipeline.Speakers{Min: 2, Max: 2}).Turns
			if got := score.Diarisation(ref, hyp, score.DEROptions{}).Rate(); got > test.most {
				t.Errorf("got DER %.3f, want at most %v", got, test.most)
			}
		})
	}
}

func TestDiariseOddCompany(t *testing.T) {
	samples, ref := conversation(t)
	first := ref[0].Speaker
	var alone pipeline.Samples
	all := make(pipeline.Samples, 10*pipeline.SampleRate)
	for i, turn := range ref {
		part := samples[pipeline.Index(turn.Start):pipeline.Index(turn.End)]
		if turn.Speaker == first {
			alone = append(append(alone, part...), make(pipeline.Samples, pipeline.SampleRate/2)...)
		}
		for j := range min(len(part), len(all)) {
			all[(j+i*997)%len(all)] += part[j] / 4
		}
	}
	for _, test := range []struct {
		name     string
		sound    pipeline.Samples
		speakers pipeline.Speakers
		want     int // speakers heard
	}{
		{"one alone", alone, pipeline.Speakers{}, 1},
		{"two seconds", samples[:2*pipeline.SampleRate], pipeline.Speakers{}, 1},
		{"two, how many unknown", samples, pipeline.Speakers{}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := names(hear(t, test.sound, test.speakers).Turns); got != test.want {
				t.Errorf("heard %d speakers, want %d", got, test.want)
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		if len(hear(t, all, pipeline.Speakers{Min: 2, Max: 2}).Turns) == 0 {
			t.Error("heard nobody")
		}
	})
	t.Run("twenty told", func(t *testing.T) {
		if got := names(hear(t, samples, pipeline.Speakers{Min: 20, Max: 20}).Turns); got < 2 || got > 20 {
			t.Errorf("heard %d speakers, want 2 to 20", got)
		}
	})
}

// Twenty voices, a turn each: the two of the demo recording, played slower and faster.
func TestTwentyVoices(t *testing.T) {
	samples, turns := conversation(t)
	var all pipeline.Samples
	var ref []pipeline.SpeakerTurn
	for i := range 20 {
		turn := turns[i%len(turns)]
		speed := 0.7 + 0.04*float64(i)
		said := samples[pipeline.Index(turn.Start):pipeline.Index(turn.End)]
		start := pipeline.At(len(all))
		for at := 0.0; at < float64(len(said)-1); at += speed {
			part := float32(at - math.Floor(at))
			all = append(all, said[int(at)]*(1-part)+said[int(at)+1]*part)
		}
		ref = append(ref, pipeline.SpeakerTurn{Span: pipeline.Span{Start: start, End: pipeline.At(len(all))}, Speaker: fmt.Sprint(i)})
		all = append(all, make(pipeline.Samples, pipeline.SampleRate/2)...)
	}
	for _, test := range []struct {
		name     string
		speakers pipeline.Speakers
		least    int
		most     float64 // DER
	}{
		{"number open", pipeline.Speakers{}, 15, 0.3},
		{"number told", pipeline.Speakers{Min: 20, Max: 20}, 18, 0.3},
		{"too few told", pipeline.Speakers{Min: 4, Max: 12}, 12, 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := hear(t, all, test.speakers).Turns
			if n, der := names(got), score.Diarisation(ref, got, score.DEROptions{}).Rate(); n < test.least || der > test.most {
				t.Errorf("heard %d speakers, DER %.3f, want at least %d, at most %v", n, der, test.least, test.most)
			}
		})
	}
}

func TestTurnsAreSortedAndApart(t *testing.T) {
	samples, _ := conversation(t)
	start, end := time.Duration(0), map[string]time.Duration{} // of the turn before; of each speaker's
	for _, turn := range hear(t, samples, pipeline.Speakers{}).Turns {
		if turn.Start < max(start, end[turn.Speaker]) || turn.End <= turn.Start || turn.End > pipeline.Dur(samples) {
			t.Errorf("%s's turn %v after one that begins at %v and an own one until %v in a recording of %v",
				turn.Speaker, turn.Span, start, end[turn.Speaker], pipeline.Dur(samples))
		}
		start, end[turn.Speaker] = turn.Start, turn.End
	}
}
