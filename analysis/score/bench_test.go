package score

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"lydhor/pipeline"
)

// misheard replaces, leaves out or puts in one word in eight.
func misheard(r *rand.Rand, words []string) []string {
	var heard []string
	for _, w := range words {
		switch r.IntN(24) {
		case 0:
			heard = append(heard, w+"x")
		case 1:
		case 2:
			heard = append(heard, w, "øh")
		default:
			heard = append(heard, w)
		}
	}
	return heard
}

// threeHours is about what is said in three hours of talk.
func threeHours(r *rand.Rand) []string {
	words := make([]string, 30_000)
	for i := range words {
		words[i] = fmt.Sprint("ord", r.IntN(1+r.IntN(3000)))
	}
	return words
}

func BenchmarkWER30000Words(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	ref := threeHours(r)
	hyp := misheard(r, ref)
	b.ReportAllocs()
	for b.Loop() {
		Words(Align(ref, hyp))
	}
}

func BenchmarkCER30000Words(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	words := threeHours(r)
	pairs := Align(words, misheard(r, words))
	for b.Loop() {
		Characters(pairs)
	}
}

func BenchmarkDERThreeHours(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var ref, hyp []pipeline.SpeakerTurn
	for at := time.Duration(0); at < 3*time.Hour; at += 2 * time.Second {
		span := pipeline.Span{Start: at, End: at + 2500*time.Millisecond}
		ref = append(ref, pipeline.SpeakerTurn{Span: span, Speaker: string('A' + rune(r.IntN(12)))})
		span.Start += 100 * time.Millisecond
		hyp = append(hyp, pipeline.SpeakerTurn{Span: span, Speaker: string('A' + rune(r.IntN(12)))})
	}
	for b.Loop() {
		Diarisation(ref, hyp, DEROptions{Collar: 250 * time.Millisecond})
	}
}
