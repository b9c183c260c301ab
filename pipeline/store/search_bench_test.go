package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// The size of the archive that is searched: two thousand conversations of five hundred turns.
const (
	benchRecordings = 2000
	benchTurns      = 500
	benchWords      = 30000 // different words, the nth as often as 1/n
)

// BenchmarkSearch searches a million turns for words that are common, rare and in between,
// one and two at a time, and reports the slowest of twenty.
func BenchmarkSearch(b *testing.B) {
	db := pgtest.New(b)
	project, err := store.Project(ctx, db, "CUBB")
	if err != nil {
		b.Fatal(err)
	}
	fill(b, db, project)
	pick := rand.New(rand.NewPCG(2, 0))
	var took []time.Duration
	for b.Loop() {
		words := word(int(pick.ExpFloat64() * 1000))
		if pick.IntN(2) == 0 {
			words += " " + word(pick.IntN(200))
		}
		start := time.Now()
		if _, err := store.Search(ctx, db, project, words, 100); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "p95-ms")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "max-ms")
}

// fill puts conversations of made-up words into a project.
func fill(b *testing.B, db *pgxpool.Pool, project string) {
	b.Helper()
	from := rand.New(rand.NewPCG(1, 0))
	zipf := rand.NewZipf(from, 1.05, 3, benchWords-1)
	for r := range benchRecordings {
		id, _, err := store.AddRecording(ctx, db, store.Recording{ID: uuid.NewString(), Project: project, Kind: pipeline.Conversation, SHA256: fmt.Sprint(r), Bytes: 1, Profile: "demo"})
		if err != nil {
			b.Fatal(err)
		}
		tr := &pipeline.Transcript{Language: "da", Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{}}
		for n := range benchTurns {
			var text strings.Builder
			for range 3 + from.IntN(30) {
				text.WriteString(word(int(zipf.Uint64())) + " ")
			}
			at := time.Duration(n) * 5 * time.Second
			tr.Turns = append(tr.Turns, pipeline.Turn{N: n + 1, Speaker: "S1", Role: pipeline.Citizen, Text: text.String(), Span: pipeline.Span{Start: at, End: at + 5*time.Second}})
		}
		if err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return store.SaveTranscript(ctx, tx, id, tr) }); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.Exec(ctx, "vacuum analyze turn"); err != nil {
		b.Fatal(err)
	}
}

// word is the nth word of a made-up language: no two sound alike.
func word(n int) string {
	var b strings.Builder
	for n += 11; n > 0; n /= 11 {
		b.WriteString([]string{"bak", "dro", "fli", "gum", "hæv", "kos", "lyn", "mør", "pil", "sta", "vuf"}[n%11])
	}
	return b.String()
}
