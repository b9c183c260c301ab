package main

import (
	"context"
	"flag"
	"fmt"

	"lydhor/analysis/pseudonym"
)

// evalPII compares what would be masked with the expressions listed in the transcripts.
func (a *app) evalPII(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval pii", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "write JSON")
	errors := fs.Bool("errors", false, "list what is missed and what is masked without need")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	refs, err := readTranscripts(names)
	if err != nil {
		return err
	}
	var sum pseudonym.Score
	for _, ref := range refs {
		s, misses := pseudonym.Evaluate(ref)
		sum.Add(s)
		for _, m := range misses {
			if *errors {
				fmt.Fprintf(a.stderr, "%s turn %d: %s %s %q\n", ref.ID, m.Turn, missKind(m), m.Kind, m.Text)
			}
		}
	}
	if *asJSON {
		return writeJSON(a.stdout, map[string]any{"recall": defined(sum.Recall()), "precision": defined(sum.Precision()), "gold": sum.Gold, "found": sum.Found})
	}
	_, err = fmt.Fprintf(a.stdout, "recall %s of %d, precision %s of %d\n", percent(sum.Recall()), sum.Gold, percent(sum.Precision()), sum.Found)
	return err
}

func missKind(m pseudonym.Miss) string {
	if m.Extra {
		return "masked without need"
	}
	return "missed"
}
