package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/diarise"
)

// evalVoices prints the voices of recordings whose speakers are known and compares each with
// those of all other recordings: beside each sound stands NAME.rttm, with labels that mean one
// person in all of them.
func (a *app) evalVoices(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("eval voices", flag.ContinueOnError)
	by := fs.String("by", "auto", "what voices are printed by: auto, "+strings.Join(diarise.By, ", "))
	shortest := fs.Float64("shortest", 10, "seconds that a voice has to be heard alone")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) < 2 || !(*shortest > 0 && *shortest < 3600) {
		return fmt.Errorf("%w: name two recordings or more, and seconds above 0", errUsage)
	}
	printer, err := diarise.OpenPrinter(*by, a.config().voices())
	if err != nil {
		return err
	}
	printer.Shortest = time.Duration(*shortest * float64(time.Second))
	var all []pipeline.Voiceprint
	for _, file := range files {
		prints, err := printed(ctx, printer, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, prints...)
	}
	same, other := compared(all)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "pairs of\tnumber\tproposed\tleast alike\tmost alike\t\n")
	same.print(w, "one voice")
	other.print(w, "two voices")
	return w.Flush()
}

// printed are the voices of the reference beside file.
func printed(ctx context.Context, printer *diarise.Printer, file string) ([]pipeline.Voiceprint, error) {
	known, err := readVoices(strings.TrimSuffix(file, filepath.Ext(file)) + ".rttm")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	sound, err := pipeline.Decode(ctx, file, dir)
	if err != nil {
		return nil, err
	}
	defer sound.Close()
	var all []pipeline.Voiceprint
	for _, turns := range known {
		prints, err := printer.Prints(ctx, sound, turns)
		if err != nil {
			return nil, err
		}
		for _, p := range prints {
			p.Recording = file
			all = append(all, p)
		}
	}
	return all, nil
}

// likenesses are those of pairs of voices: how many, how many reach what is proposed.
type likenesses struct {
	pairs, proposed int
	least, most     float64
}

// compared are all pairs of two recordings: of one person, and of two.
func compared(all []pipeline.Voiceprint) (same, other likenesses) {
	for i, v := range all {
		for _, w := range all[:i] {
			if v.Recording == w.Recording {
				continue
			}
			l := &other
			if v.Speaker == w.Speaker {
				l = &same
			}
			l.add(v.Likeness(w), v.Least)
		}
	}
	return same, other
}

func (l *likenesses) add(like, least float64) {
	if l.pairs == 0 {
		l.least, l.most = like, like
	}
	l.pairs++
	l.least, l.most = min(l.least, like), max(l.most, like)
	if like >= least {
		l.proposed++
	}
}

func (l *likenesses) print(w *tabwriter.Writer, of string) {
	if l.pairs == 0 {
		fmt.Fprintf(w, "%s\t0\t\t\t\t\n", of)
		return
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%.3f\t%.3f\t\n", of, l.pairs, l.proposed, l.least, l.most)
}
