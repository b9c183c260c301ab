//go:build cgo

package transcribe

import (
	"context"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// Whisper hears other windows in pieces than in the whole, so single words come out
// differently anywhere; at a border none may be lost, doubled or shifted.
func TestPiecesKeepTheWordsAtBorders(t *testing.T) {
	const near, shift = 3 * time.Second, 300 * time.Millisecond
	sound := recording(t, "flip-borgerinddragelse.ogg", 2*time.Minute)
	parallel := openTest(t, Options{Threads: 2})
	pieces, err := pipeline.Cut(sound, parallel.pieceLength(pipeline.Dur(sound)))
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) < 3 {
		t.Fatalf("got pieces %v, want two borders or more", pieces)
	}
	whole := heardWords(t, openTest(t, Options{Threads: 1}), sound)
	cut := heardWords(t, parallel, sound)
	for _, piece := range pieces[1:] {
		around := pipeline.Span{Start: piece.Start - near, End: piece.Start + near}
		want, got := within(whole, around), within(cut, around)
		// A word at either end may fall to the other side.
		if len(want) < 5 || len(got) < len(want)-2 || len(got) > len(want)+2 {
			t.Errorf("border at %v: got %d words %q, want %d: %q", piece.Start, len(got), sentence(got), len(want), sentence(want))
		}
		same := 0
		for _, w := range want {
			for _, g := range within(cut, pipeline.Span{Start: w.Start - shift, End: w.Start + shift}) {
				if alike(g.Text, w.Text) {
					same++
					break
				}
			}
		}
		if same*10 < 9*len(want) {
			t.Errorf("border at %v: got %d of %d words at their times: %q, want %q", piece.Start, same, len(want), sentence(got), sentence(want))
		}
	}
}

func heardWords(t *testing.T, tr *Transcriber, sound pipeline.Sound) []pipeline.Word {
	t.Helper()
	speech, err := tr.Transcribe(context.Background(), sound, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var all []pipeline.Word
	for _, s := range speech.Segments {
		all = append(all, s.Words...)
	}
	return all
}

// within is those of words that begin in span.
func within(words []pipeline.Word, span pipeline.Span) []pipeline.Word {
	var in []pipeline.Word
	for _, w := range words {
		if span.Start <= w.Start && w.Start < span.End {
			in = append(in, w)
		}
	}
	return in
}

// alike reports whether two words are one but for an ending of two letters at most, which
// whisper hears now so and now so: først, første.
func alike(a, b string) bool {
	a, b = bare(a), bare(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.HasPrefix(b, a) && len(b)-len(a) <= 2
}

func bare(word string) string { return strings.ToLower(strings.Trim(word, ".,?!")) }
