package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"lydhor/pipeline/confine"
)

// A recording with one microphone per person has a channel for each. What a microphone hears
// of the others is quieter than what it hears of its own speaker by more than crossTalk,
// both against how loud each channel's own speech is.
const crossTalk = 6 // dB

// DecodeChannels makes 16 kHz sound of each channel of the recording in file, in new files
// in dir. Close them.
func DecodeChannels(ctx context.Context, file, dir string) ([]*PCM, error) {
	n, err := channels(ctx, file)
	if err != nil {
		return nil, err
	}
	var all []*PCM
	for c := range n {
		out := filepath.Join(dir, fmt.Sprintf("channel-%d.wav", c+1))
		err := confine.Lend(file, "", func(file, _ string) error {
			_, err := resample(ctx, out, "", nil, "-i", local(file), "-af", fmt.Sprintf("pan=mono|c0=c%d", c))
			return err
		})
		var pcm *PCM
		if err == nil {
			pcm, err = OpenPCM(out)
		}
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("channel %d: %w", c+1, err)
		}
		all = append(all, pcm)
	}
	return all, nil
}

func closeAll(pcms []*PCM) {
	for _, p := range pcms {
		p.Close()
	}
}

// channels is how many channels the recording in file has.
func channels(ctx context.Context, file string) (int, error) {
	f, err := openRecording(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if _, err := readWAV(f, info.Size()); err != nil && !errors.Is(err, errOtherWAV) {
		return 0, err
	}
	n := 0
	err = confine.Lend(file, "", func(file, _ string) (err error) {
		n, err = probe(ctx, file)
		return err
	})
	return n, err
}

// probe asks ffprobe how many channels the recording in file has.
func probe(ctx context.Context, file string) (n int, err error) {
	var said []byte
	err = decoder(ctx, "ffprobe", nil, func(stdout io.Reader) (err error) {
		said, err = io.ReadAll(io.LimitReader(stdout, 100))
		return err
	}, "-select_streams", "a:0", "-show_entries", "stream=channels", "-of", "csv=p=0", "-i", local(file))
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscan(string(said), &n); err != nil {
		return 0, fmt.Errorf("%w: there is no sound in it: is it a recording?", ErrBadAudio)
	}
	return n, nil
}

// OwnVoices is sounds, the channels of one recording, each silent where it is another
// channel's speaker that is heard on it. Where two speak at once both are kept.
func OwnVoices(sounds []Sound) ([]Sound, error) {
	level := make([][]float32, len(sounds)) // of each frame, in dB against the channel's own speech
	for c, sound := range sounds {
		power, err := framePower(sound)
		if err != nil {
			return nil, err
		}
		level[c] = againstSpeech(power)
	}
	own := make([]Sound, len(sounds))
	for c := range sounds {
		own[c] = muted{sounds[c], foreign(level, c)}
	}
	return own, nil
}

// againstSpeech smooths power over 100 ms and counts it from the channel's loudest
// twentieth.
func againstSpeech(power []float32) []float32 {
	level := Smoothed(power, 2)
	if len(level) == 0 {
		return level
	}
	loud := Loudest(level)
	for i := range level {
		level[i] -= loud
	}
	return level
}

// foreign is where another channel than c is louder by more than crossTalk.
func foreign(level [][]float32, c int) []Span {
	var spans []Span
	for i, mine := range level[c] {
		loudest := mine
		for _, other := range level {
			if i < len(other) {
				loudest = max(loudest, other[i])
			}
		}
		if loudest <= mine+crossTalk {
			continue
		}
		start := time.Duration(i) * cutFrame
		if last := len(spans) - 1; last >= 0 && spans[last].End == start {
			spans[last].End = start + cutFrame
			continue
		}
		spans = append(spans, Span{start, start + cutFrame})
	}
	return spans
}

// muted is sound with silence in spans, which are sorted and apart.
type muted struct {
	Sound
	spans []Span
}

func (m muted) ReadAt(dst Samples, at int) (int, error) {
	n, err := m.Sound.ReadAt(dst, at)
	first, _ := slices.BinarySearchFunc(m.spans, at, func(s Span, at int) int { return cmp.Compare(Index(s.End), at) })
	for _, s := range m.spans[first:] {
		from, to := max(0, Index(s.Start)-at), min(n, Index(s.End)-at)
		if from >= n {
			break
		}
		clear(dst[from:max(from, to)])
	}
	return n, err
}

// AssembleChannels makes turns, numbered from 1 and sorted by start, of the words of each
// channel; the words of channel 0 are "channel 1"'s. They may overlap.
func AssembleChannels(channels [][]Segment) []Turn {
	var all []wordRun
	for c, segments := range channels {
		speaker := voice{label: fmt.Sprintf("channel %d", c+1)}
		var end time.Duration
		for i, w := range segmentWords(segments) {
			if i == 0 || w.Start-end > breath {
				all = append(all, wordRun{voice: speaker, Span: w.Span})
			}
			r := &all[len(all)-1]
			r.words = append(r.words, w.Word)
			r.End = max(r.End, w.End)
			end = r.End
		}
	}
	slices.SortStableFunc(all, func(a, b wordRun) int { return cmp.Compare(a.Start, b.Start) })
	return joinRuns(joinAlone(all))
}

// joinAlone makes one run of those between which nobody else spoke and no lapse lies.
func joinAlone(runs []wordRun) []wordRun {
	var out []wordRun
	for _, r := range runs {
		if last := len(out) - 1; last >= 0 && out[last].voice.label == r.voice.label && r.Start-out[last].End <= lapse {
			out[last].words = append(out[last].words, r.words...)
			out[last].End = r.End
			continue
		}
		out = append(out, r)
	}
	return out
}

// ProcessChannels is Process for a recording with one microphone per person: each channel is
// heard on its own, without the voices of the others, and is one speaker.
func (p Path) ProcessChannels(ctx context.Context, file string, kind Kind, progress Progress) (*Transcript, error) {
	heard, err := HearChannels(ctx, p.Transcriber, file, progress)
	if err != nil {
		return nil, err
	}
	t := NewChannelsTranscript(kind, heard)
	t.Analysed(p.Analyser)
	progress(Analyse, 1)
	return t, nil
}

// HearChannels hears each channel of the recording in file without the voices of the others.
func HearChannels(ctx context.Context, t Transcriber, file string, progress Progress) ([]*Speech, error) {
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	progress(Ingest, 0)
	own, done, err := OpenChannels(ctx, file, dir)
	if err != nil {
		return nil, err
	}
	defer done()
	progress(Ingest, 1)

	heard := make([]*Speech, len(own))
	for c, sound := range own {
		part := func(stage Stage, done float64) { progress(stage, (float64(c)+done)/float64(len(own))) }
		if heard[c], err = HearSpliced(ctx, t, sound, part); err != nil {
			return nil, fmt.Errorf("channel %d: %w", c+1, err)
		}
	}
	return heard, nil
}

// OpenChannels decodes what each person's microphone heard of its own speaker, in files in
// dir, two channels at least. Call done when they have been read.
func OpenChannels(ctx context.Context, file, dir string) (own []Sound, done func(), err error) {
	pcms, err := DecodeChannels(ctx, file, dir)
	if err != nil {
		return nil, nil, err
	}
	done = func() { closeAll(pcms) }
	if len(pcms) == 1 {
		done()
		return nil, nil, fmt.Errorf("%w: it has one channel, not one for each person's microphone: give it as a recording whose channels are mixed, without --channels", ErrBadAudio)
	}
	sounds := make([]Sound, len(pcms))
	for c, pcm := range pcms {
		sounds[c] = pcm
	}
	if own, err = OwnVoices(sounds); err != nil {
		done()
		return nil, nil, err
	}
	return own, done, nil
}

// HearSpliced hears sound without the silence in it, on the clock of the whole.
func HearSpliced(ctx context.Context, t Transcriber, sound Sound, progress Progress) (*Speech, error) {
	s, err := splice(sound)
	if err != nil {
		return nil, err
	}
	speech, err := t.Transcribe(ctx, s, progress)
	if err != nil {
		return nil, err
	}
	s.onClock(speech)
	return speech, nil
}

// ChannelVoices stands for a diarisation of n channels that each are one speaker.
func ChannelVoices(n int) *Voices {
	return &Voices{Run: Run{Stage: Diarise, Params: map[string]string{"path": "channels", "channels": strconv.Itoa(n)}}}
}

// NewChannelsTranscript is NewTranscript for what each of several channels, at least one,
// was heard to say.
func NewChannelsTranscript(kind Kind, heard []*Speech) *Transcript {
	all := &Speech{Run: heard[0].Run}
	segments := make([][]Segment, len(heard))
	for c, speech := range heard {
		segments[c] = speech.Segments
		all.Segments = append(all.Segments, speech.Segments...)
		all.Dropped = append(all.Dropped, speech.Dropped...)
		all.Music = append(all.Music, speech.Music...)
		all.Language = cmp.Or(all.Language, speech.Language)
		for _, notice := range speech.Notices {
			if !slices.Contains(all.Notices, notice) {
				all.Notices = append(all.Notices, notice)
			}
		}
	}
	slices.SortStableFunc(all.Segments, func(a, b Segment) int { return cmp.Compare(a.Start, b.Start) })
	slices.SortStableFunc(all.Dropped, func(a, b Dropped) int { return cmp.Compare(a.Start, b.Start) })
	all.Music = JoinMusic(all.Music, musicApart)
	turns := AssembleChannels(segments)
	voices := ChannelVoices(len(heard))
	for _, turn := range turns {
		voices.Turns = append(voices.Turns, SpeakerTurn{Span: turn.Span, Speaker: turn.Speaker})
	}
	t := NewTranscript(kind, all, voices)
	t.Turns, t.Speakers = turns, speakersOf(turns)
	return t
}
