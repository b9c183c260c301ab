//go:build cgo

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lydhor runs the program as a process of its own, env added to this one's.
func lydhor(t *testing.T, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), "LYDHOR_TEST_BINARY=1", "LYDHOR_MODELS="+t.TempDir()), env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), said.String()
}

// sound is six seconds of a demo recording, coded by ffmpeg as name asks.
func sound(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	file := filepath.Join(t.TempDir(), name)
	all := append([]string{"-v", "error", "-i", demoRecording, "-t", "6"}, args...)
	if out, err := exec.Command("ffmpeg", append(all, file)...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", name, err, out)
	}
	return file
}

func TestRunTakesEverySound(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   []string
		silent bool
	}{
		{name: "8 bits.wav", args: []string{"-ar", "16000", "-ac", "1", "-c:a", "pcm_u8"}},
		{name: "24 bits.wav", args: []string{"-c:a", "pcm_s24le"}},
		{name: "32-bit float.wav", args: []string{"-c:a", "pcm_f32le"}},
		{name: "7 channels.wav", args: []string{"-af", "pan=6.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0"}},
		{name: "96 kHz.wav", args: []string{"-ar", "96000"}},
		{name: "møde på Ærø, nr. 2.wav"},
		{name: "very quiet.wav", args: []string{"-af", "volume=-40dB"}},
		{name: "clipped.wav", args: []string{"-af", "volume=20dB"}},
		{name: "silence.wav", args: []string{"-af", "volume=0"}, silent: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			status, _, said := lydhor(t, nil, "run", "--threads", "1", "--out", out, sound(t, test.name, test.args...))
			if status != 0 {
				t.Fatalf("got status %d: %s", status, said)
			}
			vtt, err := os.ReadFile(filepath.Join(out, "transcript.vtt"))
			if err != nil {
				t.Fatal(err)
			}
			if heard := strings.Contains(string(vtt), "-->"); heard == test.silent {
				t.Errorf("got words %v, want %v:\n%s", heard, !test.silent, vtt)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	whole, err := os.ReadFile(sound(t, "whole.wav", "-ar", "16000", "-ac", "1"))
	if err != nil {
		t.Fatal(err)
	}
	good := write("good.wav", whole)
	more := bytes.Clone(whole)
	copy(more[bytes.Index(more, []byte("data"))+4:], []byte{0, 0, 0, 0x40})
	ogg, err := os.ReadFile(sound(t, "whole.m4a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		env  []string
		args []string
		want string // in what is said
	}{
		{name: "not audio", args: []string{write("letter.wav", []byte("Kære kommune\n"))}, want: "is it a recording, and whole?"},
		{name: "empty", args: []string{write("empty.wav", nil)}, want: "the file is empty"},
		{name: "no samples", args: []string{sound(t, "none.wav", "-t", "0")}, want: "lasts 0 seconds"},
		{name: "truncated WAV", args: []string{write("cut.wav", whole[:len(whole)/2])}, want: "cut short"},
		{name: "header that promises more", args: []string{write("more.wav", more)}, want: "cut short"},
		{name: "truncated m4a", args: []string{write("cut.m4a", ogg[:len(ogg)/2])}, want: "is it a recording, and whole?"},
		{name: "folder", args: []string{dir}, want: "it is a folder"},
		{name: "missing", args: []string{filepath.Join(dir, "missing.wav")}, want: "file does not exist"},
		{name: "missing model", args: []string{"--model", "nothing", good}, want: "models list"},
		{name: "unreadable model", args: []string{"--model", write("ggml-mine.bin", []byte("no model")), good}, want: "not a whisper.cpp model"},
		{name: "language nobody knows", args: []string{"--language", "klingon", good}, want: "klingon"},
		{name: "no ffmpeg", env: []string{"PATH="}, args: []string{sound(t, "talk.mp3")}, want: "apt-get install ffmpeg"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			status, printed, said := lydhor(t, test.env, append([]string{"run", "--threads", "1", "--out", out}, test.args...)...)
			if status != 1 || printed != "" {
				t.Errorf("got status %d and %q, want 1 and nothing", status, printed)
			}
			if !strings.Contains(said, test.want) || strings.Contains(said, "goroutine") {
				t.Errorf("got %q, want %q in it", said, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(out, "*")); len(left) > 0 {
				t.Errorf("left %v behind", left)
			}
		})
	}
}

func TestRunRefusesAnotherModelOfThatName(t *testing.T) {
	models := t.TempDir()
	if err := os.WriteFile(filepath.Join(models, "ggml-tiny.bin"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, said := lydhor(t, []string{"LYDHOR_MODELS=" + models}, "run", "--model", "tiny", "--out", t.TempDir(), demoRecording)
	if status != 1 || !strings.Contains(said, "its SHA-256 is") {
		t.Errorf("got status %d and %q, want 1 and the sum", status, said)
	}
}

func TestRunOnAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a disk to fill needs root: %v", err)
	}
	defer syscall.Unmount(disk, 0)
	file := sound(t, "talk.wav", "-ar", "16000", "-ac", "1")
	for name, env := range map[string][]string{"where sound is decoded": {"TMPDIR=" + disk}, "where results go": nil} {
		out := filepath.Join(disk, "out")
		if env != nil {
			out = filepath.Join(t.TempDir(), "out")
		}
		status, _, said := lydhor(t, env, "run", "--threads", "1", "--out", out, file)
		if status != 1 || !strings.Contains(said, "no space left") {
			t.Errorf("%s: got status %d and %q, want 1 and what is full", name, status, said)
		}
		if left, _ := filepath.Glob(filepath.Join(out, "*")); len(left) > 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
}

// The demo model was not trained on people: what it writes of them must say so.
func TestRunOnPeople(t *testing.T) {
	file := "../../../shared/audio/asr/da/u0013002.flac"
	if _, err := os.Stat(file); err != nil {
		t.Skip("the shared recordings are not here")
	}
	status, _, said := lydhor(t, nil, "run", "--threads", "1", "--out", filepath.Join(t.TempDir(), "out"), file)
	if status != 0 || !strings.Contains(said, "writes nonsense for people") {
		t.Errorf("got status %d and %q, want 0 and a warning", status, said)
	}
}
