package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/diarise"
)

// diarise hears who speaks when in one recording and prints it: RTTM, JSON or a table.
func (a *app) diarise(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("diarise", flag.ContinueOnError)
	asRTTM := fs.Bool("rttm", false, "print RTTM")
	asJSON := fs.Bool("json", false, "print JSON")
	speakers := speakersFlag(fs)
	path := fs.String("path", "auto", "auto, pyannote, embedded, silero or dvector")
	channels := channelsFlag(fs)
	svg := fs.String("svg", "", "also draw the speakers over time into this file")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fmt.Errorf("%w: name one recording", errUsage)
	}
	count, err := speakers()
	if err != nil {
		return err
	}

	bar := newBar(a.stderr, filepath.Base(files[0]))
	hear := func(ctx context.Context, dir string) (*pipeline.Voices, time.Duration, error) {
		if *channels {
			return hearChannels(ctx, files[0], dir, bar.progress)
		}
		return a.hearVoices(ctx, *path, files[0], dir, count, bar.progress)
	}
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	voices, length, err := hear(ctx, dir)
	bar.end()
	if err != nil {
		return err
	}
	for _, notice := range voices.Notices {
		fmt.Fprintf(a.stderr, "note: %s\n", notice)
	}

	if *svg != "" {
		if err := os.WriteFile(*svg, diarise.SVG(voices.Turns, length), 0o644); err != nil {
			return err
		}
	}
	id := strings.TrimSuffix(filepath.Base(files[0]), filepath.Ext(files[0]))
	switch {
	case *asRTTM:
		return pipeline.WriteRTTM(a.stdout, id, voices.Turns)
	case *asJSON:
		return writeVoices(a.stdout, voices)
	}
	return printVoices(a.stdout, voices.Turns)
}

// hearVoices tells the voices in file apart, and says how long it lasts.
func (a *app) hearVoices(ctx context.Context, path, file, dir string, count pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, time.Duration, error) {
	diariser, err := diarise.Open(path, a.config().voices())
	if err != nil {
		return nil, 0, err
	}
	sound, err := pipeline.Decode(ctx, file, dir)
	if err != nil {
		return nil, 0, err
	}
	defer sound.Close()
	voices, err := diariser.Diarise(ctx, sound, count, progress)
	return voices, pipeline.Dur(sound), err
}

// hearChannels is hearVoices for a recording with one microphone per person.
func hearChannels(ctx context.Context, file, dir string, progress pipeline.Progress) (*pipeline.Voices, time.Duration, error) {
	pcms, err := pipeline.DecodeChannels(ctx, file, dir)
	if err != nil {
		return nil, 0, err
	}
	var sounds []pipeline.Sound
	var length time.Duration
	for _, pcm := range pcms {
		defer pcm.Close()
		sounds, length = append(sounds, pcm), pipeline.Dur(pcm)
	}
	voices, err := diarise.Channels(ctx, sounds, progress)
	return voices, length, err
}

// speakersFlag are the flags that say how many people speak; call what it returns after
// parsing. Neither given leaves it open.
func speakersFlag(fs *flag.FlagSet) func() (pipeline.Speakers, error) {
	n := fs.Int("speakers", 0, "how many people speak, when that is known")
	kind := fs.String("kind", "", "conversation, flip, meeting or interview: how many people to expect")
	return func() (pipeline.Speakers, error) {
		if *n < 0 {
			return pipeline.Speakers{}, fmt.Errorf("%w: %d is no number of speakers", errUsage, *n)
		}
		if *n > 0 || *kind == "" {
			return pipeline.Speakers{Min: *n, Max: *n}, nil
		}
		k, err := pipeline.ParseKind(*kind)
		if err != nil {
			return pipeline.Speakers{}, fmt.Errorf("%w: %v", errUsage, err)
		}
		return k.Speakers(), nil
	}
}

// writeVoices writes voices as JSON, times in seconds.
func writeVoices(w io.Writer, voices *pipeline.Voices) error {
	type turn struct {
		Speaker string  `json:"speaker"`
		Start   float64 `json:"start"`
		End     float64 `json:"end"`
	}
	out := struct {
		Run     pipeline.Run `json:"run"`
		Notices []string     `json:"notices,omitempty"`
		Turns   []turn       `json:"turns"`
	}{voices.Run, voices.Notices, []turn{}}
	for _, t := range voices.Turns {
		start, end := t.Seconds()
		out.Turns = append(out.Turns, turn{t.Speaker, start, end})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func printVoices(w io.Writer, turns []pipeline.SpeakerTurn) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range turns {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", clock(t.Start), clock(t.End), cmp.Or(t.Speaker, "?"))
	}
	return tw.Flush()
}
