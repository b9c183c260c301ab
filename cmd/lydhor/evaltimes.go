package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// evalTimes compares when words begin with when they began in a reference, over those words
// that were recognised.
func (a *app) evalTimes(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval times", flag.ContinueOnError)
	ref := fs.String("ref", "", "transcript whose words have their true times")
	hyp := fs.String("hyp", "", "transcript to score, with words")
	asJSON := fs.Bool("json", false, "write JSON, in seconds")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || *ref == "" || *hyp == "" {
		return fmt.Errorf("%w: give --ref and --hyp", errUsage)
	}
	said, err := timedWords(*ref)
	if err != nil {
		return err
	}
	heard, err := timedWords(*hyp)
	if err != nil {
		return err
	}
	off := startsOff(said, heard)
	if len(off) == 0 {
		return fmt.Errorf("%s and %s have no word in common", *ref, *hyp)
	}
	median, p90 := off[len(off)/2], off[len(off)*9/10]
	if *asJSON {
		return writeJSON(a.stdout, map[string]float64{"words": float64(len(off)), "median": median.Seconds(), "p90": p90.Seconds()})
	}
	return printTimes(a.stdout, len(off), median, p90)
}

func printTimes(w io.Writer, words int, median, p90 time.Duration) error {
	_, err := fmt.Fprintf(w, "word starts off by %.3f s (median), %.3f s (90th percentile), over %d recognised words\n", median.Seconds(), p90.Seconds(), words)
	return err
}

// timedWords reads the words of a transcript, made comparable, as they begin.
func timedWords(file string) ([]pipeline.Word, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := readConversation(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []pipeline.Word
	for _, turn := range t.Turns {
		for _, w := range turn.Words {
			for _, text := range score.SpokenDanish.Words(w.Text) {
				all = append(all, pipeline.Word{Span: w.Span, Text: text})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pipeline.Word) int { return int(a.Start - b.Start) })
	return all, nil
}

// startsOff is by how much the words of heard that stand in said begin too early or too
// late, sorted.
func startsOff(said, heard []pipeline.Word) []time.Duration {
	texts := func(words []pipeline.Word) (list []string) {
		for _, w := range words {
			list = append(list, w.Text)
		}
		return list
	}
	var off []time.Duration
	i, j := 0, 0
	for _, p := range score.Align(texts(said), texts(heard)) {
		if p.Ref != "" && p.Ref == p.Hyp {
			off = append(off, (heard[j].Start - said[i].Start).Abs())
		}
		if p.Ref != "" {
			i++
		}
		if p.Hyp != "" {
			j++
		}
	}
	slices.Sort(off)
	return off
}
