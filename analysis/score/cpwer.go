package score

import (
	"maps"
	"slices"
)

// CPWER compares what each speaker of one recording said, all of a speaker's words one
// after the other, with speakers matched one to one at the least errors: the concatenated
// minimum-permutation WER (Watanabe and others, CHiME-6, 2020). A speaker without a
// counterpart is all deletions or insertions. Words are aligned by plain edit distance, as
// meeteval does. Match gives the hypothesis speaker of each reference speaker that has one.
func CPWER(ref, hyp map[string][]string) (w WER, match map[string]string) {
	refs, hyps := slices.Sorted(maps.Keys(ref)), slices.Sorted(maps.Keys(hyp))
	n := max(len(refs), len(hyps))
	of := func(words map[string][]string, speakers []string, i int) []string {
		if i < len(speakers) {
			return words[speakers[i]]
		}
		return nil
	}
	errors := table(n, n)
	for r := range errors {
		for h := range errors[r] {
			errors[r][h] = float64(distance(of(ref, refs, r), of(hyp, hyps, h)))
		}
	}
	match = map[string]string{}
	for r, h := range assign(errors) {
		w = w.Add(Words(align(of(ref, refs, r), of(hyp, hyps, h), levenshtein())))
		if r < len(refs) && h < len(hyps) {
			match[refs[r]] = hyps[h]
		}
	}
	return w, match
}
