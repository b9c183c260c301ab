package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strings"
)

// evals lists what can be scored against references, in the manner of commands.
func evals() []command {
	return []command{
		{"asr", "--ref FILE --hyp FILE [--json]", "words: WER, CER, cpWER", (*app).evalASR},
		{"times", "--ref FILE --hyp FILE [--json]", "when words begin: error in seconds, median and 90th percentile", (*app).evalTimes},
		{"diarisation", "--ref FILE --hyp FILE [--uem FILE] [--collar SECONDS] [--skip-overlap] [--json]", "speakers: DER, JER", (*app).evalDiarisation},
		{"voices", "SOUND... [--by embedding|d-vector|spectrum] [--shortest SECONDS]", "voices recognised in another recording", (*app).evalVoices},
		{"assembly", "--ref FILE [--words FILE] [--speakers FILE] [--json]", "words given to speakers: WDER, cpWER", (*app).evalAssembly},
		{"analysis", "FILE|FOLDER... [--cues] [--leave-one-out [--with FOLDER...]] [--across] [--ablation] [--errors] [--json]", "codes and outcomes: precision, recall, F1", (*app).evalAnalysis},
		{"uptake", "CSV [--cross] [--json]", "English answers: how much they take up", (*app).evalUptake},
		{"roles", "FILE|FOLDER... [--json]", "roles proposed from what is said", (*app).evalRoles},
		{"pii", "FILE|FOLDER... [--errors] [--json]", "pseudonyms: recall and precision", (*app).evalPII},
	}
}

// eval scores results against references.
func (a *app) eval(ctx context.Context, args []string) error {
	var names []string
	for _, c := range evals() {
		names = append(names, c.name)
		if len(args) == 0 || args[0] != c.name {
			continue
		}
		err := c.run(a, ctx, args[1:])
		if asked := (*helpAsked)(nil); errors.As(err, &asked) {
			asked.explain(a.stdout, "lydhor eval", c)
			return nil
		}
		if errors.Is(err, errUsage) {
			return fmt.Errorf("%w (lydhor eval %s %s)", err, c.name, c.args)
		}
		return err
	}
	if len(args) == 1 && isHelp(args[0]) {
		for _, c := range evals() {
			(&helpAsked{flag.NewFlagSet(c.name, flag.ContinueOnError)}).explain(a.stdout, "lydhor eval", c)
		}
		return nil
	}
	return fmt.Errorf("%w: say what to score: %s", errUsage, strings.Join(names, ", "))
}

// defined is f for JSON, which has no NaN: null where there was nothing to divide by.
func defined(f float64) *float64 {
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

// percent writes a rate for people.
func percent(f float64) string {
	if math.IsNaN(f) {
		return "undefined"
	}
	return fmt.Sprintf("%.2f %%", 100*f)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(v)
}

// filesFlag is a flag that can be given several times.
type filesFlag []string

func (f *filesFlag) String() string { return strings.Join(*f, " ") }

func (f *filesFlag) Set(name string) error {
	*f = append(*f, name)
	return nil
}
