//go:build cgo

package transcribe

import (
	"fmt"
	"io"
	"math"
	"syscall"
	"testing"
	"time"

	"lydhor/pipeline"
)

// BenchmarkProgress says how far what is told of a transcription's progress is from the share of
// its processor time that has passed, in each piece and over the recording: one piece after the
// other, on one thread, so that other work of the machine counts little. The first piece is the
// first that the model ever hears.
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
				for i, p := range pieces {
					fmt.Printf("%s, piece %d of %v: off by %s\n", name, i+1, p.Dur().Round(time.Second), off(log, p.Start.Seconds()/length.Seconds(), p.End.Seconds()/length.Seconds()))
				}
				fmt.Printf("%s, all of it: off by %s\n", name, off(log, 0, 1))
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

// told is the share that was told to be done after so much processor time.
type told struct {
	took time.Duration
	done float64
}

// off is how far off log is between two shares of the recording, at most and on average.
func off(log []told, from, to float64) string {
	const same = 1e-9
	var part []told
	for _, l := range log {
		if l.done >= from-same && l.done <= to+same {
			part = append(part, l)
		}
	}
	first, last := part[0].took, part[len(part)-1].took
	most, sum := 0.0, 0.0
	for _, l := range part {
		d := math.Abs((l.done-from)/(to-from) - float64(l.took-first)/float64(last-first))
		most, sum = max(most, d), sum+d
	}
	return fmt.Sprintf("%.1f %% at most, %.1f %% on average", 100*most, 100*sum/float64(len(part)))
}

// processorTime is what this process has used of the processor, or its children that have ended.
func processorTime(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
