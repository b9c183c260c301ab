package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"

	"lydhor/analysis"
	"lydhor/analysis/bootstrap"
	"lydhor/analysis/score"
)

// uptakeFolds is how many parts the conversations are cut into with --cross.
const uptakeFolds = 10

// evalUptake scores English answers by how much they take up and compares with labels that
// people gave: Spearman's rank correlation, and the area under the curve for the labels
// above their mean. Labels of two values are taken as a code, more as a grade.
func (a *app) evalUptake(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval uptake", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
	cross := fs.Bool("cross", false, "score each conversation by a model trained on the others")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return fmt.Errorf("%w: name one CSV file", errUsage)
	}
	pairs, err := readPairs(names[0])
	if err != nil {
		return err
	}
	coder, err := analysis.Starter("en")
	if err != nil {
		return err
	}
	of := uptakeOf(pairs)
	scores := weighPairs(coder, pairs, of, *cross)
	if *asJSON {
		return writeJSON(a.stdout, map[string]any{
			"spearman": defined(score.Spearman(scores, labels(pairs))), "auc": defined(score.AUC(scores, areYes(pairs))), "n": len(pairs)})
	}
	repeated, length := make([]float64, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		repeated[i], length[i] = coder.Repeated(p), float64(len(p.Answer))
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d pairs, weighed for %s\tSpearman\t95 %% band\tAUC\t95 %% band\n", len(pairs), of)
	printRanks(w, "codebook and model", pairs, scores)
	printRanks(w, "codebook's cues alone", pairs, weighPairs(coder.With(nil), pairs, of, false))
	printRanks(w, "share of repeated words", pairs, repeated)
	printRanks(w, "length of the answer", pairs, length)
	return w.Flush()
}

// weighPairs scores pairs by coder, or each conversation by what was trained on others.
func weighPairs(coder *analysis.Coder, pairs []analysis.Pair, of analysis.Uptake, cross bool) []float64 {
	scores := make([]float64, len(pairs))
	if !cross {
		for i, p := range pairs {
			scores[i] = coder.Uptake(p, of)
		}
		return scores
	}
	fold := map[string]int{}
	for _, p := range pairs {
		if _, known := fold[p.Talk]; !known {
			fold[p.Talk] = len(fold) % uptakeFolds
		}
	}
	for k := range uptakeFolds {
		others := slices.DeleteFunc(slices.Clone(pairs), func(p analysis.Pair) bool { return fold[p.Talk] == k })
		trained := coder.With(&analysis.Model{Uptake: map[analysis.Uptake]*analysis.Regression{of: coder.TrainUptake(others)}})
		for i, p := range pairs {
			if fold[p.Talk] == k {
				scores[i] = trained.Uptake(p, of)
			}
		}
	}
	return scores
}

// printRanks prints how scores go with the labels, with a bootstrap band by conversation.
func printRanks(w io.Writer, name string, pairs []analysis.Pair, scores []float64) {
	var talks [][]int
	at := map[string]int{}
	for i, p := range pairs {
		t, known := at[p.Talk]
		if !known {
			t = len(talks)
			at[p.Talk] = t
			talks = append(talks, nil)
		}
		talks[t] = append(talks[t], i)
	}
	band := func(figure func(picked []int) float64) string {
		low, high := bootstrap.Interval(len(talks), func(drawn []int) float64 {
			var picked []int
			for _, t := range drawn {
				picked = append(picked, talks[t]...)
			}
			return figure(picked)
		})
		return fmt.Sprintf("%.3f-%.3f", low, high)
	}
	pick := func(list []float64, picked []int) []float64 {
		out := make([]float64, len(picked))
		for i, j := range picked {
			out[i] = list[j]
		}
		return out
	}
	given, yes := labels(pairs), areYes(pairs)
	fmt.Fprintf(w, "%s\t%.3f\t%s\t%.3f\t%s\n", name,
		score.Spearman(scores, given), band(func(p []int) float64 { return score.Spearman(pick(scores, p), pick(given, p)) }),
		score.AUC(scores, yes), band(func(p []int) float64 {
			is := make([]bool, len(p))
			for i, j := range p {
				is[i] = yes[j]
			}
			return score.AUC(pick(scores, p), is)
		}))
}

func labels(pairs []analysis.Pair) []float64 {
	list := make([]float64, len(pairs))
	for i, p := range pairs {
		list[i] = p.Label
	}
	return list
}

func areYes(pairs []analysis.Pair) []bool {
	list := make([]bool, len(pairs))
	for i, p := range pairs {
		list[i] = p.Is
	}
	return list
}

// uptakeOf is what the labels are about: two values are a code, more are a grade.
func uptakeOf(pairs []analysis.Pair) analysis.Uptake {
	values := map[float64]bool{}
	for _, p := range pairs {
		values[p.Label] = true
	}
	if len(values) <= 2 {
		return analysis.Reflected
	}
	return analysis.TakenUp
}

// pairColumns are the forms of CSV that readPairs knows, by the columns that say so: our own,
// that of Demszky and others (the NCTE lessons), and AnnoMI, one utterance a row.
const (
	ownColumns    = "utterance,response,label"
	lessonColumns = "student_text,teacher_text,uptake_zscore"
	annoColumns   = "interlocutor,utterance_text,main_therapist_behaviour"
)

// readPairs reads labelled pairs. Rows without a label are left out.
func readPairs(name string) ([]analysis.Pair, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pairs, err := parsePairs(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return pairs, nil
}

func parsePairs(r io.Reader) ([]analysis.Pair, error) {
	in := csv.NewReader(r)
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: it needs a first line that names the columns " + ownColumns)
	}
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, h := range head {
		column[h] = i
	}
	var pairs []analysis.Pair
	before := map[string]string{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return finishPairs(pairs)
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		get := func(name string) string {
			if i, ok := column[name]; ok {
				return row[i]
			}
			return ""
		}
		p, ok, err := pairOf(column, get, before)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if ok {
			pairs = append(pairs, p)
		}
	}
}

// pairOf makes a pair of one row. before holds what AnnoMI's row before said, and who.
func pairOf(column map[string]int, get func(string) string, before map[string]string) (p analysis.Pair, ok bool, err error) {
	has := func(name string) bool { _, ok := column[name]; return ok }
	label := ""
	switch {
	case has("utterance") && has("response") && has("label"):
		p, label = analysis.Pair{Talk: get("conversation"), Said: get("utterance"), Answer: get("response")}, get("label")
		if p.Talk == "" {
			p.Talk = strconv.Itoa(len(before))
			before[p.Talk] = "" // every pair a conversation of its own
		}
	case has("student_text") && has("teacher_text") && has("uptake_zscore"):
		p, label = analysis.Pair{Talk: get("obs_id"), Said: get("student_text"), Answer: get("teacher_text")}, get("uptake_zscore")
	case has("interlocutor") && has("utterance_text") && has("main_therapist_behaviour"):
		if get("interlocutor") == "therapist" && before["who"] == "client" && before["talk"] == get("transcript_id") {
			p, label = analysis.Pair{Talk: get("transcript_id"), Said: before["said"], Answer: get("utterance_text")}, get("main_therapist_behaviour")
		}
		before["who"], before["talk"], before["said"] = get("interlocutor"), get("transcript_id"), get("utterance_text")
	default:
		return p, false, fmt.Errorf("the columns are none of %s; %s; %s", ownColumns, lessonColumns, annoColumns)
	}
	if label == "" {
		return p, false, nil
	}
	if p.Label, err = strconv.ParseFloat(label, 64); err != nil {
		p.Label, err = 0, nil
		if slices.Contains([]string{"reflection", "gripped", "yes", "true"}, label) {
			p.Label = 1
		}
	}
	return p, true, nil
}

// finishPairs says which labels are above the mean of all.
func finishPairs(pairs []analysis.Pair) ([]analysis.Pair, error) {
	if len(pairs) == 0 {
		return nil, errors.New("there is no row with a label")
	}
	sum := 0.0
	for _, p := range pairs {
		sum += p.Label
	}
	for i := range pairs {
		pairs[i].Is = pairs[i].Label > sum/float64(len(pairs))
	}
	return pairs, nil
}
