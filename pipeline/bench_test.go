package pipeline

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const benchLength = 10 * time.Minute

// benchTalk is a voice with a pause every few seconds.
func benchTalk() Samples {
	var silences []float64
	for at := 3.0; at < benchLength.Seconds(); at += 4 {
		silences = append(silences, at)
	}
	return talk(benchLength, silences...)
}

func BenchmarkDecodeWAV(b *testing.B) { benchmarkDecode(b, "-ar", "16000") }
func BenchmarkDecode48k(b *testing.B) { benchmarkDecode(b, "-ar", "48000") }

func benchmarkDecode(b *testing.B, args ...string) {
	file := tone(b, "talk.wav", append([]string{"-af", "aloop=200:144000"}, args...)...)
	for b.Loop() {
		sound, err := Decode(context.Background(), file, b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		sound.Close()
	}
}

func BenchmarkCut(b *testing.B) {
	sound := benchTalk()
	for b.Loop() {
		if _, err := Cut(sound, 2*time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJoin joins three hours of talk in pieces of a minute.
func BenchmarkJoin(b *testing.B) {
	var pieces []Span
	var speeches []Speech
	for i := range 180 {
		start := time.Duration(i) * time.Minute
		pieces = append(pieces, Span{start, start + time.Minute})
		var segments []Segment
		for s := range 12 {
			words := make([]Word, 15)
			segments = append(segments, Segment{Span: FromSeconds(float64(5*s), float64(5*s+5)), Words: words})
		}
		speeches = append(speeches, Speech{Language: "da", Segments: segments})
	}
	for b.Loop() {
		JoinSpeech(pieces, speeches)
	}
}

func BenchmarkVoiceActivity(b *testing.B) {
	sound := benchTalk()
	for b.Loop() {
		if _, err := VoiceActivity(sound); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIngest is what a worker does with six seconds as recorded, stores aside: processor
// time of this process and of the ffmpegs it started.
func BenchmarkIngest(b *testing.B) {
	file := tone(b, "six.wav", "-af", "aloop=1:144000", "-ar", "44100", "-ac", "2")
	own, children := processor(b, syscall.RUSAGE_SELF), processor(b, syscall.RUSAGE_CHILDREN)
	for b.Loop() {
		dir := b.TempDir()
		sound, err := DecodeRendered(context.Background(), file, dir, filepath.Join(dir, "rendition"))
		if err != nil {
			b.Fatal(err)
		}
		defer sound.Close()
		if _, err := Cut(sound, 10*time.Minute); err != nil {
			b.Fatal(err)
		}
		if _, err := MeasureLoudness(sound); err != nil {
			b.Fatal(err)
		}
	}
	report := func(name string, since, until time.Duration) {
		b.ReportMetric(float64((until-since).Milliseconds())/float64(b.N), name)
	}
	report("own-ms/op", own, processor(b, syscall.RUSAGE_SELF))
	report("ffmpeg-ms/op", children, processor(b, syscall.RUSAGE_CHILDREN))
}

// processor is the time that this process, or its children that have ended, had the processor.
func processor(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
