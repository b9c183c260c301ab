package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"lydhor/analysis"
)

// train fits the model of the coder to coded conversations, or with --pairs to labelled
// pairs of English, and writes it; or has a project's model learn from what its analysts
// decided.
func (a *app) train(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	project := fs.String("project", "", "project whose decisions its model learns from")
	data := folder(fs)
	language := fs.String("language", "da", "language of the project's model")
	back := fs.Bool("back", false, "go back to the version before")
	use := fs.String("use", "", "go to this version, or to starter")
	list := fs.Bool("list", false, "list the versions")
	asJSON := fs.Bool("json", false, "print what was learned as JSON")
	out := fs.String("out", "", "file to write the model to; standard output when not given")
	pairs := fs.Bool("pairs", false, "train on CSV of pairs, as eval uptake reads them")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *pairs {
		return a.trainPairs(names, *out)
	}
	if *project != "" {
		if len(names) > 0 || *out != "" {
			return fmt.Errorf("%w: give files, or a project, whose model stays in its database and goes with what it learned from", errUsage)
		}
		db, id, err := a.projectNamed(ctx, c, *data, *project)
		if err != nil {
			return err
		}
		defer db.Close()
		s := school{a, db, id, *language}
		switch {
		case *list:
			return s.list(ctx)
		case *back || *use != "":
			return s.back(ctx, *use)
		}
		return s.trainProject(ctx, *asJSON)
	}
	conversations, err := readTranscripts(names)
	if err != nil {
		return err
	}
	coder, err := analysis.Starter(conversations[0].Language)
	if err != nil {
		return err
	}
	model, err := coder.Train(conversations)
	if err != nil {
		return err
	}
	return a.writeModel(model, *out)
}

// trainPairs fits a weighing to each file, of what its labels are about.
func (a *app) trainPairs(names []string, out string) error {
	if len(names) == 0 {
		return fmt.Errorf("%w: name CSV files of pairs", errUsage)
	}
	coder, err := analysis.Starter("en")
	if err != nil {
		return err
	}
	model := &analysis.Model{Language: "en", Codebook: coder.Book().Version, Uptake: map[analysis.Uptake]*analysis.Regression{}}
	for _, name := range names {
		pairs, err := readPairs(name)
		if err != nil {
			return err
		}
		model.Uptake[uptakeOf(pairs)] = coder.TrainUptake(pairs)
	}
	return a.writeModel(model, out)
}

// writeModel writes m to a file, or to standard output without one.
func (a *app) writeModel(m *analysis.Model, out string) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if out == "" {
		_, err = fmt.Fprintln(a.stdout, string(data))
		return err
	}
	return os.WriteFile(out, append(data, '\n'), 0o644)
}
