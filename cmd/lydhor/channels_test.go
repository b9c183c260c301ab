//go:build cgo

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lydhor/pipeline"
)

// A spokenTurn is a turn of the script that a demo recording was made of, in seconds.
type spokenTurn struct {
	Speaker, Text string
	Start, End    float64
}

func script(t *testing.T) []spokenTurn {
	t.Helper()
	data, err := os.ReadFile(strings.TrimSuffix(demoRecording, filepath.Ext(demoRecording)) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var of struct{ Turns []spokenTurn }
	if err := json.Unmarshal(data, &of); err != nil {
		t.Fatal(err)
	}
	return of.Turns
}

// microphones makes a constructed recording of the demo conversation: a channel for each of
// its speakers, in the order they speak, on which the others are heard 14 dB down.
func microphones(t *testing.T, turns []spokenTurn, speakers []string) string {
	t.Helper()
	filter := fmt.Sprintf("[0]pan=mono|c0=0.5*c0+0.5*c1,asplit=%d", len(speakers))
	for c := range speakers {
		filter += fmt.Sprintf("[s%d]", c)
	}
	joined := ""
	for c, speaker := range speakers {
		own := []string{"0"}
		for _, turn := range turns {
			if turn.Speaker == speaker {
				own = append(own, fmt.Sprintf("between(t,%.3f,%.3f)", turn.Start, turn.End))
			}
		}
		filter += fmt.Sprintf(";[s%d]volume=0.2:enable='not(%s)'[c%d]", c, strings.Join(own, "+"), c)
		joined += fmt.Sprintf("[c%d]", c)
	}
	filter += fmt.Sprintf(";%sjoin=inputs=%d:channel_layout=stereo", joined, len(speakers))
	file := filepath.Join(t.TempDir(), "microphones.wav")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-i", demoRecording, "-filter_complex", filter, file).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", file, err, out)
	}
	return file
}

func TestRunGivesWordsToTheirMicrophone(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	turns := script(t)
	speakers := []string{turns[0].Speaker, turns[1].Speaker}
	out := filepath.Join(t.TempDir(), "out")
	status, _, said := lydhor(t, nil, "run", "--channels", "--threads", "2", "--out", out, microphones(t, turns, speakers))
	if status != 0 {
		t.Fatalf("got status %d: %s", status, said)
	}
	f, err := os.Open(filepath.Join(out, "transcript.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	heard, err := pipeline.ReadTranscript(f)
	if err != nil {
		t.Fatal(err)
	}
	atTheirMicrophone(t, heard, turns, speakers)
}

func TestServiceGivesWordsToTheirMicrophone(t *testing.T) {
	h := newHouse(t)
	turns := script(t)
	speakers := []string{turns[0].Speaker, turns[1].Speaker}
	answer, said, err := h.lydhor("upload", "--channels", microphones(t, turns, speakers))
	if err != nil {
		t.Fatalf("upload: %v: %s", err, said)
	}
	id, _, _ := strings.Cut(answer, " ")
	heard := h.transcript(id)
	atTheirMicrophone(t, heard, turns, speakers)
	if got := runOf(t, heard, pipeline.Diarise).Params["path"]; got != "channels" {
		t.Errorf("got speakers told apart by %q, want by their channels", got)
	}
	alone, said, err := h.lydhor("upload", "--channels", sound(t, "mono.wav", "-ac", "1"))
	if err != nil {
		t.Fatalf("upload: %v: %s", err, said)
	}
	id, _, _ = strings.Cut(alone, " ")
	h.until("a recording of one channel fails", func() bool { return h.recording(id).Problem != "" })
	if r := h.recording(id); r.FailedIn != pipeline.Ingest || !strings.Contains(r.Problem, "one channel") {
		t.Errorf("got %q in %s, want to be told that it has one channel", r.Problem, r.FailedIn)
	}
}

// runOf gives how a stage of a transcript was made.
func runOf(t *testing.T, of *pipeline.Transcript, stage pipeline.Stage) pipeline.Run {
	t.Helper()
	for _, run := range of.Runs {
		if run.Stage == stage {
			return run
		}
	}
	t.Fatalf("no run of %s", stage)
	return pipeline.Run{}
}

// atTheirMicrophone wants each channel to hold the words of its own speaker.
func atTheirMicrophone(t *testing.T, heard *pipeline.Transcript, turns []spokenTurn, speakers []string) {
	t.Helper()
	for c, speaker := range speakers {
		label := fmt.Sprintf("channel %d", c+1)
		got, strange, want := 0, 0, 0
		for _, turn := range heard.Turns {
			if turn.Speaker != label {
				continue
			}
			for _, w := range turn.Words {
				got++
				if !spokenBy(turns, speaker, w) {
					strange++
				}
			}
		}
		for _, turn := range turns {
			if turn.Speaker == speaker {
				want += len(strings.Fields(turn.Text))
			}
		}
		t.Logf("%s: %d words, %d of them not its speaker's; %d were spoken", label, got, strange, want)
		if strange > 0 || got*10 < want*9 || got*10 > want*11 {
			t.Errorf("%s: got %d words, %d of them not its speaker's, want %d and 0", label, got, strange, want)
		}
	}
	for _, notice := range heard.Notices {
		if strings.Contains(notice, "No speech") {
			t.Errorf("got notice %q of a recording that holds speech", notice)
		}
	}
}

// spokenBy reports whether speaker had the word at the middle of w, give or take what a
// word's time may be off.
func spokenBy(turns []spokenTurn, speaker string, w pipeline.Word) bool {
	const off = 0.2
	start, end := w.Seconds()
	middle := (start + end) / 2
	for _, turn := range turns {
		if turn.Speaker == speaker && turn.Start-off <= middle && middle <= turn.End+off {
			return true
		}
	}
	return false
}

func TestChannelsOfOneMicrophone(t *testing.T) {
	status, _, said := lydhor(t, nil, "transcribe", "--channels", sound(t, "mono.wav", "-ac", "1"))
	if status == 0 || !strings.Contains(said, "without --channels") {
		t.Errorf("got status %d: %s", status, said)
	}
}
