package transcribe

import (
	"context"
	"time"
	"unicode/utf8"

	"lydhor/pipeline"
	"lydhor/transcribe/whisper"
)

const (
	windowPause   = 300 * time.Millisecond // of the pauses around a window that are heard with it
	windowSilence = 2 * time.Second        // after a window, by which a model knows its end

	// In more, whisper's decoder looks beyond the window, at what the state heard before.
	longestWindow = 25600*time.Millisecond - windowSilence
)

// windows are those of piece of sound, none longer than longestWindow unless whisper cuts.
func (t *Transcriber) windows(sound pipeline.Sound, voice []pipeline.Span, piece time.Duration) ([]pipeline.Span, error) {
	list := windows(voice, t.o.Model.Window, piece)
	if t.o.Model.Window == 0 {
		return list, nil
	}
	var short []pipeline.Span
	for _, w := range list {
		p, err := parts(sound, w, longestWindow)
		if err != nil {
			return nil, err
		}
		short = append(short, p...)
	}
	return short, nil
}

// windows are the stretches of a piece that are heard one by one: as much voice in each as most
// allows, or a single span of it that is longer, and something of the pauses around. Where most is
// 0 the whole piece is one, and whisper cuts it as it goes: every half a minute, in the middle of
// a sentence where it must.
func windows(voice []pipeline.Span, most, piece time.Duration) []pipeline.Span {
	if most == 0 {
		return []pipeline.Span{{End: piece}}
	}
	var list []pipeline.Span
	for _, v := range voice {
		if last := len(list) - 1; last >= 0 && v.End-list[last].Start <= most {
			list[last].End = v.End
			continue
		}
		list = append(list, v)
	}
	before := time.Duration(0)
	for i := range list {
		w := &list[i]
		after := piece
		if i+1 < len(list) {
			after = (w.End + list[i+1].Start) / 2
		}
		w.Start, w.End = max(before, w.Start-windowPause), min(after, w.End+windowPause)
		before = after
	}
	return list
}

// A decoder skips a phrase now and then, a hesitant one first: then a voice is heard and no word
// stands there.
const (
	leftOut    = 500 * time.Millisecond // of voice without a word: something may have been said
	slowLetter = 100 * time.Millisecond // a word lasts no longer than this for each letter and once more

	firstShare = 0.75 // of a window's progress: it may have to be heard again, which takes longer
)

// hearWindow hears what is said in window of sound. Where that leaves a voice without words,
// it hears the window once more in two parts, and keeps what leaves less.
func (t *Transcriber) hearWindow(ctx context.Context, state *whisper.State, sound pipeline.Sound, window pipeline.Span, voice []pipeline.Span, o whisper.Options, progress func(float64)) (*pipeline.Speech, error) {
	if t.o.Model.Window == 0 {
		return t.hearSpans(ctx, state, sound, []pipeline.Span{window}, o, progress)
	}
	first, err := t.hearSpans(ctx, state, sound, []pipeline.Span{window}, o, func(done float64) { progress(firstShare * done) })
	if err != nil {
		return nil, err
	}
	left := unheard(first.Segments, voice, window)
	if left == 0 {
		return first, nil
	}
	parts, err := parts(sound, window, window.Dur()*2/3)
	if err != nil {
		return nil, err
	}
	again, err := t.hearSpans(ctx, state, sound, parts, o, func(done float64) { progress(firstShare + (1-firstShare)*done) })
	if err != nil || unheard(again.Segments, voice, window) >= left {
		return first, err
	}
	again.Dropped = append(again.Dropped, pipeline.Dropped{Span: window, Text: text(first.Segments), Reason: "words were left out: heard again in parts"})
	return again, nil
}

// hearSpans hears spans of sound, each by itself, and tells progress how far it is in all of them.
func (t *Transcriber) hearSpans(ctx context.Context, state *whisper.State, sound pipeline.Sound, spans []pipeline.Span, o whisper.Options, progress func(float64)) (*pipeline.Speech, error) {
	share := newShare(spans, func(_ pipeline.Stage, done float64) { progress(done) })
	heard := make([]pipeline.Speech, len(spans))
	for i, span := range spans {
		if err := t.listen(state, sound, span, o.Threads); err != nil {
			return nil, err
		}
		if t.o.Model.Window > 0 {
			o.Window = span.Dur() + windowSilence
		}
		r, err := state.Run(ctx, o, func(done float64) { share.piece(i, done) })
		if err != nil {
			return nil, err
		}
		heard[i] = pipeline.Speech{Language: r.Language, Segments: segments(r, t.o.Model.Lag)}
	}
	return pipeline.JoinSpeech(spans, heard), nil
}

// parts are window in parts of at most most, cut where it is quietest.
func parts(sound pipeline.Sound, window pipeline.Span, most time.Duration) ([]pipeline.Span, error) {
	if window.Dur() <= most {
		return []pipeline.Span{window}, nil
	}
	list, err := pipeline.Cut(pipeline.Section(sound, window), most)
	for i := range list {
		list[i].Start += window.Start
		list[i].End += window.Start
	}
	return list, err
}

// unheard adds up the stretches of voice in window, leftOut or longer, in which no word lies.
// Segments and voice are sorted by start.
func unheard(segments []pipeline.Segment, voice []pipeline.Span, window pipeline.Span) (sum time.Duration) {
	for _, v := range voice {
		if window.Overlap(v) == 0 {
			continue
		}
		at := v.Start
		for _, s := range segments {
			for _, w := range s.Words {
				sum += long(min(w.Start, v.End) - at)
				at = max(at, min(w.End, w.Start+longest(w.Text)))
			}
		}
		sum += long(v.End - at)
	}
	return sum
}

// long is d where that may hold a word, else 0.
func long(d time.Duration) time.Duration {
	if d < leftOut {
		return 0
	}
	return d
}

// longest is how long word lasts at most.
func longest(word string) time.Duration {
	return time.Duration(utf8.RuneCountInString(word)+1) * slowLetter
}

func text(segments []pipeline.Segment) string {
	var words []pipeline.Word
	for _, s := range segments {
		words = append(words, s.Words...)
	}
	return sentence(words)
}
