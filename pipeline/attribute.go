package pipeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How words are given to speakers: see border and strain. Costs are in the time by which a
// word would have to be misplaced.
const (
	tolerance    = 250 * time.Millisecond // by which times of words and of speaker turns are often off
	phraseCost   = 900 * time.Millisecond // of a change of speaker inside a phrase
	sentenceCost = 75 * time.Millisecond  // of one after a full stop or between segments
	pauseCost    = 20 * time.Millisecond  // of one in a pause
	phraseGap    = 250 * time.Millisecond // a silence that ends a phrase
)

// attribute gives for each word the index of its voice: the cheapest way through all words,
// where a word costs its strain under its voice and a change of voice costs its border.
func attribute(words []placedWord, voices []voice) []int {
	k := len(voices)
	cost := make([]time.Duration, k) // of the cheapest way to the present word under each voice
	from := make([]int, len(words)*k)
	near := make([]int, k) // first stretch of each voice that ends after the present word's start
	for i, w := range words {
		cheapest := slices.Index(cost, slices.Min(cost))
		change := cost[cheapest]
		if i > 0 {
			change += border(words[i-1], w)
		}
		for s, v := range voices {
			from[i*k+s] = s
			if change < cost[s] {
				from[i*k+s], cost[s] = cheapest, change
			}
			for near[s] < len(v.held) && v.held[near[s]].End <= w.Start {
				near[s]++
			}
			cost[s] += strain(w.Span, v.held, near[s])
		}
	}
	who := make([]int, len(words))
	at := slices.Index(cost, slices.Min(cost))
	for i := len(words) - 1; i >= 0; i-- {
		who[i] = at
		at = from[i*k+at]
	}
	return who
}

// border is the cost of a change of speaker between two words.
func border(before, after placedWord) time.Duration {
	if after.Start-before.End >= phraseGap {
		return pauseCost
	}
	if after.first || endsSentence(before.Text) {
		return sentenceCost
	}
	return phraseCost
}

func endsSentence(word string) bool {
	return strings.HasSuffix(strings.TrimRight(word, " \"'»”)"), ".") || strings.ContainsAny(word, "?!…")
}

// strain is the cost of w being said by who holds these stretches: how much of it lies
// outside them, or how far off it is; within tolerance this counts a quarter. A stretch no
// longer than an interjection claims its words: somebody was heard there beside the others.
func strain(w Span, held []Span, near int) time.Duration {
	if len(held) == 0 {
		return 0
	}
	outside := func(by time.Duration) time.Duration {
		out, gap := w.Dur(), time.Duration(1<<62)
		for i := max(0, near-1); i < len(held); i++ {
			h := Span{held[i].Start - by, held[i].End + by}
			out -= h.Overlap(w)
			gap = min(gap, max(0, h.Start-w.End, w.Start-h.End))
			if h.Start > w.End {
				break
			}
		}
		return max(0, out) + gap
	}
	cost := (outside(0) + 3*outside(tolerance)) / 4
	if near < len(held) && held[near].Dur() <= interjection {
		cost -= held[near].Overlap(w) / 4
	}
	return cost
}

// A placedWord is a word and whether its segment begins with it.
type placedWord struct {
	Word
	first bool
}

// segmentWords gives the words of all segments sorted by start; those of a segment without
// word times are spread over it by their length.
func segmentWords(segments []Segment) []placedWord {
	var words []placedWord
	for _, s := range segments {
		own := s.Words
		if len(own) == 0 {
			own = spread(s)
		}
		first := true
		for _, w := range own {
			if strings.TrimSpace(w.Text) == "" {
				continue
			}
			words = append(words, placedWord{w, first})
			first = false
		}
	}
	slices.SortStableFunc(words, func(a, b placedWord) int { return cmp.Compare(a.Start, b.Start) })
	return words
}

// spread makes words of a segment's text, each as long as its share of the letters.
func spread(s Segment) []Word {
	fields := strings.Fields(s.Text)
	letters := 0
	for _, f := range fields {
		letters += utf8.RuneCountInString(f)
	}
	words := make([]Word, 0, len(fields))
	done := 0
	at := func() time.Duration { return s.Start + s.Dur()*time.Duration(done)/time.Duration(letters) }
	for _, f := range fields {
		start := at()
		done += utf8.RuneCountInString(f)
		words = append(words, Word{Span: Span{start, at()}, Text: f})
	}
	return words
}

// A voice is one speaker's label and the stretches that the speaker holds, sorted, apart.
type voice struct {
	label string
	held  []Span
}

// voicesOf gathers speaker turns by speaker, sorted by label: never none.
func voicesOf(turns []SpeakerTurn) []voice {
	if len(turns) == 0 {
		return []voice{{label: UnknownSpeaker}}
	}
	held := map[string][]Span{}
	for _, t := range turns {
		held[t.Speaker] = append(held[t.Speaker], t.Span)
	}
	var voices []voice
	for _, label := range slices.Sorted(maps.Keys(held)) {
		voices = append(voices, voice{label, joinSpans(held[label])})
	}
	return voices
}

// holds reports whether one stretch of v covers all of s.
func (v voice) holds(s Span) bool {
	i, _ := slices.BinarySearchFunc(v.held, s.Start, func(h Span, at time.Duration) int { return cmp.Compare(h.End, at) })
	return i < len(v.held) && v.held[i].Start <= s.Start && s.End <= v.held[i].End
}
