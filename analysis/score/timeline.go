package score

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"lydhor/pipeline"
)

// A timeline holds every moment at which something starts or stops in one recording.
type timeline struct {
	refs, hyps []string // labels of the speakers, sorted
	changes    []change
}

// A layer is what starts or stops.
type layer int

const (
	scored layer = iota
	ignored
	reference
	hypothesis
)

// A change starts (+1) or stops (-1) something; who is the speaker's index in a layer of
// speakers.
type change struct {
	at    time.Duration
	layer layer
	who   int
	by    int
}

// newTimeline lays reference, hypothesis and the scored region beside each other. Without a
// region all from the reference's first to its last moment is scored, as md-eval does.
func newTimeline(ref, hyp []pipeline.SpeakerTurn, region []pipeline.Span) *timeline {
	t := &timeline{refs: labels(ref), hyps: labels(hyp)}
	if region == nil && len(ref) > 0 {
		all := ref[0].Span
		for _, turn := range ref {
			all = pipeline.Span{Start: min(all.Start, turn.Start), End: max(all.End, turn.End)}
		}
		region = []pipeline.Span{all}
	}
	for _, span := range region {
		t.add(scored, 0, span)
	}
	t.addTurns(reference, t.refs, ref)
	t.addTurns(hypothesis, t.hyps, hyp)
	return t
}

func (t *timeline) addTurns(layer layer, speakers []string, turns []pipeline.SpeakerTurn) {
	for _, turn := range turns {
		who, _ := slices.BinarySearch(speakers, turn.Speaker)
		t.add(layer, who, turn.Span)
	}
}

func (t *timeline) add(layer layer, who int, span pipeline.Span) {
	if span.Dur() > 0 {
		t.changes = append(t.changes, change{span.Start, layer, who, +1}, change{span.End, layer, who, -1})
	}
}

// ignoreCollars takes collar on both sides of each reference border out of the scored region.
func (t *timeline) ignoreCollars(ref []pipeline.SpeakerTurn, collar time.Duration) {
	for _, turn := range ref {
		t.add(ignored, 0, pipeline.Span{Start: turn.Start - collar, End: turn.Start + collar})
		t.add(ignored, 0, pipeline.Span{Start: turn.End - collar, End: turn.End + collar})
	}
}

// each calls visit for every scored stretch in which nobody starts or stops, with its length
// and the speakers who speak in it. The slices are only good during the call.
func (t *timeline) each(visit func(dur time.Duration, refs, hyps []int)) {
	slices.SortFunc(t.changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	going := [4][]int{scored: {0}, ignored: {0}, reference: make([]int, len(t.refs)), hypothesis: make([]int, len(t.hyps))}
	var refs, hyps []int
	var last time.Duration
	for _, c := range t.changes {
		if c.at > last && going[scored][0] > 0 && going[ignored][0] == 0 {
			refs = speaking(refs[:0], going[reference])
			hyps = speaking(hyps[:0], going[hypothesis])
			visit(c.at-last, refs, hyps)
		}
		last = c.at
		going[c.layer][c.who] += c.by
	}
}

// speaking appends the indices of those who speak to dst.
func speaking(dst, going []int) []int {
	for who, turns := range going {
		if turns > 0 {
			dst = append(dst, who)
		}
	}
	return dst
}

// labels lists the speakers of turns, sorted.
func labels(turns []pipeline.SpeakerTurn) []string {
	seen := map[string]bool{}
	for _, t := range turns {
		seen[t.Speaker] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// table makes a table of zeros.
func table(rows, columns int) [][]float64 {
	t := make([][]float64, rows)
	for r := range t {
		t[r] = make([]float64, columns)
	}
	return t
}
