package diarise

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// An oracle says what of the turns is taken from the reference.
type oracle struct {
	name                   string
	speech, several, alone bool
}

// BenchmarkOracles prints what the embedded path would gain by knowing a part of the reference; make
// compare-clusterings runs it.
func BenchmarkOracles(b *testing.B) {
	all := examples(b)
	fmt.Println("| taken from the reference | set | DER | missed | false alarm | confusion |\n|---|---|---|---|---|---|")
	for _, o := range []oracle{
		{"nothing", false, false, false},
		{"where speech is", true, false, false},
		{"where two or more speak", false, true, false},
		{"who speaks, one at a time", false, false, true},
		{"where speech is and where two or more speak", true, true, false},
		{"where speech is and who speaks, one at a time", true, false, true},
	} {
		total := map[string]score.DER{}
		for _, e := range all {
			turns := e.turns(e.who(usual.speakersOf, usual.settle), usual.overlap, byNetwork.certain)
			total[e.set] = total[e.set].Add(e.der(o.of(turns, e.ref, e.length)))
		}
		for _, set := range sets(all) {
			fmt.Printf("| %s | %s | %s |\n", o.name, set, parts(total[set]))
		}
	}
}

// of is heard, turns of a recording that lasts length, where ref does not know better.
func (o oracle) of(heard, ref []pipeline.SpeakerTurn, length time.Duration) []pipeline.SpeakerTurn {
	if o == (oracle{name: o.name}) {
		return heard
	}
	hyps, refs := speakersAt(heard, length), speakersAt(ref, length)
	out := make([][]string, len(refs))
	for i, said := range refs {
		now := hyps[i]
		if o.alone && len(now) > 0 {
			now = nearestAt(refs, i, nil)
		}
		if o.speech && len(said) == 0 {
			now = nil
		}
		if o.speech && len(said) > 0 && len(now) == 0 {
			now = nearestAt(map[bool][][]string{true: refs, false: hyps}[o.alone], i, nil)
		}
		if o.several && len(said) < 2 {
			now = now[:min(1, len(now))]
		}
		if o.several && len(said) > 1 && len(now) == 1 {
			now = slices.Concat(now, nearestAt(hyps, i, now))
		}
		out[i] = now
	}
	return turnsAt(out)
}

// speakersAt is who speaks in each frame.
func speakersAt(turns []pipeline.SpeakerTurn, length time.Duration) [][]string {
	at := make([][]string, length/frameDur)
	for _, t := range turns {
		for i := int(t.Start / frameDur); i < min(len(at), int(t.End/frameDur)); i++ {
			if !slices.Contains(at[i], t.Speaker) {
				at[i] = append(at[i], t.Speaker)
			}
		}
	}
	return at
}

// nearestAt is one who speaks nearest to frame i and is not among but, if anybody does.
func nearestAt(at [][]string, i int, but []string) []string {
	for off := range at {
		for _, k := range []int{i - off, i + off} {
			if k < 0 || k >= len(at) {
				continue
			}
			for _, s := range at[k] {
				if !slices.Contains(but, s) {
					return []string{s}
				}
			}
		}
	}
	return nil
}

// turnsAt makes turns of who speaks in each frame.
func turnsAt(at [][]string) []pipeline.SpeakerTurn {
	var frames []pipeline.SpeakerTurn
	for i, speakers := range at {
		for _, s := range speakers {
			frames = append(frames, pipeline.SpeakerTurn{Span: pipeline.Span{Start: time.Duration(i) * frameDur, End: time.Duration(i+1) * frameDur}, Speaker: s})
		}
	}
	return united(frames)
}

// A speaks for three frames, B is heard instead for the second and third and after them.
func TestOracle(t *testing.T) {
	frame := func(speaker string, from, to int) pipeline.SpeakerTurn {
		return pipeline.SpeakerTurn{Span: pipeline.Span{Start: time.Duration(from) * frameDur, End: time.Duration(to) * frameDur}, Speaker: speaker}
	}
	ref := []pipeline.SpeakerTurn{frame("a", 0, 3), frame("b", 1, 2)}
	heard := []pipeline.SpeakerTurn{frame("A", 1, 2), frame("B", 2, 5)}
	for _, test := range []struct {
		oracle oracle
		want   []pipeline.SpeakerTurn
	}{
		{oracle{}, heard},
		{oracle{speech: true}, []pipeline.SpeakerTurn{frame("A", 0, 2), frame("B", 2, 3)}},
		{oracle{several: true}, []pipeline.SpeakerTurn{frame("A", 1, 2), frame("B", 1, 5)}},
		{oracle{alone: true}, []pipeline.SpeakerTurn{frame("a", 1, 5)}},
		{oracle{speech: true, alone: true}, []pipeline.SpeakerTurn{frame("a", 0, 3)}},
	} {
		if got := test.oracle.of(heard, ref, 6*frameDur); !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.oracle, got, test.want)
		}
	}
}
