package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"lydhor/analysis"
	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// evalAnalysis codes labelled conversations from their texts, times and roles alone, and
// compares with the labels.
func (a *app) evalAnalysis(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval analysis", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
	cues := fs.Bool("cues", false, "go by the codebook's cues alone, without the model")
	leaveOut := fs.Bool("leave-one-out", false, "train on the other conversations before coding each")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	refs, err := readTranscripts(names)
	if err != nil {
		return err
	}
	var total score.Coding
	for i, ref := range refs {
		coder, err := analysis.Starter(ref.Language)
		if err != nil {
			return err
		}
		switch {
		case *cues:
			coder = coder.With(nil)
		case *leaveOut:
			others := slices.Delete(slices.Clone(refs), i, i+1)
			model, err := coder.Train(others)
			if err != nil {
				return err
			}
			coder = coder.With(model)
		}
		total = total.Add(codingOf(coder, ref))
	}
	return a.printCoding(total, *asJSON)
}

// codingOf scores what coder makes of ref's bare texts, times and roles.
func codingOf(coder *analysis.Coder, ref *pipeline.Transcript) score.Coding {
	hyp, given := bare(ref), bare(ref)
	coder.Analyse(hyp)
	for i := range given.Turns {
		if ref.Turns[i].Has(pipeline.CitizenMeaning) {
			given.Turns[i].Codes = []pipeline.Code{pipeline.CitizenMeaning}
		}
	}
	coder.Outcomes(given)
	return score.CodesOf(ref, hyp, given)
}

// bare is t with nothing but who said what when.
func bare(t *pipeline.Transcript) *pipeline.Transcript {
	b := &pipeline.Transcript{ID: t.ID, Kind: t.Kind, Language: t.Language}
	for _, turn := range t.Turns {
		b.Turns = append(b.Turns, pipeline.Turn{N: turn.N, Speaker: turn.Speaker, Role: turn.Role, Span: turn.Span, Text: turn.Text})
	}
	return b
}

// readTranscripts reads transcripts in the gold format from files and folders.
func readTranscripts(names []string) ([]*pipeline.Transcript, error) {
	var list []*pipeline.Transcript
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(name, "*.json"))
		}
		for _, file := range files {
			f, err := os.Open(file)
			if err != nil {
				return nil, err
			}
			t, err := pipeline.ReadTranscript(f)
			f.Close()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: name transcripts in JSON, or a folder of them", errUsage)
	}
	return list, nil
}

type prf struct {
	P  float64 `json:"p"`
	R  float64 `json:"r"`
	F1 float64 `json:"f1"`
}

func (a *app) printCoding(c score.Coding, asJSON bool) error {
	of := func(h score.Hits) prf { return prf{h.Precision(), h.Recall(), h.F1()} }
	results := map[string]any{
		"outcome2_given_meaning": map[string]any{"accuracy": c.TwoWay.Accuracy(), "macro_f1": c.TwoWay.MacroF1(), "n": c.TwoWay.N()},
		"outcome5_given_meaning": map[string]any{"macro_f1": c.FiveWay.MacroF1()},
		"flagged_gripped":        of(c.Flagged[pipeline.Gripped]),
		"flagged_overridden":     of(c.Flagged[pipeline.Overridden]),
	}
	for code, hits := range c.Codes {
		results[string(code)] = of(hits)
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(results)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, code := range slices.Sorted(maps.Keys(c.Codes)) {
		r := of(c.Codes[code])
		fmt.Fprintf(w, "%s\tF1 %.3f\tprecision %.3f\trecall %.3f\n", code, r.F1, r.P, r.R)
	}
	fmt.Fprintf(w, "outcome, two-way, given meaning\tmacro F1 %.3f\taccuracy %.3f\tn %d\n", c.TwoWay.MacroF1(), c.TwoWay.Accuracy(), c.TwoWay.N())
	fmt.Fprintf(w, "outcome, five-way, given meaning\tmacro F1 %.3f\taccuracy %.3f\tn %d\n", c.FiveWay.MacroF1(), c.FiveWay.Accuracy(), c.FiveWay.N())
	for _, outcome := range []pipeline.Outcome{pipeline.Gripped, pipeline.Overridden} {
		r := of(c.Flagged[outcome])
		fmt.Fprintf(w, "flagged %s, end to end\tF1 %.3f\tprecision %.3f\trecall %.3f\n", outcome, r.F1, r.P, r.R)
	}
	return w.Flush()
}
