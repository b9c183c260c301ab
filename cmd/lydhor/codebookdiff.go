package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// An edit is what changes on coded turns when one codebook takes the place of another.
type edit struct {
	Before      string                `json:"before"` // versions
	After       string                `json:"after"`
	Talks       int                   `json:"conversations"`
	Turns       int                   `json:"turns"`
	Of          map[string]*tally     `json:"of"` // by code, and by outcome
	Differences []analysis.Difference `json:"differences"`
}

// A tally counts the turns that carry a code or an outcome, and how many of them people gave
// it too, of those that people coded.
type tally struct {
	Before  int `json:"before"`
	After   int `json:"after"`
	Appear  int `json:"appear"`
	Vanish  int `json:"vanish"`
	Coded   int `json:"coded"` // by people
	RightIn int `json:"right_before"`
	RightBy int `json:"right_after"`
}

// diffCodebooks codes transcripts by one codebook and by another. Those are files in the gold
// format, or the recordings of a project.
func (a *app) diffCodebooks(ctx context.Context, db *pgxpool.Pool, project string, names []string, asJSON bool) error {
	before, err := bookNamed(ctx, db, project, names[0])
	if err != nil {
		return err
	}
	after, err := bookNamed(ctx, db, project, names[1])
	if err != nil {
		return err
	}
	if before.Language != after.Language {
		return fmt.Errorf("%s is in %q and %s in %q: compare versions in one language", names[0], before.Language, names[1], after.Language)
	}
	e := &edit{Before: before.Version, After: after.Version, Of: map[string]*tally{}}
	coder, err := a.diffCoder(ctx, db, project, before.Language)
	if err != nil {
		return err
	}
	talks := filesCoded(names[2:])
	if db != nil {
		talks = projectCoded(ctx, db, project)
	}
	for t, err := range talks {
		if err != nil {
			return err
		}
		if cmp.Or(t.Language, "da") == before.Language {
			e.add(t, coder.By(before), coder.By(after))
		}
	}
	if asJSON {
		return writeJSON(a.stdout, e)
	}
	return a.printEdit(e)
}

// diffCoder is who codes by the two: with the project's model, or the starter's.
func (a *app) diffCoder(ctx context.Context, db *pgxpool.Pool, project, language string) (*analysis.Coder, error) {
	if db == nil {
		return analysis.Starter(language)
	}
	coders, err := store.NewCoders(db)
	if err != nil {
		return nil, err
	}
	coding, err := coders.Of(ctx, project)
	if err != nil {
		return nil, err
	}
	return coding.Starters[language], nil
}

// filesCoded gives transcripts with the codes they carry, which are people's.
func filesCoded(names []string) iter.Seq2[*pipeline.Transcript, error] {
	return func(yield func(*pipeline.Transcript, error) bool) {
		if len(names) == 0 {
			return
		}
		list, err := readTranscripts(names)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, t := range list {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// projectCoded gives a project's recordings with the codes that people decided on and no
// others.
func projectCoded(ctx context.Context, db *pgxpool.Pool, project string) iter.Seq2[*pipeline.Transcript, error] {
	return func(yield func(*pipeline.Transcript, error) bool) {
		for talk, err := range store.Talks(ctx, db, project) {
			if err != nil {
				yield(nil, err)
				return
			}
			coded := talk.Uncoded()
			for n, d := range pipeline.Settled(coded, talk.Decisions) {
				if d.Meaning {
					turn := coded.Turn(n)
					turn.Codes, turn.Outcome = []pipeline.Code{pipeline.CitizenMeaning}, d.Outcome
				}
			}
			if !yield(coded, nil) {
				return
			}
		}
	}
}

// add codes t both ways and counts.
func (e *edit) add(t *pipeline.Transcript, coderBefore, coderAfter *analysis.Coder) {
	before, after := t.Uncoded(), t.Uncoded()
	coderBefore.Analyse(before)
	coderAfter.Analyse(after)
	e.Talks++
	e.Turns += len(t.Turns)
	e.Differences = append(e.Differences, analysis.Differences(before, after)...)
	for i := range t.Turns {
		was, is, people := named(&before.Turns[i]), named(&after.Turns[i]), named(&t.Turns[i])
		every := slices.Concat(was, is, people)
		slices.Sort(every)
		for _, name := range slices.Compact(every) {
			if e.Of[name] == nil {
				e.Of[name] = &tally{}
			}
			e.Of[name].count(slices.Contains(was, name), slices.Contains(is, name), slices.Contains(people, name))
		}
	}
}

// named lists what a turn is coded as.
func named(t *pipeline.Turn) []string {
	var list []string
	for _, code := range t.Codes {
		list = append(list, string(code))
	}
	if t.Outcome != "" {
		list = append(list, pipeline.OutcomeKey+" "+string(t.Outcome))
	}
	return list
}

func (t *tally) count(was, is, people bool) {
	one := map[bool]int{true: 1}
	t.Before += one[was]
	t.After += one[is]
	t.Appear += one[is && !was]
	t.Vanish += one[was && !is]
	t.Coded += one[people]
	t.RightIn += one[people && was]
	t.RightBy += one[people && is]
}

func (a *app) printEdit(e *edit) error {
	if e.Talks == 0 {
		fmt.Fprintln(a.stdout, "both can be used; name coded transcripts or a --project to see what the edit changes")
		return nil
	}
	fmt.Fprintf(a.stdout, "%d conversations, %d turns, version %s → %s\n", e.Talks, e.Turns, e.Before, e.After)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tbefore\tafter\tappear\tvanish\tcoded by people\tof these before\tafter\t")
	for _, name := range slices.Sorted(maps.Keys(e.Of)) {
		t := e.Of[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, t.Before, t.After, t.Appear, t.Vanish, t.Coded, t.RightIn, t.RightBy)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range e.Differences {
		what := strings.ReplaceAll(d.Of, "_", " ")
		switch {
		case d.Of == pipeline.OutcomeKey:
			what = fmt.Sprintf("%s %s → %s", what, cmp.Or(d.Before, "none"), cmp.Or(d.After, "none"))
		case d.After != "":
			what += " appears"
		default:
			what += " vanishes"
		}
		fmt.Fprintf(a.stdout, "%s turn %d: %s\n", d.Conversation, d.Turn, what)
	}
	return nil
}
