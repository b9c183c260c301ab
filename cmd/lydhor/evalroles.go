package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"text/tabwriter"

	"lydhor/analysis"
	"lydhor/pipeline"
)

// roleCounts says how often speakers of a role were proposed each role.
type roleCounts map[pipeline.Role]map[pipeline.Role]int

// evalRoles takes the roles off labelled talks, proposes them from what is said alone, and
// compares speaker by speaker. Nothing is fitted; the words that tell roles were written by a
// reader of talks, who with --leave-one-out has not read the one in question.
func (a *app) evalRoles(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval roles", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
	leaveOut := fs.Bool("leave-one-out", false, "know only words that tell roles in the other talks")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	refs, err := readTranscripts(names)
	if err != nil {
		return err
	}
	counts := roleCounts{}
	for i, ref := range refs {
		coder, err := analysis.Starter(ref.Language)
		if err != nil {
			return err
		}
		if *leaveOut {
			coder = coder.ByRoleWords(analysis.RoleWordsIn(slices.Concat(refs[:i], refs[i+1:])))
		}
		counts.add(ref, coder)
	}
	return a.printRoles(counts, *asJSON)
}

func (c roleCounts) add(ref *pipeline.Transcript, coder *analysis.Coder) {
	hyp, want := bare(ref), map[string]pipeline.Role{}
	for i := range hyp.Turns {
		want[hyp.Turns[i].Speaker] = hyp.Turns[i].Role
		hyp.Turns[i].Role = pipeline.Unknown
	}
	coder.ProposeRoles(hyp)
	for _, s := range hyp.Speakers {
		role := want[s.Label]
		if c[role] == nil {
			c[role] = map[pipeline.Role]int{}
		}
		c[role][s.Role]++
	}
}

func (a *app) printRoles(counts roleCounts, asJSON bool) error {
	right, all := 0, 0
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "role\tspeakers\tright\tproposed as\t\n")
	for _, role := range pipeline.Roles {
		n, as := 0, ""
		for _, proposed := range pipeline.Roles {
			if k := counts[role][proposed]; k > 0 {
				n += k
				as += fmt.Sprintf(" %s %d", proposed, k)
			}
		}
		if n > 0 {
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\t\n", role, n, counts[role][role], as)
		}
		right, all = right+counts[role][role], all+n
	}
	accuracy := float64(right) / float64(all)
	if asJSON {
		return writeJSON(a.stdout, map[string]any{"accuracy": defined(accuracy), "speakers": all, "counts": counts})
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%s\t\n", all, right, percent(accuracy))
	return w.Flush()
}
