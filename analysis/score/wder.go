package score

// WDER is the word diarisation error rate (Shafey, Soltau and Shafran, Interspeech 2019): of
// the words that were recognised, rightly or wrongly, those given to the wrong speaker. The
// same is kept for the first word of each reference turn, where mistakes gather.
type WDER struct{ Wrong, Words, WrongFirst, First int }

// Add gives the sum of w and v: of one recording and the next.
func (w WDER) Add(v WDER) WDER {
	return WDER{w.Wrong + v.Wrong, w.Words + v.Words, w.WrongFirst + v.WrongFirst, w.First + v.First}
}

// Rate is the share of words given to the wrong speaker, NaN without any word.
func (w WDER) Rate() float64 { return rate(w.Wrong, w.Words) }

// FirstRate is the same share of the first words of turns.
func (w WDER) FirstRate() float64 { return rate(w.WrongFirst, w.First) }

// Said is what one speaker says until another takes over, as comparable words.
type Said struct {
	Speaker string
	Words   []string
}

// SpeakerWords compares, for one recording, who is said to have spoken each word. Words are
// aligned in the order of the turns; speakers are matched one to one at the least errors.
func SpeakerWords(ref, hyp []Said) WDER {
	both := spokenPairs(ref, hyp)
	row, column := map[string]int{}, map[string]int{}
	for _, p := range both {
		number := func(index map[string]int, speaker string) {
			if _, ok := index[speaker]; !ok {
				index[speaker] = len(index)
			}
		}
		number(row, p.ref)
		number(column, p.hyp)
	}
	cost := table(len(row), len(column))
	for _, p := range both {
		cost[row[p.ref]][column[p.hyp]]--
	}
	match := assign(cost)
	w := WDER{Words: len(both)}
	for _, p := range both {
		wrong := match[row[p.ref]] != column[p.hyp]
		w.Wrong += one(wrong)
		w.First += one(p.first)
		w.WrongFirst += one(p.first && wrong)
	}
	return w
}

// A spokenPair is the two speakers of a recognised word, and whether it is the first of a
// turn of the reference.
type spokenPair struct {
	ref, hyp string
	first    bool
}

func spokenPairs(ref, hyp []Said) []spokenPair {
	refWords, refs := spokenWords(ref)
	hypWords, hyps := spokenWords(hyp)
	var both []spokenPair
	for _, p := range Align(refWords, hypWords) {
		if p.Ref != "" && p.Hyp != "" {
			both = append(both, spokenPair{refs[0].ref, hyps[0].ref, refs[0].first})
		}
		if p.Ref != "" {
			refs = refs[1:]
		}
		if p.Hyp != "" {
			hyps = hyps[1:]
		}
	}
	return both
}

// spokenWords gives all words in order, and of each one the speaker, as ref.
func spokenWords(turns []Said) (words []string, speakers []spokenPair) {
	for _, t := range turns {
		for i, w := range t.Words {
			words = append(words, w)
			speakers = append(speakers, spokenPair{ref: t.Speaker, first: i == 0})
		}
	}
	return words, speakers
}
