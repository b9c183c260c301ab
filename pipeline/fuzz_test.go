package pipeline

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// FuzzDecode decodes recordings of every container that people send, damaged: the error says
// that the recording is bad, and nothing is left behind.
func FuzzDecode(f *testing.F) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		f.Skip("ffmpeg is not installed")
	}
	for _, ending := range []string{"mp3", "m4a", "ogg", "flac", "webm", "aac", "amr", "mka", "aiff"} {
		file := filepath.Join(f.TempDir(), "a."+ending)
		args := []string{"-v", "error", "-f", "lavfi", "-i", "sine=d=0.2:r=8000", "-ac", "1", "-b:a", "12k", file}
		if exec.Command("ffmpeg", args...).Run() != nil {
			continue // this ffmpeg does not write it
		}
		sound, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sound)
	}
	f.Add([]byte("#EXTM3U\nfile:///etc/passwd\n"))
	f.Fuzz(func(t *testing.T, sound []byte) {
		dir := t.TempDir()
		file := filepath.Join(dir, "recording")
		if err := os.WriteFile(file, sound, 0o600); err != nil {
			t.Fatal(err)
		}
		pcm, err := Decode(t.Context(), file, dir)
		if err == nil {
			pcm.Close()
			return
		}
		if !errors.Is(err, ErrBadAudio) {
			t.Errorf("got %v, want it to be the recording's fault", err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
	})
}
