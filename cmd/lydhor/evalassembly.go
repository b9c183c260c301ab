package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// evalAssembly scores how words are given to speakers, apart from how well either was
// heard: words and speaker turns are the reference's own unless others are given.
func (a *app) evalAssembly(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval assembly", flag.ContinueOnError)
	var refs, words, voices filesFlag
	fs.Var(&refs, "ref", "reference with words in its turns, .json; may be repeated")
	fs.Var(&words, "words", "what lydhor transcribe --json wrote; one for each reference")
	fs.Var(&voices, "speakers", "speaker turns, .rttm or .json; one for each reference")
	asJSON := fs.Bool("json", false, "write JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	fits := func(f filesFlag) bool { return len(f) == 0 || len(f) == len(refs) }
	if len(rest) > 0 || len(refs) == 0 || !fits(words) || !fits(voices) {
		return fmt.Errorf("%w: give --ref, and --words and --speakers for none or each of them", errUsage)
	}

	sum := asrScore{spoken: true}
	for i := range refs {
		ref, turns, err := assembleReference(refs[i], words.at(i), voices.at(i))
		if err != nil {
			return err
		}
		s, err := comparePart(turnsText(ref), turnsText(turns), score.TRNOptions{Normaliser: score.SpokenDanish})
		if err != nil {
			return err
		}
		sum = sum.add(s)
	}
	if *asJSON {
		return writeJSON(a.stdout, sum.json(score.SpokenDanish))
	}
	return sum.print(a.stdout, score.SpokenDanish)
}

// at is the i-th file, "" where none were given.
func (f filesFlag) at(i int) string {
	if len(f) == 0 {
		return ""
	}
	return f[i]
}

// assembleReference gives the turns of a reference and those that are assembled of its
// words, or those of a file of speech, and its speaker turns, or those of another file.
func assembleReference(ref, speech, voices string) (want, got []pipeline.Turn, err error) {
	data, err := os.ReadFile(ref)
	if err != nil {
		return nil, nil, err
	}
	t, err := readConversation(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", ref, err)
	}
	segments, speakers := ownSpeech(t.Turns)
	if speech != "" {
		if data, err = os.ReadFile(speech); err != nil {
			return nil, nil, err
		}
		if segments, err = readSegments(data); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", speech, err)
		}
	}
	if voices != "" {
		files, err := readAll([]string{voices}, readVoices)
		if err != nil {
			return nil, nil, err
		}
		if len(files) != 1 {
			return nil, nil, fmt.Errorf("%s holds %d recordings: one is needed", voices, len(files))
		}
		for _, turns := range files {
			speakers = turns
		}
	}
	return t.Turns, pipeline.AssembleTurns(segments, speakers), nil
}

// ownSpeech takes turns apart into what AssembleTurns makes them of.
func ownSpeech(turns []pipeline.Turn) (segments []pipeline.Segment, speakers []pipeline.SpeakerTurn) {
	for _, t := range turns {
		segments = append(segments, pipeline.Segment{Span: t.Span, Text: t.Text, Words: t.Words})
		speakers = append(speakers, pipeline.SpeakerTurn{Span: t.Span, Speaker: t.Speaker})
	}
	return segments, speakers
}

// readSegments reads the segments of what lydhor transcribe --json writes; none is nil.
func readSegments(data []byte) ([]pipeline.Segment, error) {
	var speech pipeline.Speech
	err := json.Unmarshal(data, &speech)
	return speech.Segments, err
}
