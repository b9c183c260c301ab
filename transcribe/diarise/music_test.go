package diarise

import (
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lydhor/pipeline"
)

// A tune is a made piece of music: which tones, in Hz, begin when.
type tune struct {
	every  time.Duration
	length time.Duration // of a tone
	fade   float64       // per second
	tones  func(n int) []float64
}

var harmony = [][]float64{{261.6, 329.6, 392}, {220, 261.6, 329.6}, {174.6, 220, 261.6}, {196, 246.9, 293.7}}

var (
	chords   = tune{time.Second, time.Second, 1.5, func(n int) []float64 { return harmony[n/2%4] }}
	arpeggio = tune{200 * time.Millisecond, 350 * time.Millisecond, 4, func(n int) []float64 { return harmony[n/10%4][n%3:][:1] }}
)

// play gives so much of it, with six overtones each.
func (s tune) play(length time.Duration) pipeline.Samples {
	samples := make(pipeline.Samples, pipeline.Index(length))
	for n := 0; time.Duration(n)*s.every < length; n++ {
		at := pipeline.Index(time.Duration(n) * s.every)
		for _, tone := range s.tones(n) {
			for i := range min(pipeline.Index(s.length), len(samples)-at) {
				t := float64(i) / pipeline.SampleRate
				loud := 0.08 * math.Exp(-s.fade*t) * min(1, t/0.01)
				for k := 1.0; k <= 6; k++ {
					samples[at+i] += float32(loud * math.Sin(2*math.Pi*tone*k*t) / k)
				}
			}
		}
	}
	return samples
}

func TestMusic(t *testing.T) {
	for name, s := range map[string]tune{"chords": chords, "arpeggio": arpeggio} {
		t.Run(name, func(t *testing.T) {
			silence := make(pipeline.Samples, pipeline.Index(5*time.Second))
			got := Music(append(append(silence, s.play(20*time.Second)...), silence...))
			if len(got) != 1 || (got[0].Start-5*time.Second).Abs() > time.Second || (got[0].End-25*time.Second).Abs() > time.Second {
				t.Errorf("got %v, want about 5 to 25 s", got)
			}
		})
	}
	if got := Music(nil); got != nil {
		t.Errorf("got %v in nothing", got)
	}
}

// What is said right before and after music is no music.
func TestMusicLeavesTheTalkBeside(t *testing.T) {
	talk := decoded(t, "../demo/recordings/samtale-boernehave-kort.wav")
	cut := pipeline.Index(16 * time.Second)
	for name, music := range map[string]pipeline.Samples{
		"chords":   chords.play(20 * time.Second),
		"arpeggio": arpeggio.play(20 * time.Second),
		"drums":    struck(20*time.Second, 150*time.Millisecond, 3, loop{deep: kick, backbeat: snare, eighths: hat}.strikes),
	} {
		got := Music(slices.Concat(talk[:cut], music, talk[cut:]))
		if len(got) != 1 || (got[0].Start-16*time.Second).Abs() > 1500*time.Millisecond || (got[0].End-36*time.Second).Abs() > 1500*time.Millisecond {
			t.Errorf("%s: got music at %v, want it at 16 to 36 s", name, got)
		}
	}
}

func TestTalkIsNoMusic(t *testing.T) {
	talks := []string{"../demo/recordings/samtale-lager.flac", "../demo/recordings/samtale-boernehave.ogg", "../demo/recordings/flip-borgerinddragelse.ogg"}
	others, _ := filepath.Glob("../../../shared/audio/*/*/*.flac")
	if len(others) == 0 {
		t.Log("no recordings in ../shared/audio: only the demo talks are tried")
	}
	for _, name := range append(talks, others...) {
		if got := Music(decoded(t, name)); len(got) > 0 {
			t.Errorf("%s: got music at %v in talk", name, got)
		}
	}
}

// decoded is all of a recording.
func decoded(tb testing.TB, file string) pipeline.Samples {
	tb.Helper()
	sound, err := pipeline.Decode(tb.Context(), file, tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	defer sound.Close()
	samples, err := pipeline.Read(sound, pipeline.Span{End: pipeline.Dur(sound)})
	if err != nil {
		tb.Fatal(err)
	}
	return samples
}
