package transcribe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	Prune        float64        // how far a beam may be behind the best, in nats; 0 has whisper draw its beams by chance
	NoTimestamps bool           // it never learned timestamp tokens
	Languages    bool           // it can tell languages from each other
	MaxPiece     time.Duration  // the longest stretch of sound to hear as one piece of work
	Window       time.Duration  // of a piece, the most that is heard at once, from pause to pause; 0 leaves that to whisper
	Threads      int            // processor threads that one piece uses well: 1 for small models
	Heads        []whisper.Head // its attention heads that follow the sound, for word times
	Lag          time.Duration  // how long after the sound those heads follow it
	Notice       string         // what must stand on every transcript made with it
}

// Demo is the model that is built in. With text context its word error rises from some 4-11 %
// to 70 %: see transcribe/demo/README.md.
var Demo = Model{
	Name:        demo.Name,
	TextContext: 0,
	Prune:       1,               // fewest errors of 1, 2 and 4 on the held-out dialogues of its recipe, and fastest
	MaxPiece:    3 * time.Minute, // longer ones need more memory
	Window:      6 * time.Second, // in more it skips phrases: 0, 6, 10 and 20 s tried on the same dialogues
	Heads:       heads([2]int{1, 0}, [2]int{2, 0}, [2]int{2, 1}),
	Lag:         110 * time.Millisecond, // the mean over the three demo recordings, each between 108 and 123
	Notice:      demo.Notice,
}

// heads gives attention heads as pairs of layer and head.
func heads(pairs ...[2]int) []whisper.Head {
	list := make([]whisper.Head, len(pairs))
	for i, p := range pairs {
		list[i] = whisper.Head{Layer: p[0], Head: p[1]}
	}
	return list
}

// FileModel is a model of one's own at path, run as OpenAI's models are.
func FileModel(path string) Model {
	return Model{Name: filepath.Base(path), File: path, TextContext: -1, MaxPiece: 10 * time.Minute}
}

// verify holds the model's file against the pinned sum and gives its SHA-256. A file hashed
// once is known by its size and time afterwards, which FILE.sha256 remembers.
func verify(m Model) (hash string, err error) {
	info, err := os.Stat(m.File)
	if err != nil {
		return "", fmt.Errorf("open model: %w: name one that is there with --model, or get one with `lydhor models get`", err)
	}
	known := fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	if before, err := os.ReadFile(m.File + ".sha256"); err == nil {
		hash, _, _ = strings.Cut(string(before), " ")
		if string(before) != hash+" "+known {
			hash = ""
		}
	}
	if hash == "" {
		if hash, err = hashFile(m.File); err != nil {
			return "", err
		}
		os.WriteFile(m.File+".sha256", []byte(hash+" "+known), 0o644) // where it may not, it hashes again
	}
	if m.SHA256 != "" && m.SHA256 != hash {
		return "", fmt.Errorf("model %s is damaged or another one: its SHA-256 is %s, not %s: delete it and get it again with `lydhor models get %s`", m.File, hash, m.SHA256, m.Name)
	}
	return hash, nil
}

func hashFile(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("open model: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read model: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
