package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// evalASR compares the words of texts with references: the first --hyp with the first
// --ref and so on, summed up.
func (a *app) evalASR(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("eval asr", flag.ContinueOnError)
	var refs, hyps filesFlag
	fs.Var(&refs, "ref", "reference: .json (transcript, segments, seglst), .trn, .stm or .txt; may be repeated")
	fs.Var(&hyps, "hyp", "text to score, in any of these formats; one for each reference")
	normaliser := fs.String("normaliser", "", "how texts are made comparable; "+string(score.FoldedCase)+" for trn, stm and seglst, otherwise "+string(score.SpokenDanish))
	fragments := fs.Bool("fragments", false, `in trn files, "ha-" is right for every word that begins so`)
	optional := fs.Bool("optional", false, `in trn files, "(word)" may be left out`)
	asJSON := fs.Bool("json", false, "write JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || len(refs) == 0 || len(refs) != len(hyps) {
		return fmt.Errorf("%w: give as many --hyp as --ref, at least one", errUsage)
	}
	opt := score.TRNOptions{Fragments: *fragments, Optional: *optional}
	if opt.Normaliser, err = score.ParseNormaliser(*normaliser); *normaliser != "" && err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	sum, n, err := scoreTexts(refs, hyps, opt)
	if err != nil {
		return err
	}
	if *asJSON {
		return writeJSON(a.stdout, sum.json(n))
	}
	return sum.print(a.stdout, n)
}

// scoreTexts reads and compares files pair by pair. Without a normaliser the formats of the
// first pair decide on one for all.
func scoreTexts(refs, hyps []string, opt score.TRNOptions) (asrScore, score.Normaliser, error) {
	sum := asrScore{spoken: true}
	for i := range refs {
		ref, err := readText(refs[i])
		if err != nil {
			return sum, "", err
		}
		hyp, err := readText(hyps[i])
		if err != nil {
			return sum, "", err
		}
		if opt.Normaliser == "" {
			opt.Normaliser = defaultNormaliser(ref, hyp)
		}
		s, err := compareTexts(ref, hyp, opt)
		if err != nil {
			return sum, "", fmt.Errorf("%s and %s: %w", refs[i], hyps[i], err)
		}
		sum = sum.add(s)
	}
	return sum, opt.Normaliser, nil
}

// A text is one file of words.
type text struct {
	format     string // its extension
	utterances []score.Utterance
}

// readText reads a file by its extension.
func readText(file string) (text, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return text{}, err
	}
	t := text{format: strings.ToLower(filepath.Ext(file))}
	switch r := bytes.NewReader(data); {
	case t.format == ".trn":
		t.utterances, err = score.ReadTRN(r)
	case t.format == ".stm":
		t.utterances, err = score.ReadSTM(r)
	case t.format == ".txt":
		t.utterances = []score.Utterance{{Text: string(data)}}
	case t.format == ".json" && bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")):
		t.format = ".seglst"
		t.utterances, err = score.ReadSegLST(r)
	case t.format == ".json":
		t.utterances, err = readSaid(data)
	default:
		err = fmt.Errorf("%q is none of the formats .json, .trn, .stm and .txt", t.format)
	}
	if err != nil {
		return text{}, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// readSaid reads the turns of a transcript, or the segments that lydhor transcribe --json
// writes, which name no speaker.
func readSaid(data []byte) ([]score.Utterance, error) {
	if segments, err := readSegments(data); err == nil && segments != nil {
		var all []score.Utterance
		for _, s := range segments {
			start, _ := s.Seconds()
			all = append(all, score.Utterance{Start: start, Text: s.Text})
		}
		return all, nil
	}
	t, err := readConversation(data)
	if err != nil {
		return nil, err
	}
	return turnsText(t.Turns).utterances, nil
}

// turnsText takes the texts of turns with their speakers.
func turnsText(turns []pipeline.Turn) text {
	t := text{format: ".json"}
	for _, turn := range turns {
		start, _ := turn.Seconds()
		t.utterances = append(t.utterances, score.Utterance{Speaker: turn.Speaker, Start: start, Text: turn.Text})
	}
	return t
}

// defaultNormaliser leaves words as they are where both files are made for scorers.
func defaultNormaliser(ref, hyp text) score.Normaliser {
	made := []string{".trn", ".stm", ".seglst"}
	if slices.Contains(made, ref.format) && slices.Contains(made, hyp.format) {
		return score.FoldedCase
	}
	return score.SpokenDanish
}
