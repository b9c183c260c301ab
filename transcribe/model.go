package transcribe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"lydhor/transcribe/demo"
	"lydhor/transcribe/whisper"
)

// A Model is a ggml file and the rules it must be run by.
type Model struct {
	Name   string
	File   string // where it lies; empty for the demo model, which is built in
	SHA256 string // checked before each use; empty takes the file as it is

	TextContext  int            // tokens of earlier text it may see; negative for all
	NoTimestamps bool           // it never learned timestamp tokens
	MaxPiece     time.Duration  // the longest stretch of sound to hear in one go
	Threads      int            // processor threads that one piece uses well: 1 for small models
	Heads        []whisper.Head // its attention heads that follow the sound, for word times
	Notice       string         // what must stand on every transcript made with it
}

// Demo is the model that is built in. With text context its word error rises from some 4-11 %
// to 70 %: see transcribe/demo/README.md.
var Demo = Model{
	Name:        demo.Name,
	TextContext: 0,
	MaxPiece:    5 * time.Minute,
	Notice:      demo.Notice,
}

// FileModel is a model of one's own at path, run as OpenAI's models are.
func FileModel(path string) Model {
	return Model{Name: filepath.Base(path), File: path, TextContext: -1, MaxPiece: 10 * time.Minute}
}

// verify hashes the model's file and holds it against the pinned sum.
func verify(m Model) (hash string, err error) {
	f, err := os.Open(m.File)
	if err != nil {
		return "", fmt.Errorf("open model: %w: name one that is there with --model, or get one with `lydhor models get`", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read model %s: %w", m.File, err)
	}
	hash = hex.EncodeToString(h.Sum(nil))
	if m.SHA256 != "" && m.SHA256 != hash {
		return "", fmt.Errorf("model %s is damaged or another one: its SHA-256 is %s, not %s: get it again with `lydhor models get %s`", m.File, hash, m.SHA256, m.Name)
	}
	return hash, nil
}
