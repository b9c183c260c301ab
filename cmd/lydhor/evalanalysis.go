package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"lydhor/analysis"
	"lydhor/analysis/bootstrap"
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
	across := fs.Bool("across", false, "each FOLDER is one author's: code it by a model trained on the other folders")
	var with []string
	fs.Func("with", "`folder` of more conversations to train on with --leave-one-out; may be given again", func(s string) error {
		with = append(with, s)
		return nil
	})
	ablation := fs.Bool("ablation", false, "a line of figures for each part of the model")
	errs := fs.Bool("errors", false, "also what was missed and what was too many, by kind")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *across {
		return a.printAcross(names)
	}
	refs, err := readTranscripts(names)
	if err != nil {
		return err
	}
	e := evaluation{refs: refs}
	if len(with) > 0 {
		if e.more, err = readTranscripts(with); err != nil {
			return err
		}
	}
	if *ablation {
		return a.printAblation(e)
	}
	code := e.starter
	switch {
	case *cues:
		code = e.cues
	case *leaveOut:
		code = e.trained(analysis.Whole)
	}
	results, err := e.run(code)
	switch {
	case err != nil:
		return err
	case *asJSON:
		return json.NewEncoder(a.stdout).Encode(codingJSON(results))
	}
	if err := a.printCoding(results); err != nil || !*errs {
		return err
	}
	return a.printErrors(results)
}

// An evaluation is conversations to code, and more to train on.
type evaluation struct {
	refs, more []*pipeline.Transcript
}

// A coded conversation is its labels, what a coder proposes, and what it proposes told which
// turns are citizen meaning.
type coded struct {
	ref, hyp, given *pipeline.Transcript
}

func (c coded) coding() score.Coding { return score.CodesOf(c.ref, c.hyp, c.given) }

// run codes every conversation by the coder that code gives for it.
func (e evaluation) run(code func(i int) (*analysis.Coder, error)) ([]coded, error) {
	var results []coded
	for i, ref := range e.refs {
		coder, err := code(i)
		if err != nil {
			return nil, err
		}
		hyp, given := bare(ref), bare(ref)
		coder.Analyse(hyp)
		for n := range given.Turns {
			if ref.Turns[n].Has(pipeline.CitizenMeaning) {
				given.Turns[n].Codes = []pipeline.Code{pipeline.CitizenMeaning}
			}
		}
		coder.Outcomes(given)
		results = append(results, coded{ref, hyp, given})
	}
	return results, nil
}

func (e evaluation) starter(i int) (*analysis.Coder, error) {
	return analysis.Starter(e.refs[i].Language)
}

func (e evaluation) cues(i int) (*analysis.Coder, error) {
	coder, err := e.starter(i)
	if err != nil {
		return nil, err
	}
	return coder.With(nil), nil
}

// trained gives coders trained, on a part of the features, on all conversations but the one
// to code.
func (e evaluation) trained(part analysis.Part) func(i int) (*analysis.Coder, error) {
	return func(i int) (*analysis.Coder, error) {
		coder, err := e.starter(i)
		if err != nil {
			return nil, err
		}
		coder = coder.Only(part)
		model, err := coder.Train(append(slices.Delete(slices.Clone(e.refs), i, i+1), e.more...))
		if err != nil {
			return nil, err
		}
		return coder.With(model), nil
	}
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

// total adds up results, or those of them that were drawn.
func total(parts []score.Coding) score.Coding {
	var sum score.Coding
	for _, p := range parts {
		sum = sum.Add(p)
	}
	return sum
}

type prf struct {
	P  float64 `json:"p"`
	R  float64 `json:"r"`
	F1 float64 `json:"f1"`
}

func prfOf(h score.Hits) prf { return prf{h.Precision(), h.Recall(), h.F1()} }

func codingJSON(results []coded) map[string]any {
	c := total(codings(results))
	figures := map[string]any{
		"outcome2_given_meaning": map[string]any{"accuracy": c.TwoWay.Accuracy(), "macro_f1": c.TwoWay.MacroF1(), "n": c.TwoWay.N()},
		"outcome5_given_meaning": map[string]any{"macro_f1": c.FiveWay.MacroF1()},
		"flagged_gripped":        prfOf(c.Flagged[pipeline.Gripped]),
		"flagged_overridden":     prfOf(c.Flagged[pipeline.Overridden]),
		"themes":                 prfOf(allThemes(results)),
	}
	for code, hits := range c.Codes {
		figures[string(code)] = prfOf(hits)
	}
	return figures
}

func codings(results []coded) (list []score.Coding) {
	for _, r := range results {
		list = append(list, r.coding())
	}
	return list
}

func allThemes(results []coded) (sum score.Hits) {
	for _, h := range themes(results) {
		sum = sum.Add(h)
	}
	return sum
}

func themes(results []coded) map[string]score.Hits {
	sum := map[string]score.Hits{}
	for _, r := range results {
		for id, h := range score.ThemesOf(r.ref, r.hyp) {
			sum[id] = sum[id].Add(h)
		}
	}
	return sum
}

// A figure is read off a coding.
type figure struct {
	name string
	of   func(score.Coding) float64
}

var headline = []figure{
	{"citizen_meaning F1", func(c score.Coding) float64 { return c.Codes[pipeline.CitizenMeaning].F1() }},
	{"institutional F1", func(c score.Coding) float64 { return c.Codes[pipeline.Institutional].F1() }},
	{"labour_market_perspective F1", func(c score.Coding) float64 { return c.Codes[pipeline.LabourMarketPerspective].F1() }},
	{"outcome, two-way, given meaning, macro F1", func(c score.Coding) float64 { return c.TwoWay.MacroF1() }},
	{"outcome, five-way, given meaning, macro F1", func(c score.Coding) float64 { return c.FiveWay.MacroF1() }},
	{"flagged gripped F1", func(c score.Coding) float64 { return c.Flagged[pipeline.Gripped].F1() }},
	{"flagged overridden F1", func(c score.Coding) float64 { return c.Flagged[pipeline.Overridden].F1() }},
}

// printCoding prints the figures with their bands, how far confidence can be trusted, and the
// themes where there are any.
func (a *app) printCoding(results []coded) error {
	parts := codings(results)
	sum := total(parts)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\t\t95 % band by conversation\t")
	for _, f := range headline {
		low, high := bootstrap.Interval(len(parts), func(drawn []int) float64 {
			var picked []score.Coding
			for _, i := range drawn {
				picked = append(picked, parts[i])
			}
			return f.of(total(picked))
		})
		fmt.Fprintf(w, "%s\t%.3f\t%.3f-%.3f\t\n", f.name, f.of(sum), low, high)
	}
	for _, code := range slices.Sorted(maps.Keys(sum.Codes)) {
		h := sum.Codes[code]
		fmt.Fprintf(w, "%s\tprecision %.3f\trecall %.3f\t\n", code, h.Precision(), h.Recall())
	}
	printConfusion(w, sum.FiveWay)
	printCalibration(w, results)
	if found := themes(results); len(found) > 0 {
		all := allThemes(results)
		fmt.Fprintf(w, "\nthemes\tprecision %.3f\trecall %.3f\tF1 %.3f\n", all.Precision(), all.Recall(), all.F1())
		for _, id := range slices.Sorted(maps.Keys(found)) {
			h := found[id]
			fmt.Fprintf(w, "%s\tprecision %.2f\trecall %.2f\t%d there\n", id, h.Precision(), h.Recall(), h.True+h.Missed)
		}
	}
	return w.Flush()
}

func printConfusion(w io.Writer, c score.Confusion) {
	fmt.Fprint(w, "\nlabelled, given meaning\t")
	for _, got := range pipeline.Outcomes {
		fmt.Fprintf(w, "%s\t", got)
	}
	for _, want := range pipeline.Outcomes {
		fmt.Fprintf(w, "\n%s\t", want)
		for _, got := range pipeline.Outcomes {
			fmt.Fprintf(w, "%d\t", c[[2]pipeline.Outcome{want, got}])
		}
	}
	fmt.Fprintln(w)
}

// printCalibration prints how often suggestions of each confidence were right.
func printCalibration(w io.Writer, results []coded) {
	var meaning, institutional, outcome score.Calibration
	for _, r := range results {
		for i := range r.ref.Turns {
			ref, hyp, given := &r.ref.Turns[i], &r.hyp.Turns[i], &r.given.Turns[i]
			for code, c := range map[pipeline.Code]*score.Calibration{pipeline.CitizenMeaning: &meaning, pipeline.Institutional: &institutional} {
				if hyp.Has(code) {
					c.Count(hyp.Confidence[string(code)], ref.Has(code))
				}
			}
			if ref.Outcome != "" && given.Outcome != "" {
				outcome.Count(given.Confidence[pipeline.OutcomeKey], ref.Outcome == given.Outcome)
			}
		}
	}
	fmt.Fprintln(w, "\nright at confidence\t0-.2\t.2-.4\t.4-.6\t.6-.8\t.8-1\texpected calibration error")
	for _, row := range []struct {
		name string
		c    *score.Calibration
	}{{"citizen_meaning", &meaning}, {"institutional", &institutional}, {"outcome", &outcome}} {
		fmt.Fprintf(w, "%s\t", row.name)
		for _, bin := range row.c {
			fmt.Fprintf(w, "%d of %d\t", bin.Right, bin.N)
		}
		fmt.Fprintf(w, "%.3f\n", row.c.Error())
	}
}

const rowHead = "\tmeaning\tinstitutional\toutcome 2\toutcome 5\tflagged overridden"

// printRow prints the headline figures in a line under rowHead.
func printRow(w io.Writer, name string, results []coded) {
	c := total(codings(results))
	fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\n", name, c.Codes[pipeline.CitizenMeaning].F1(), c.Codes[pipeline.Institutional].F1(),
		c.TwoWay.MacroF1(), c.FiveWay.MacroF1(), c.Flagged[pipeline.Overridden].F1())
}

// printAcross codes each author's folder by a model trained on the other folders.
func (a *app) printAcross(folders []string) error {
	authors := make([][]*pipeline.Transcript, len(folders))
	for i, folder := range folders {
		var err error
		if authors[i], err = readTranscripts([]string{folder}); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, rowHead)
	var all []coded
	for i, refs := range authors {
		coder, err := analysis.Starter(refs[0].Language)
		if err != nil {
			return err
		}
		model, err := coder.Train(slices.Concat(slices.Delete(slices.Clone(authors), i, i+1)...))
		if err != nil {
			return err
		}
		results, err := evaluation{refs: refs}.run(func(int) (*analysis.Coder, error) { return coder.With(model), nil })
		if err != nil {
			return err
		}
		printRow(w, folders[i], results)
		all = append(all, results...)
	}
	printRow(w, "all", all)
	return w.Flush()
}

// printAblation prints a line for each part of the model, and for what knows nothing of the
// codebook.
func (a *app) printAblation(e evaluation) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, rowHead)
	for _, row := range []struct {
		name string
		code func(int) (*analysis.Coder, error)
	}{
		{"length alone, trained", e.trained(analysis.Length)},
		{"cues alone, points of the codebook", e.cues},
		{"cues, weighed by training", e.trained(analysis.Cues)},
		{"and words, form, what is answered", e.trained(analysis.Turn)},
		{"and the turns around: the model", e.trained(analysis.Whole)},
	} {
		results, err := e.run(row.code)
		if err != nil {
			return err
		}
		printRow(w, row.name, results)
	}
	return w.Flush()
}

// printErrors prints how much of each kind of turn was found, and of each that it is not was
// suggested.
func (a *app) printErrors(results []coded) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, code := range []pipeline.Code{pipeline.CitizenMeaning, pipeline.Institutional} {
		is, not := map[string]*[2]int{}, map[string]*[2]int{}
		for _, r := range results {
			for i := range r.ref.Turns {
				ref, hyp := &r.ref.Turns[i], &r.hyp.Turns[i]
				into := not
				if ref.Has(code) {
					into = is
				}
				if code == pipeline.CitizenMeaning != (ref.Role == pipeline.Citizen) || code == pipeline.Institutional != (ref.Role == pipeline.Professional) {
					continue
				}
				for _, kind := range kindsOf(ref) {
					if into[kind] == nil {
						into[kind] = &[2]int{}
					}
					into[kind][1]++
					if hyp.Has(code) {
						into[kind][0]++
					}
				}
			}
		}
		for _, side := range []struct {
			name string
			of   map[string]*[2]int
		}{{"found of what is", is}, {"suggested of what is not", not}} {
			fmt.Fprintf(w, "%s, %s\t\t\n", code, side.name)
			for _, kind := range slices.Sorted(maps.Keys(side.of)) {
				n := side.of[kind]
				fmt.Fprintf(w, "  %s\t%d of %d\t%.2f\n", kind, n[0], n[1], float64(n[0])/float64(n[1]))
			}
		}
	}
	return w.Flush()
}

// kindsOf sorts a labelled turn by its length, its form, what came of it, and what its note
// begins with.
func kindsOf(t *pipeline.Turn) []string {
	kinds := []string{"6 to 20 words"}
	switch n := len(strings.Fields(t.Text)); {
	case n <= 5:
		kinds[0] = "1 to 5 words"
	case n > 20:
		kinds[0] = "over 20 words"
	}
	if strings.Contains(t.Text, "?") {
		kinds = append(kinds, "asks")
	}
	if t.Outcome != "" {
		kinds = append(kinds, "outcome "+string(t.Outcome))
	}
	for _, start := range []string{"implicit", "half explicit", "explicit", "hard negative"} {
		if strings.HasPrefix(t.Note, start) {
			kinds = append(kinds, "note: "+start)
		}
	}
	return kinds
}
