package pipeline

import (
	"math"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// upward is how often s goes up through zero in a second: the frequency of a tone.
func upward(s Samples) float64 {
	n := 0
	for i := 1; i < len(s); i++ {
		if s[i-1] < 0 && s[i] >= 0 {
			n++
		}
	}
	return float64(n) / At(len(s)).Seconds()
}

func TestDisguiseLowersTheVoiceAndKeepsTheTime(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	sound := make(Samples, 4*SampleRate)
	for i := range sound {
		sound[i] = float32(0.5 * math.Sin(2*math.Pi*300*float64(i)/SampleRate))
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "clip.m4a")
	if err := Disguise(t.Context(), Masked(sound, []Span{{2 * time.Second, 3 * time.Second}}), file); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(t.Context(), file, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if d := Dur(got) - Dur(sound); d.Abs() > 100*time.Millisecond {
		t.Errorf("got %v, want as long as %v", Dur(got), Dur(sound))
	}
	for _, test := range []struct {
		name       string
		start, end float64
		want       float64
	}{
		{"a voice of 300 Hz", 0.5, 1.5, 240},
		{"the masking tone of 1 kHz", 2.2, 2.8, 800},
	} {
		s, err := Read(got, FromSeconds(test.start, test.end))
		if err != nil {
			t.Fatal(err)
		}
		if f := upward(s); math.Abs(f-test.want) > 0.02*test.want {
			t.Errorf("%s: got %.0f Hz, want %.0f", test.name, f, test.want)
		}
	}
}
