package transcribe

import (
	"time"

	"lydhor/pipeline"
)

// Whisper's word times are estimates; where a voice begins and falls silent can be heard. A
// word that begins within borderReach of the end of a pause is taken to begin there.
const borderReach = 300 * time.Millisecond

// fit moves the words of segments to the borders of voice, both sorted by start: the first
// word after a pause begins with the voice, and a word ends before the voice falls silent
// and before the next word begins. Words keep their order.
func fit(segments []pipeline.Segment, voice []pipeline.Span) {
	at := 0 // of voice: the first that ends after the word begins
	before := &pipeline.Word{}
	for i := range segments {
		for j := range segments[i].Words {
			w := &segments[i].Words[j]
			for at < len(voice) && voice[at].End <= w.Start {
				at++
			}
			if at < len(voice) {
				if before.Start < voice[at].Start && (w.Start-voice[at].Start).Abs() <= borderReach {
					w.Start = voice[at].Start
				}
				if w.Start < voice[at].End {
					w.End = min(w.End, voice[at].End)
				}
			}
			w.Start = max(w.Start, before.Start)
			w.End = max(w.End, w.Start)
			before.End = min(before.End, w.Start)
			before = w
		}
	}
}
