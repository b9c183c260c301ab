package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// A voicesScore is how far one recording's speakers, or all of them, are from the reference.
type voicesScore struct {
	id string
	score.DER
	jer score.JER
}

// scoreVoices scores every recording that has a reference or a region, in order of its id.
// Where regions are given, only recordings that have some.
func scoreVoices(ref, hyp map[string][]pipeline.SpeakerTurn, regions map[string][]pipeline.Span, opt score.DEROptions) (files []voicesScore, total voicesScore) {
	ids := slices.Sorted(maps.Keys(ref))
	if len(regions) > 0 {
		ids = slices.Sorted(maps.Keys(regions))
	}
	total.id = "total"
	for _, id := range ids {
		opt.Region = regions[id]
		s := voicesScore{id, score.Diarisation(ref[id], hyp[id], opt), score.Jaccard(ref[id], hyp[id], opt.Region)}
		files = append(files, s)
		total.DER, total.jer = total.Add(s.DER), total.jer.Add(s.jer)
	}
	return files, total
}

// voicesJSON is what eval diarisation --json writes: shares, and times in seconds.
type voicesJSON struct {
	File       string       `json:"file,omitempty"`
	DER        *float64     `json:"der"`
	Missed     float64      `json:"missed"`
	FalseAlarm float64      `json:"false_alarm"`
	Confusion  float64      `json:"confusion"`
	Total      float64      `json:"total"`
	JER        *float64     `json:"jer"`
	Files      []voicesJSON `json:"files,omitempty"`
}

func diarisationJSON(files []voicesScore, total voicesScore) voicesJSON {
	j := total.json()
	j.File = ""
	if len(files) == 1 {
		return j
	}
	for _, f := range files {
		j.Files = append(j.Files, f.json())
	}
	return j
}

func (s voicesScore) json() voicesJSON {
	return voicesJSON{
		File: s.id, DER: defined(s.Rate()), JER: defined(s.jer.Rate()),
		Missed: s.Missed.Seconds(), FalseAlarm: s.FalseAlarm.Seconds(), Confusion: s.Confusion.Seconds(), Total: s.Total.Seconds(),
	}
}

func printDiarisation(w io.Writer, files []voicesScore, total voicesScore) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "recording\tDER\tmissed\tfalse alarm\tconfusion\tspeech\tJER\t")
	for _, s := range append(files, total) {
		fmt.Fprintf(tw, "%s\t%s\t%.3f s\t%.3f s\t%.3f s\t%.3f s\t%s\t\n", s.id, percent(s.Rate()),
			s.Missed.Seconds(), s.FalseAlarm.Seconds(), s.Confusion.Seconds(), s.Total.Seconds(), percent(s.jer.Rate()))
	}
	return tw.Flush()
}
