//go:build cgo

package transcribe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// whisper takes the file for a model of that shape, tensor by tensor, and hears with it.
func TestRandomModelIsAModel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ggml-random.bin")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := WriteRandom(f, "tiny"); err != nil {
		t.Fatal(err)
	}
	tr := openTest(t, Options{Model: FileModel(file), Threads: 2})
	if hearing, voice, err := tr.listen(recording(t, "samtale-lager.flac", 3*time.Second), pipeline.Span{End: 3 * time.Second}, 2); err != nil || len(voice) == 0 {
		t.Errorf("got voice %v, error %v", voice, err)
	} else if hearing.Close(); !tr.model.Multilingual() {
		t.Error("it knows one language only")
	}
	if err := WriteRandom(f, "huge"); err == nil || !strings.Contains(err.Error(), "large-v3-turbo") {
		t.Errorf("got error %v, want the shapes there are", err)
	}
}
