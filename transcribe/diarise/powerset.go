package diarise

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"lydhor/pipeline"
)

// A segmentation network hears ten seconds at a time and says for each frame which of three
// local speakers speak, two at once at most: seven classes, the sets of speakers by size and
// then in order (Plaquet and Bredin 2023).
const (
	stretchLen   = 10 * pipeline.SampleRate // samples of a window
	stretchStep  = pipeline.SampleRate      // between two windows
	stretchShift = 270                      // samples between two of its frames
	stretchField = 991                      // that a frame hears
	stretchCount = 589                      // frames of a window
	locals       = 3
)

// powerset are the classes as sets of local speakers, a bit each.
var powerset = [...]voiceSet{0b000, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110}

// A voiceSet is who speaks at once: bit i is local speaker i.
type voiceSet uint8

func (s voiceSet) has(speaker int) bool { return s>>speaker&1 == 1 }
func (s voiceSet) count() int           { return bits.OnesCount8(uint8(s)) }

// classes gives the likeliest set of each frame from its scores, seven a frame.
func classes(scores []float32) []voiceSet {
	sets := make([]voiceSet, 0, len(scores)/len(powerset))
	for frame := range slices.Chunk(scores, len(powerset)) {
		sets = append(sets, powerset[slices.Index(frame, slices.Max(frame))])
	}
	return sets
}

// A stretch is what was heard in one window: frames[i] is who spoke in its frame i. speaker
// is each local speaker's in the recording, nobody until that is known.
type stretch struct {
	from    int // first sample
	frames  []voiceSet
	speaker [locals]int
}

// first is the frame of the recording in which s begins: windows begin between its frames.
func (s *stretch) first() int { return int(math.RoundToEven(float64(s.from) / stretchShift)) }

// active is for how many frames each local speaker speaks.
func (s *stretch) active() (n [locals]int) {
	for _, set := range s.frames {
		for l := range n {
			if set.has(l) {
				n[l]++
			}
		}
	}
	return n
}

// starts are where the windows of a recording of n samples begin: as many as reach its end.
func starts(n int) []int {
	var all []int
	for at := 0; at == 0 || at+stretchLen-stretchStep < n; at += stretchStep {
		all = append(all, at)
	}
	return all
}

// counts is how many speak in each frame of the recording: the mean of what its windows say,
// rounded, and most at most.
func counts(all []stretch, frames, most int) []int {
	sum, heard := make([]int, frames), make([]int, frames)
	for _, s := range all {
		for i, set := range s.frames {
			if f := s.first() + i; f < frames {
				sum[f] += set.count()
				heard[f]++
			}
		}
	}
	for f := range sum {
		if heard[f] > 0 {
			sum[f] = min(most, int(math.RoundToEven(float64(sum[f])/float64(heard[f]))))
		}
	}
	return sum
}

// reconstruct says who of the speakers speaks in each frame of the recording: as many as
// counts says, those whom the most windows hear.
func reconstruct(all []stretch, count []int, speakers int) [][]bool {
	votes := make([]uint8, len(count)*speakers) // windows overlap ten times
	for _, s := range all {
		for i, set := range s.frames {
			f := s.first() + i
			if f >= len(count) {
				break
			}
			for k := range speakers {
				if set.hears(k, s.speaker) {
					votes[f*speakers+k]++
				}
			}
		}
	}
	speak := make([][]bool, speakers)
	for k := range speak {
		speak[k] = make([]bool, len(count))
	}
	for f, n := range count {
		at := votes[f*speakers : (f+1)*speakers]
		for range n {
			k := slices.Index(at, slices.Max(at))
			if at[k] == 0 {
				break
			}
			speak[k][f], at[k] = true, 0
		}
	}
	return speak
}

// hears reports whether one of the local speakers who are speaker k speaks.
func (s voiceSet) hears(k int, speaker [locals]int) bool {
	for l, of := range speaker {
		if of == k && s.has(l) {
			return true
		}
	}
	return false
}

// turnsOf makes turns of who speaks in each frame. A frame stands for the middle of what it
// hears; labels are S1, S2, … in the order they begin to speak.
func turnsOf(speak [][]bool, length time.Duration) []pipeline.SpeakerTurn {
	middle := func(frame int) time.Duration {
		return min(length, pipeline.At(frame*stretchShift+stretchField/2))
	}
	var turns []pipeline.SpeakerTurn
	labels := map[int]string{}
	open := make([]int, len(speak)) // frame in which each began, and one
	for f := range len(speak[0]) + 1 {
		for k, frames := range speak {
			speaks := f < len(frames) && frames[f]
			switch {
			case speaks && open[k] == 0:
				open[k] = f + 1
				if labels[k] == "" {
					labels[k] = fmt.Sprintf("S%d", len(labels)+1)
				}
			case !speaks && open[k] > 0:
				turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.Span{Start: middle(open[k] - 1), End: middle(f)}, Speaker: labels[k]})
				open[k] = 0
			}
		}
	}
	slices.SortStableFunc(turns, func(a, b pipeline.SpeakerTurn) int { return cmp.Compare(a.Start, b.Start) })
	return turns
}
