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

// Diarise hears who speaks when. The labels are S1, S2, … in the order they begin to speak.
// Its time and memory grow linearly with the length of sound.
func (Embedded) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	f, err := listen(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.5) }) // a frame every 10 ms
	if err != nil {
		return nil, fmt.Errorf("hear who speaks: %w", err)
	}
	spoken := byLoudness.speech(rises(f.level), pipeline.Dur(sound))
	turns := f.turns(spoken, speakers)
	progress(pipeline.Diarise, 1)
	return &pipeline.Voices{
		Run:   pipeline.Run{Stage: pipeline.Diarise, Params: map[string]string{"path": "embedded"}},
		Turns: turns,
	}, ctx.Err()
}

// turns gives the speech to speakers. Clustering says how many there are; of two ways to
// their borders, from those clusters and from more, the one under which the sound is likelier.
func (f *features) turns(spoken []pipeline.Span, speakers pipeline.Speakers) []pipeline.SpeakerTurn {
	if len(spoken) == 0 {
		return nil
	}
	least, most := max(1, speakers.Min), speakers.Max
	if most <= 0 {
		most = 20
	}
	parts := segments(f, spoken)
	frames := f.voicedFrames(spoken)
	clusters := speakersOf(singles(parts), least, max(least, most)) // one a speaker
	who := begin(parts, clusters, len(frames))
	if n := len(clusters); n > 1 {
		direct, fit := resegment(frames, who, n, 3)
		many := speakersOf(singles(parts), max(n, spare), max(n, spare))
		settled, better := settle(frames, begin(parts, many, len(frames)), len(many), n)
		who = direct
		if better > fit {
			who = settled
		}
	}
	return named(spoken, who)
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

// breath is the longest silence within a turn of a speaker.
const breath = 400 * time.Millisecond

// named makes turns of the speakers that hold the blocks of speech.
func named(spoken []pipeline.Span, who []int) []pipeline.SpeakerTurn {
	const blockDur = block * frameDur
	labels := map[int]string{}
	var turns []pipeline.SpeakerTurn
	for _, s := range spoken {
		for at := s.Start; at < s.End; {
			b := min(int(at/blockDur), len(who)-1)
			if labels[who[b]] == "" {
				labels[who[b]] = fmt.Sprintf("S%d", len(labels)+1)
			}
			next := min(s.End, time.Duration(b+1)*blockDur)
			if next <= at { // beyond the last block
				next = s.End
			}
			if last := len(turns) - 1; last >= 0 && turns[last].Speaker == labels[who[b]] && at-turns[last].End <= breath {
				turns[last].End = next
			} else {
				turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.Span{Start: at, End: next}, Speaker: labels[who[b]]})
			}
			at = next
		}
	}
	return turns
}
