//go:build cgo

package transcribe

import (
	"fmt"
	"io"
	"math"
	"sort"
	"syscall"
	"testing"
	"time"

	"lydhor/pipeline"
)

// BenchmarkProgress says how far what is told of a transcription's progress is from the share of
// the voice that has been heard, and from the share of the processor time that has passed, in each
// piece and over the recording: one piece after the other, on one thread, so that other work of the
// machine counts little. The first piece is the first that the model ever hears.
func BenchmarkProgress(b *testing.B) {
	t, err := Open(Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(t.Close)
	for _, name := range []string{"flip-borgerinddragelse.ogg", "samtale-lager.flac", "samtale-boernehave.ogg"} {
		b.Run(name, func(b *testing.B) {
			sound, err := pipeline.Decode(b.Context(), "demo/recordings/"+name, b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer sound.Close()
			length := pipeline.Dur(sound)
			pieces, err := pipeline.Cut(sound, t.pieceLength(length))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				log := []told{{took: processorTime(b, syscall.RUSAGE_SELF)}}
				_, err := t.Transcribe(b.Context(), sound, func(_ pipeline.Stage, done float64) {
					log = append(log, told{processorTime(b, syscall.RUSAGE_SELF), done})
				})
				if err != nil {
					b.Fatal(err)
				}
				var heard []float64
				for i, p := range pieces {
					from, to := p.Start.Seconds()/length.Seconds(), p.End.Seconds()/length.Seconds()
					borders := windowBorders(b, t, sound, p)
					for j := range borders {
						borders[j] = from + (to-from)*borders[j]
					}
					heard = append(heard, borders...)
					fmt.Printf("%s, piece %d of %v: %s\n", name, i+1, p.Dur().Round(time.Second), off(log, borders))
				}
				fmt.Printf("%s, all of it: %s\n", name, off(log, heard))
			}
		})
	}
}

// BenchmarkOutsideWhisper says which share of the processor time of a transcription, from file to
// file, is not whisper.cpp's but ffmpeg's and ours. Loading the model counts as ours.
func BenchmarkOutsideWhisper(b *testing.B) {
	own, children := processorTime(b, syscall.RUSAGE_SELF), processorTime(b, syscall.RUSAGE_CHILDREN)
	whisper := time.Duration(0)
	for b.Loop() {
		t, err := Open(Options{Threads: 1})
		if err != nil {
			b.Fatal(err)
		}
		sound, err := pipeline.Decode(b.Context(), "demo/recordings/flip-borgerinddragelse.ogg", b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		speech, err := t.Transcribe(b.Context(), sound, quiet)
		if err != nil {
			b.Fatal(err)
		}
		if err := pipeline.WriteTranscript(io.Discard, pipeline.NewTranscript("", speech, &pipeline.Voices{})); err != nil {
			b.Fatal(err)
		}
		whisper += t.model.Took()
		sound.Close()
		t.Close()
	}
	own = processorTime(b, syscall.RUSAGE_SELF) - own - whisper
	children = processorTime(b, syscall.RUSAGE_CHILDREN) - children
	for name, took := range map[string]time.Duration{"whisper": whisper, "ffmpeg": children, "ours": own} {
		b.ReportMetric(took.Seconds()/float64(b.N), name+"-s/op")
	}
	b.ReportMetric(100*(own+children).Seconds()/(own+children+whisper).Seconds(), "%outside")
}

// windowBorders are the shares of a piece's voice that have been heard before its first window and
// after each.
func windowBorders(b *testing.B, t *Transcriber, sound pipeline.Sound, piece pipeline.Span) []float64 {
	voice, err := t.voice(sound, piece)
	if err != nil {
		b.Fatal(err)
	}
	windows, err := t.windows(pipeline.Section(sound, piece), voice, piece.Dur())
	if err != nil {
		b.Fatal(err)
	}
	sum, borders := time.Duration(0), []float64{0}
	for _, w := range windows {
		sum += w.Dur()
		borders = append(borders, sum.Seconds())
	}
	for i := range borders {
		borders[i] /= sum.Seconds()
	}
	return borders
}

// told is the share that was told to be done after so much processor time.
type told struct {
	took time.Duration
	done float64
}

// off is how far off log is between the first and the last border, at most and on average: from
// what has been heard, which is known at each border, and from the time that has passed.
func off(log []told, borders []float64) string {
	from, to := borders[0], borders[len(borders)-1]
	first, last := reached(log, from), reached(log, to)
	var heard, passed misses
	for i, border := range borders[1:] {
		begun, ended := reached(log, borders[i]), reached(log, border)
		for _, l := range log[begun : ended+1] {
			heard.add((l.done - borders[i] - (border-borders[i])*between(l, log[begun], log[ended])) / (to - from))
			passed.add((l.done-from)/(to-from) - between(l, log[first], log[last]))
		}
	}
	return fmt.Sprintf("off from what is heard by %v, from the time passed by %v", heard, passed)
}

// reached is the last place of log where no more than share was told.
func reached(log []told, share float64) int {
	const same = 1e-6
	return max(0, sort.Search(len(log), func(i int) bool { return log[i].done > share+same })-1)
}

// between is the part of the time from one to the other that has passed at l.
func between(l, from, to told) float64 {
	if to.took == from.took {
		return 1
	}
	return float64(l.took-from.took) / float64(to.took-from.took)
}

// misses are in shares.
type misses struct {
	most, sum float64
	n         int
}

func (e *misses) add(by float64) {
	e.most, e.sum, e.n = max(e.most, math.Abs(by)), e.sum+math.Abs(by), e.n+1
}

func (e misses) String() string {
	return fmt.Sprintf("%.1f %% at most, %.1f %% on average", 100*e.most, 100*e.sum/float64(e.n))
}

// processorTime is what this process has used of the processor, or its children that have ended.
func processorTime(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
