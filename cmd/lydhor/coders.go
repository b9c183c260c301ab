package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// agreement says how far two coders of a project code alike, people or machines: all pairs
// there are, or one with its confusion tables and disagreements.
func (a *app) agreement(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("agreement", flag.ContinueOnError)
	project := fs.String("project", c.Project, "project whose coders are compared")
	data := folder(fs)
	names := fs.String("coders", "", "two coders, as anna,bo; the built-in one is "+pipeline.Lydhor+", what people settled is "+pipeline.Consensus)
	asJSON := fs.Bool("json", false, "print JSON")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	first, second, ok := agreement.Parse(*names)
	if *names != "" && !ok {
		return fmt.Errorf("%w: name two different coders, as --coders anna,bo", errUsage)
	}
	db, id, err := a.projectNamed(ctx, c, *data, *project)
	if err != nil {
		return err
	}
	defer db.Close()
	coders, err := store.NewCoders(db)
	if err != nil {
		return err
	}
	talks, err := store.CodedTalks(ctx, db, coders, id, "")
	if err != nil {
		return err
	}
	var reports []agreement.Report
	there := agreement.Coders(talks)
	for i, one := range there {
		for _, other := range there[i+1:] {
			if ok && !(one == first && other == second || one == second && other == first) {
				continue
			}
			if r := agreement.Between(talks, one, other); r.Talks > 0 {
				reports = append(reports, r)
			}
		}
	}
	switch {
	case len(reports) == 0 && ok && len(there) > 0:
		return fmt.Errorf("no recording was coded to its end by both %s and %s; some were by %s", first, second, strings.Join(there, ", "))
	case *asJSON:
		return writeJSON(a.stdout, reports)
	case len(reports) == 0:
		fmt.Fprintln(a.stdout, "no recording was coded to its end by two coders yet")
		return nil
	case ok:
		return printReport(a.stdout, reports[0])
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\t\tconversations\tmeaning: turns\tkappa\talpha\toutcome: turns\tkappa\talpha")
	for _, r := range reports {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%d\t%s\t%s\n", r.A, r.B, r.Talks, r.Meaning.N, interval(r.Meaning.Kappa), interval(r.Meaning.Alpha),
			r.Outcome.N, interval(r.Outcome.Kappa), interval(r.Outcome.Alpha))
	}
	return w.Flush()
}

// interval writes a figure and its 95 % interval over conversations.
func interval(f agreement.Figure) string {
	switch {
	case f.Value == nil:
		return "undefined"
	case f.Low == nil:
		return fmt.Sprintf("%.3f", *f.Value)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", *f.Value, *f.Low, *f.High)
}

// printReport prints what two coders say, with the tables and the turns to talk through.
func printReport(out io.Writer, r agreement.Report) error {
	fmt.Fprintf(out, "%s (rows) and %s (columns), %d conversations\n", r.A, r.B, r.Talks)
	for _, q := range []struct {
		name string
		agreement.Figures
	}{{"is it a citizen-meaning utterance, over the citizens' turns", r.Meaning}, {"outcome, where both say so", r.Outcome}, {"outcome read two ways, open left out", r.TwoWay}} {
		fmt.Fprintf(out, "\n%s: %d turns, alike %s, kappa %s, alpha %s\n", q.name, q.N, interval(q.Percent), interval(q.Kappa), interval(q.Alpha))
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(w, "\t%s\t\n", strings.Join(q.Table.Codes, "\t"))
		for i, row := range q.Table.Count {
			fmt.Fprintf(w, "%s\t%s\t\n", q.Table.Codes[i], strings.Trim(strings.ReplaceAll(fmt.Sprint(row), " ", "\t"), "[]"))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n%d disagreements; the figures do not say who is right\n", len(r.Disagreements))
	for _, d := range r.Disagreements {
		fmt.Fprintf(out, "%s turn %d: %s, %s\n", d.Conversation, d.Turn, d.A, d.B)
	}
	return nil
}
