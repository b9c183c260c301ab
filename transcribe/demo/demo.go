// Package demo carries the small model that was trained for this project on synthetic
// Danish speech, so that everything runs on a machine without Whisper weights. README.md
// says how it was made.
package demo

import (
	_ "embed"
	"os"
	"syscall"
	"unsafe"
)

// Model is a whisper.cpp model in ggml format.
//
//go:embed ggml-demo-da-q5_0.bin
var Model []byte

// Name is what transcripts call the model.
const Name = "demo-da-q5_0"

// Notice must stand on every transcript made with the model.
const Notice = "Demomodel: den forstår kun de syntetiske demostemmer og skriver volapyk for mennesker. Hent en rigtig model med `lydhor models get edda-v0.2`. " +
	"/ Demo model: it understands only the synthetic demo voices and writes nonsense for people. Get a real one with `lydhor models get edda-v0.2` (Danish) or `large-v3-turbo`."

// Forget gives the memory that Model stands in back to the system, which reads it from the
// program's file again when it is looked at.
func Forget() {
	page := os.Getpagesize()
	first := -int(uintptr(unsafe.Pointer(&Model[0]))) & (page - 1) // of the whole pages
	if n := (len(Model) - first) &^ (page - 1); n > 0 {
		syscall.Madvise(Model[first:first+n], syscall.MADV_DONTNEED) // else it stays, which does no harm
	}
}
