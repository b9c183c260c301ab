//go:build cgo

package whisper

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const demoModel = "../demo/ggml-demo-da-q5_0.bin"

var demoOptions = Options{Language: "da", Threads: 2, TextContext: 0}

func openDemo(t *testing.T, o ModelOptions) *Model {
	t.Helper()
	m, err := Open(demoModel, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// demoSamples decodes the first 25 s of a demo recording.
func demoSamples(t *testing.T) []float32 {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", "../demo/recordings/samtale-lager.flac",
		"-t", "25", "-ac", "1", "-ar", "16000", "-f", "f32le", "pipe:1").Output()
	if err != nil {
		t.Fatalf("decode with ffmpeg: %v", err)
	}
	samples := make([]float32, len(out)/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(out[4*i:]))
	}
	return samples
}

func text(r *Result) string {
	var b bytes.Buffer
	for _, s := range r.Segments {
		for _, t := range s.Tokens {
			b.Write(t.Text)
		}
	}
	return b.String()
}

func TestRunHearsSpeech(t *testing.T) {
	m := openDemo(t, ModelOptions{})
	samples := demoSamples(t)
	r, err := m.Run(context.Background(), samples, demoOptions, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := text(r)
	for _, want := range []string{"Søren", "velkommen", "kaffe"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if r.Language != "da" {
		t.Errorf("got language %q, want da", r.Language)
	}
	for _, s := range r.Segments {
		for _, token := range s.Tokens {
			if token.Start > token.End || token.End > 30*time.Second || token.P < 0 || token.P > 1 {
				t.Errorf("got token %q from %v to %v with p %v", token.Text, token.Start, token.End, token.P)
			}
		}
	}
}

// Beams that may not be behind the best at all leave one: the likeliest token each time.
func TestPrunedToTheBestIsGreedy(t *testing.T) {
	if !PrunesBeams() {
		t.Skip("whisper.cpp is built without 3-beam.patch")
	}
	m := openDemo(t, ModelOptions{})
	samples := demoSamples(t)
	hear := func(beams int, prune float64) string {
		o := demoOptions
		o.BeamSize, o.Prune = beams, prune
		r, err := m.Run(context.Background(), samples, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		return text(r)
	}
	greedy := hear(1, 0)
	if got := hear(5, 1e-9); got != greedy {
		t.Errorf("got %q of one beam, want %q as greedy", got, greedy)
	}
	if got := hear(5, 3); got == greedy {
		t.Errorf("got %q of several beams as well: the test shows nothing", got)
	}
}

func TestHeadsGiveTimes(t *testing.T) {
	m := openDemo(t, ModelOptions{Heads: []Head{{1, 0}, {2, 0}, {2, 1}}})
	r, err := m.Run(context.Background(), demoSamples(t), demoOptions, nil)
	if err != nil {
		t.Fatal(err)
	}
	last := time.Duration(-1)
	for _, s := range r.Segments {
		for _, token := range s.Tokens {
			if token.Spoken < last {
				t.Errorf("token %q was spoken at %v, before the one ahead of it at %v", token.Text, token.Spoken, last)
			}
			last = token.Spoken
		}
	}
	if last < 20*time.Second {
		t.Errorf("got the last token at %v, want it near the end of 25 s", last)
	}
}

func TestLanguagesAddUpToOne(t *testing.T) {
	s, err := openDemo(t, ModelOptions{Heads: []Head{{1, 0}}}).State()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Listen(demoSamples(t), 2); err != nil {
		t.Fatal(err)
	}
	languages, err := s.Languages(2)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range languages {
		sum += p
	}
	if _, known := languages["da"]; !known || sum < 0.99 || sum > 1.01 {
		t.Errorf("got %d languages that add up to %v, Danish among them: %v", len(languages), sum, known)
	}
}

func TestCallsShareAModel(t *testing.T) {
	m := openDemo(t, ModelOptions{})
	samples := demoSamples(t)
	halves := [][]float32{samples[:len(samples)/2], samples[len(samples)/2:]}
	alone, together := make([]string, 2), make([]string, 2)
	hear := func(i int, into []string) {
		r, err := m.Run(context.Background(), halves[i], demoOptions, nil)
		if err != nil {
			t.Error(err)
			return
		}
		into[i] = text(r)
	}
	hear(0, alone)
	hear(1, alone)
	var wg sync.WaitGroup
	wg.Go(func() { hear(0, together) })
	wg.Go(func() { hear(1, together) })
	wg.Wait()
	for i := range alone {
		if alone[i] != together[i] {
			t.Errorf("half %d: got %q beside another call, want %q", i, together[i], alone[i])
		}
	}
}

func TestCancelEndsRun(t *testing.T) {
	m := openDemo(t, ModelOptions{})
	samples := demoSamples(t)
	long := make([]float32, 0, 40*len(samples))
	for range 40 {
		long = append(long, samples...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := make(chan float64, 1000)
	go func() {
		<-seen
		cancel()
	}()
	_, err := m.Run(ctx, long, demoOptions, func(done float64) { seen <- done })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestNothingToHear(t *testing.T) {
	m := openDemo(t, ModelOptions{})
	for name, samples := range map[string][]float32{
		"no samples": nil,
		"one sample": make([]float32, 1),
		"silence":    make([]float32, 5*SampleRate),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := m.Run(context.Background(), samples, demoOptions, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(r); got != "" {
				t.Errorf("got %q, want nothing", got)
			}
		})
	}
}

func TestBadModels(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(demoModel)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty":     nil,
		"other":     []byte("RIFF and so on, no model at all"),
		"truncated": whole[:len(whole)/2],
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if m, err := Open(file, ModelOptions{}); err == nil {
				m.Close()
				t.Error("opened")
			}
		})
	}
	if _, err := Open(filepath.Join(dir, "missing"), ModelOptions{}); err == nil {
		t.Error("opened a missing file")
	}
}

func TestUnknownLanguage(t *testing.T) {
	m := openDemo(t, ModelOptions{})
	_, err := m.Run(context.Background(), make([]float32, SampleRate), Options{Language: "klingon"}, nil)
	if err == nil || !strings.Contains(err.Error(), "klingon") {
		t.Errorf("got error %v, want one that names the language", err)
	}
}

func TestDevicesHasTheCPU(t *testing.T) {
	for _, d := range Devices() {
		if d.Name == "CPU" && !d.GPU {
			return
		}
	}
	t.Errorf("got %v, want a CPU in it", Devices())
}

func TestAudioContext(t *testing.T) {
	for d, want := range map[time.Duration]int{time.Second: 256, 5120 * time.Millisecond: 256, 5121 * time.Millisecond: 512, 10 * time.Second: 512} {
		if got := int(audioContext(d)); got != want {
			t.Errorf("%v: got %d steps, want %d", d, got, want)
		}
	}
}
