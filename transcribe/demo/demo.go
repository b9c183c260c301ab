// Package demo carries the small model that was trained for this project on synthetic
// Danish speech, so that everything runs on a machine without Whisper weights. README.md
// says how it was made.
package demo

import _ "embed"

// Model is a whisper.cpp model in ggml format.
//
//go:embed ggml-demo-da-q5_0.bin
var Model []byte

// Name is what transcripts call the model.
const Name = "demo-da-q5_0"

// Notice must stand on every transcript made with the model.
const Notice = "Demomodel: den forstår kun de syntetiske demostemmer og skriver volapyk for mennesker. Hent en rigtig model med `lydhor models get edda-v0.2`. " +
	"/ Demo model: it understands only the synthetic demo voices and writes nonsense for people. Get a real one with `lydhor models get edda-v0.2` (Danish) or `large-v3-turbo`."
