package main

import (
	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/transcribe/diarise"
)

// stages gives who diarises, by the best way that is installed, and who analyses.
func (c *config) stages() (pipeline.Diariser, pipeline.Analyser, error) {
	diariser, err := diarise.Open("auto", c.voices())
	if err != nil {
		return nil, nil, err
	}
	analyser, err := analysis.NewStarters()
	return diariser, analyser, err
}
