package pipeline

import (
	"cmp"
	"slices"
	"time"
)

// JoinSpeech puts what was heard in each piece, on the piece's own clock, together on the clock of
// the recording. There is a speech for each piece, in order; the first says how they were
// made. The language is what is spoken longest, and notices are said once. Text that runs over
// a piece's end is held within it.
func JoinSpeech(pieces []Span, speeches []Speech) *Speech {
	whole := &Speech{}
	spoken := map[string]time.Duration{}
	for i, s := range speeches {
		if i == 0 {
			whole.Run = s.Run
		}
		for _, notice := range s.Notices {
			if !slices.Contains(whole.Notices, notice) {
				whole.Notices = append(whole.Notices, notice)
			}
		}
		if len(s.Segments) > 0 {
			spoken[s.Language] += pieces[i].Dur()
		}
		if whole.Language = cmp.Or(whole.Language, s.Language); spoken[s.Language] > spoken[whole.Language] {
			whole.Language = s.Language
		}
		for _, segment := range s.Segments {
			segment.Span = pieces[i].shift(segment.Span)
			segment.Words = append([]Word(nil), segment.Words...)
			for j := range segment.Words {
				segment.Words[j].Span = pieces[i].shift(segment.Words[j].Span)
			}
			whole.Segments = append(whole.Segments, segment)
		}
		for _, d := range s.Dropped {
			d.Span = pieces[i].shift(d.Span)
			whole.Dropped = append(whole.Dropped, d)
		}
		for _, m := range s.Music {
			whole.Music = append(whole.Music, Music{pieces[i].shift(m.Span)})
		}
	}
	whole.Music = JoinMusic(whole.Music, musicApart)
	return whole
}

// shift moves t from the clock of piece s to the recording's.
func (s Span) shift(t Span) Span {
	start := min(s.Start+max(0, t.Start), s.End)
	return Span{start, max(start, min(s.Start+t.End, s.End))}
}
