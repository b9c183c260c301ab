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
// pairs of English, and writes it.
func (a *app) train(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	out := fs.String("out", "", "file to write the model to; standard output when not given")
	pairs := fs.Bool("pairs", false, "train on CSV of pairs, as eval uptake reads them")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *pairs {
		return a.trainPairs(names, *out)
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
