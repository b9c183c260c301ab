package main

import (
	"context"
	"flag"
	"fmt"
)

// codebook reads a codebook a researcher edited and says what is wrong with it, by line;
// test runs its examples too.
func (a *app) codebook(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("codebook check|test FILE", flag.ContinueOnError)
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(names) != 2 || names[0] != "check" && names[0] != "test" {
		return fmt.Errorf("%w: lydhor codebook check FILE, or lydhor codebook test FILE", errUsage)
	}
	coder, err := openCoder(names[1], "")
	if err != nil {
		return err
	}
	book := coder.Book()
	fmt.Fprintf(a.stdout, "%s: version %s, %d codes, %d outcomes\n", names[1], book.Version, len(book.Codes), len(book.Outcomes))
	if names[0] == "check" {
		return nil
	}
	tried, failed := coder.TryExamples()
	for _, f := range failed {
		was := "suggested, and is a negative example"
		if f.Positive {
			was = "not suggested"
		}
		fmt.Fprintf(a.stdout, "%s: %s: %s / %s\n", f.Entry, was, f.Example.Citizen, f.Example.Professional)
	}
	fmt.Fprintf(a.stdout, "%d of %d examples come out as they should\n", tried-len(failed), tried)
	if len(failed) > 0 {
		return fmt.Errorf("%d examples fail", len(failed))
	}
	return nil
}
