package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// evalDiarisation compares who spoke when with references, by file and in total.
func (a *app) evalDiarisation(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval diarisation", flag.ContinueOnError)
	var refs, hyps, uems filesFlag
	fs.Var(&refs, "ref", "reference: .rttm or a transcript's .json; may be repeated")
	fs.Var(&hyps, "hyp", "speaker turns to score: .rttm or .json; may be repeated")
	fs.Var(&uems, "uem", "what to score; all of each reference when not given; may be repeated")
	collar := fs.Float64("collar", 0, "seconds around each reference border that are not scored")
	skip := fs.Bool("skip-overlap", false, "score only where one speaker speaks")
	asJSON := fs.Bool("json", false, "write JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || len(refs) == 0 || len(hyps) == 0 {
		return fmt.Errorf("%w: give --ref and --hyp", errUsage)
	}
	if !(*collar >= 0 && *collar < 3600) {
		return fmt.Errorf("%w: collar %v is no number of seconds from 0", errUsage, *collar)
	}

	ref, err := readAll(refs, readVoices)
	if err != nil {
		return err
	}
	hyp, err := readAll(hyps, readVoices)
	if err != nil {
		return err
	}
	regions, err := readAll(uems, readRegions)
	if err != nil {
		return err
	}
	meetSingles(ref, hyp)
	meetSingles(ref, regions)
	a.warnUnscored(ref, hyp, regions)

	opt := score.DEROptions{Collar: time.Duration(math.Round(*collar * 1e9)), SkipOverlap: *skip}
	files, total := scoreVoices(ref, hyp, regions, opt)
	if *asJSON {
		return writeJSON(a.stdout, diarisationJSON(files, total))
	}
	return printDiarisation(a.stdout, files, total)
}

// readAll reads what several files hold for each recording; two files may not hold the same.
func readAll[T any](names []string, read func(name string) (map[string]T, error)) (map[string]T, error) {
	all := map[string]T{}
	for _, name := range names {
		some, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, id := range slices.Sorted(maps.Keys(some)) {
			if _, ok := all[id]; ok {
				return nil, fmt.Errorf("%s: recording %q stands in an earlier file already", name, id)
			}
			all[id] = some[id]
		}
	}
	return all, nil
}

// readVoices reads an RTTM, or the turns of a transcript under the name of its file.
func readVoices(name string) (map[string][]pipeline.SpeakerTurn, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(name) != ".json" {
		return pipeline.ReadRTTM(bytes.NewReader(data))
	}
	t, err := readConversation(data)
	if err != nil {
		return nil, err
	}
	var turns []pipeline.SpeakerTurn
	for _, turn := range t.Turns {
		turns = append(turns, pipeline.SpeakerTurn{Span: turn.Span, Speaker: turn.Speaker})
	}
	return map[string][]pipeline.SpeakerTurn{strings.TrimSuffix(filepath.Base(name), ".json"): turns}, nil
}

func readRegions(name string) (map[string][]pipeline.Span, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return pipeline.ReadUEM(f)
}

// meetSingles gives the only recording of other the name of the only one of ref.
func meetSingles[T any](ref map[string][]pipeline.SpeakerTurn, other map[string]T) {
	if len(ref) != 1 || len(other) != 1 {
		return
	}
	for id, v := range other {
		delete(other, id)
		for name := range ref {
			other[name] = v
		}
	}
}

// warnUnscored says which recordings of hyp have neither a reference nor a region.
func (a *app) warnUnscored(ref, hyp map[string][]pipeline.SpeakerTurn, regions map[string][]pipeline.Span) {
	for _, id := range slices.Sorted(maps.Keys(hyp)) {
		if len(ref[id]) == 0 && len(regions[id]) == 0 {
			fmt.Fprintf(a.stderr, "%s has no reference: not scored\n", id)
		}
	}
}
