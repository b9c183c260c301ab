package store

import (
	"context"

	"lydhor/analysis"
	"lydhor/analysis/agreement"
	"lydhor/pipeline"
)

// Lessons gives a project's recordings in a language as people decided them. What those who
// are done did not mark is no citizen meaning; of others only what they decided counts. A turn
// on which people are divided is left out, unless they settled it.
func Lessons(ctx context.Context, db DB, coders *Coders, project, language string) ([]analysis.Lesson, error) {
	var list []analysis.Lesson
	err := eachCoded(ctx, db, coders, project, func(t *Talk, own map[string]Assignment, coding *Coding) {
		if coding.Language(t.Transcript) != language {
			return
		}
		if l := t.lesson(t.coded(own, coding)); len(l.Says) > 0 {
			list = append(list, l)
		}
	})
	return list, err
}

// lesson is what people say of the turns of a talk, most of them or all together.
func (t *Talk) lesson(coded agreement.Talk) analysis.Lesson {
	says := map[int]analysis.Said{}
	for n, votes := range t.votes(coded) {
		if s, clear := most(votes); clear {
			says[n] = s
		}
	}
	for n, d := range pipeline.Standing(t.Transcript, pipeline.ByCoder(t.Decisions)[pipeline.Consensus]) {
		if d.Decided() {
			says[n] = analysis.Said{Meaning: d.Meaning, Outcome: d.Outcome}
		}
	}
	return analysis.Lesson{Transcript: t.Transcript, Says: says}
}

// votes lists what each person says of each turn.
func (t *Talk) votes(coded agreement.Talk) map[int][]analysis.Said {
	votes := map[int][]analysis.Said{}
	marked := map[int]bool{}
	for _, coder := range coded.People() {
		for n := range coded.By[coder] {
			marked[n] = true
		}
	}
	for _, n := range coded.Turns {
		marked[n] = true
	}
	for _, coder := range coded.People() {
		for n := range marked {
			outcome, meant := coded.By[coder][n]
			votes[n] = append(votes[n], analysis.Said{Meaning: meant, Outcome: outcome})
		}
	}
	for coder, own := range pipeline.ByCoder(t.Decisions) {
		if _, done := coded.By[coder]; done || !pipeline.IsPerson(coder) {
			continue
		}
		for n, d := range pipeline.Standing(t.Transcript, own) {
			if d.Decided() {
				votes[n] = append(votes[n], analysis.Said{Meaning: d.Meaning, Outcome: d.Outcome})
			}
		}
	}
	return votes
}

// most is what more say than anything else, and whether there is such a thing.
func most(votes []analysis.Said) (s analysis.Said, clear bool) {
	count := map[analysis.Said]int{}
	for _, v := range votes {
		count[v]++
	}
	best := 0
	for v, n := range count {
		switch {
		case n > best:
			s, best, clear = v, n, true
		case n == best:
			clear = false
		}
	}
	return s, clear
}
