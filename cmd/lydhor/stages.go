package main

import (
	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/transcribe/diarise"
)

// stages gives who diarises, by the best that lies in the models folder, and who analyses.
func stages(models string) (pipeline.Diariser, pipeline.Analyser, error) {
	diariser, err := diarise.Open("auto", models)
	if err != nil {
		return nil, nil, err
	}
	analyser, err := analysis.NewStarters()
	return diariser, analyser, err
}
