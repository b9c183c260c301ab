// Package diarise hears who speaks when. Embedded needs no model: it tells voices apart by
// their spectra, as far as one recording shows them.
package diarise

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lydhor/pipeline"
)

// Embedded is the diariser that needs nothing installed: speech is what rises above its
// background.
type Embedded struct{}

// Diarise hears who speaks when. The labels are S1, S2, … in the order they begin to speak, last
// those of voices that are heard only beside others. Turns are sorted by start; two overlap where
// one takes over without a pause, and where several are heard at once. Its time and memory grow
// linearly with the length of sound.
func (Embedded) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	f, err := listen(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.5) }) // a frame every 10 ms
	if err != nil {
		return nil, fmt.Errorf("hear who speaks: %w", err)
	}
	odds := rises(f.level)
	voiced(odds, f.periodic)
	turns := f.turns(odds, pipeline.Dur(sound), speakers)
	progress(pipeline.Diarise, 1)
	return &pipeline.Voices{
		Run:   pipeline.Run{Stage: pipeline.Diarise, Params: map[string]string{"path": "embedded"}},
		Turns: turns,
	}, ctx.Err()
}

// numbers are what telling voices apart was found to depend on most; make compare-clusterings
// tries others.
type numbers struct {
	voice   float64       // what one voice may lose by being one Gaussian, as oneVoice says
	change  float64       // the likelihood ratio, as logarithm, that a change of speaker needs
	overlap time.Duration // before and after a change of speaker without a pause both are taken to speak for so long
}

var usual = numbers{voice: 1.2, change: 60, overlap: 200 * time.Millisecond}

// turns gives the speech that odds tell of to speakers: clustering says who and how many there
// are, resegmentation where one takes over from another.
func (f *features) turns(odds []float32, length time.Duration, speakers pipeline.Speakers) []pipeline.SpeakerTurn {
	spoken := byLoudness.speech(odds, length)
	if len(spoken) == 0 {
		return nil
	}
	least, most := bounds(speakers)
	parts := segments(f, spoken)
	frames := f.voicedFrames(spoken)
	clusters := usual.speakersOf(singles(parts), least, most) // one a speaker
	who := begin(parts, clusters, len(frames))
	who = usual.settle(frames, who, len(clusters))
	turns := usual.named(byLoudness.within(spoken, odds, length), who, odds)
	several := f.several(hearsOverlap(), spoken)
	return manyAtOnce(turns, byNetwork.speech(several, length), surely.speech(several, length), most)
}

// settle moves borders between speakers, first to where the speech that each has puts them, then
// to where all speech does.
func (k numbers) settle(frames []*frame, who []int, speakers int) []int {
	if speakers < 2 {
		return who
	}
	who, speakers = renumbered(k.resegment(frames, who, speakers, 3))
	if speakers < 2 {
		return who
	}
	return k.bayesian(frames, who, speakers)
}

// renumbered is who with those who hold blocks as speakers from 0 on, and how many they are.
func renumbered(who []int) ([]int, int) {
	numbers := map[int]int{nobody: nobody}
	out := make([]int, len(who))
	for b, s := range who {
		if _, ok := numbers[s]; !ok {
			numbers[s] = len(numbers) - 1
		}
		out[b] = numbers[s]
	}
	return out, len(numbers) - 1
}

func singles(parts []segment) []cluster {
	out := make([]cluster, len(parts))
	for i, p := range parts {
		out[i] = cluster{p.voice, []int{i}}
	}
	return out
}

// voicedFrames are the frames that tell a voice: those of speech that are loud enough, nil
// for the others.
func (f *features) voicedFrames(spoken []pipeline.Span) []*frame {
	out := make([]*frame, len(f.frames))
	for _, s := range spoken {
		from, to := int(s.Start/frameDur), min(int(s.End/frameDur), len(f.frames))
		limit := loudPart(f.level[from:to])
		for i := from; i < to; i++ {
			if f.level[i] >= limit {
				out[i] = &f.frames[i]
			}
		}
	}
	return out
}

// begin gives each block of segments to its cluster.
func begin(parts []segment, clusters []cluster, frames int) []int {
	who := slices.Repeat([]int{nobody}, (frames+block-1)/block)
	for c, cl := range clusters {
		for _, m := range cl.members {
			for b := parts[m].from / block; b < min(parts[m].to/block+1, len(who)); b++ {
				who[b] = c
			}
		}
	}
	return who
}

// stub is the longest part at an end of unbroken speech that is taken for its neighbour's:
// borders between speakers lie in pauses.
const stub = 250 * time.Millisecond

// named makes turns of the speakers that hold the blocks of speech, stretches without pauses.
// odds say in which pauses breath is heard.
func (k numbers) named(speech []pipeline.Span, who []int, odds []float32) []pipeline.SpeakerTurn {
	labels := map[int]string{}
	var turns []pipeline.SpeakerTurn
	for _, s := range speech {
		for _, h := range held(s, who) {
			if labels[h.speaker] == "" {
				labels[h.speaker] = fmt.Sprintf("S%d", len(labels)+1)
			}
			turn := pipeline.SpeakerTurn{Span: h.Span, Speaker: labels[h.speaker]}
			last := len(turns) - 1
			if last >= 0 && turns[last].Speaker == turn.Speaker && talksOn(pipeline.Span{Start: turns[last].End, End: turn.Start}, odds) {
				turns[last].End = turn.End
				continue
			}
			turns = append(turns, turn)
		}
	}
	return overlapped(turns, k.overlap)
}

// breath is a pause within a turn of a speaker. A longer one, up to sigh, is one if some of it
// is heard.
const (
	breath = 400 * time.Millisecond
	sigh   = time.Second
)

// talksOn reports whether a speaker who is heard before and after pause holds the floor in it.
func talksOn(pause pipeline.Span, odds []float32) bool {
	if pause.Dur() <= breath || pause.Dur() > sigh {
		return pause.Dur() <= breath
	}
	const faint, share = 0.25, 0.3
	part := odds[int(pause.Start/frameDur):min(len(odds), int(pause.End/frameDur))]
	heard := 0
	for _, p := range part {
		if p >= faint {
			heard++
		}
	}
	return float64(heard) >= share*float64(len(part))
}

// overlapped lets turns that meet overlap on both sides of where they do: who does not wait for
// the other to end begins before.
func overlapped(turns []pipeline.SpeakerTurn, overlap time.Duration) []pipeline.SpeakerTurn {
	for i := 1; i < len(turns); i++ {
		before, after := &turns[i-1], &turns[i]
		if border := after.Start; before.End == border {
			before.End = min(border+overlap, after.End)
			after.Start = max(border-overlap, before.Start)
		}
	}
	return turns
}

// A hold is a stretch that a speaker holds, by number.
type hold struct {
	pipeline.Span
	speaker int
}

// held is who holds what of s, without stubs at its ends.
func held(s pipeline.Span, who []int) []hold {
	const blockDur = block * frameDur
	var all []hold
	for at := s.Start; at < s.End; {
		b := min(int(at/blockDur), len(who)-1)
		next := min(s.End, time.Duration(b+1)*blockDur)
		if next <= at { // beyond the last block
			next = s.End
		}
		if last := len(all) - 1; last >= 0 && all[last].speaker == who[b] {
			all[last].End = next
		} else {
			all = append(all, hold{pipeline.Span{Start: at, End: next}, who[b]})
		}
		at = next
	}
	if n := len(all); n > 1 && all[n-1].Dur() <= stub {
		all[n-2].End = all[n-1].End
		all = all[:n-1]
	}
	if len(all) > 1 && all[0].Dur() <= stub {
		all[1].Start = all[0].Start
		all = all[1:]
	}
	return all
}
