package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"lydhor/pipeline"
)

// printSequences lists what citizens said that mattered and what happened next, each with
// its reasons.
func printSequences(w io.Writer, t *pipeline.Transcript) {
	n := 0
	for _, turn := range t.Turns {
		if !turn.Has(pipeline.CitizenMeaning) {
			continue
		}
		n++
		fmt.Fprintf(w, "\n%s  turn %d  %s", clock(turn.Start), turn.N, strings.ReplaceAll(string(turn.Outcome), "_", " "))
		if p, ok := turn.Confidence[pipeline.OutcomeKey]; ok {
			fmt.Fprintf(w, " (%.0f %%)", 100*p)
		}
		fmt.Fprintf(w, "\n  %s: %s\n", turn.Role, turn.Text)
		if next := t.Turn(turn.OutcomeTurn); next != nil {
			fmt.Fprintf(w, "  → %d %s: %s\n", next.N, next.Role, next.Text)
		}
		for _, e := range turn.Evidence[pipeline.OutcomeKey] {
			fmt.Fprintf(w, "     %+.1f %s %s\n", e.Weight, e.Group, quoted(e.Text))
		}
	}
	fmt.Fprintf(w, "\n%s: %d turns, %d sequences\n", t.ID, len(t.Turns), n)
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "“" + s + "”"
}

// clock is at as h:mm:ss, the way the page shows it.
func clock(at time.Duration) string {
	s := int(at / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
