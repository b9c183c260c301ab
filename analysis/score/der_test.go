package score

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// talk makes speaker turns of "speaker start end" in seconds, parted by semicolons.
func talk(t testing.TB, s string) []pipeline.SpeakerTurn {
	t.Helper()
	var turns []pipeline.SpeakerTurn
	for _, one := range strings.Split(s, ";") {
		var who string
		var start, end float64
		if strings.TrimSpace(one) == "" {
			continue
		}
		if _, err := fmt.Sscan(one, &who, &start, &end); err != nil {
			t.Fatalf("%q: %v", one, err)
		}
		turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.FromSeconds(start, end), Speaker: who})
	}
	return turns
}

// The first seven cases are those of pyannote.metrics, tests/test_diarization.py; its collar
// is both sides together, ours each side.
func TestDiarisation(t *testing.T) {
	const (
		apart   = "A 0 10; B 12 20; A 24 27; C 30 40"
		overlap = "A 0 13; B 12 20; A 24 27; C 30 40"
		hyp     = "a 2 13; d 13 14; b 14 20; c 22 38; d 38 40"
	)
	s := time.Second
	whole := []pipeline.Span{{End: 60 * s}}
	for _, test := range []struct {
		name     string
		ref, hyp string
		opt      DEROptions
		want     DER
	}{
		{"missed, false alarm and confusion", apart, hyp, DEROptions{},
			// missed 0-2; false alarm 10-12, 22-24, 27-30; confusion 12-14, 24-27, 38-40
			DER{Missed: 2 * s, FalseAlarm: 7 * s, Confusion: 7 * s, Total: 31 * s}},
		{"overlap counts twice", overlap, hyp, DEROptions{},
			// as above, but 10-12 is right and at 12-13 one of two is missed
			DER{Missed: 3 * s, FalseAlarm: 5 * s, Confusion: 6 * s, Total: 34 * s}},
		{"overlap left out", overlap, hyp, DEROptions{SkipOverlap: true},
			DER{Missed: 2 * s, FalseAlarm: 5 * s, Confusion: 6 * s, Total: 32 * s}},
		{"nobody found", "A 0 10", "", DEROptions{}, DER{Missed: 10 * s, Total: 10 * s}},
		{"nobody found, collar", "A 0 10", "", DEROptions{Collar: s / 2}, DER{Missed: 9 * s, Total: 9 * s}},
		{"nobody speaks", "", "a 0 10", DEROptions{Region: whole}, DER{FalseAlarm: 10 * s}},
		{"nothing at all", "", "", DEROptions{}, DER{}},
		{"before and after the reference is not scored", "A 10 20", "a 0 30", DEROptions{}, DER{Total: 10 * s}},
		{"but is inside a region", "A 10 20", "a 0 30", DEROptions{Region: whole}, DER{FalseAlarm: 20 * s, Total: 10 * s}},
		{"two regions", "A 0 60", "a 0 10", DEROptions{Region: []pipeline.Span{{End: 5 * s}, {Start: 50 * s, End: 60 * s}}},
			DER{Missed: 10 * s, Total: 15 * s}},
		{"a speaker's own turns that overlap count once", "A 0 6; A 4 10", "a 0 10", DEROptions{}, DER{Total: 10 * s}},
		{"speakers are matched for the best", "A 0 5; B 5 9", "x 0 4; y 4 9", DEROptions{}, DER{Confusion: s, Total: 9 * s}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Diarisation(talk(t, test.ref), talk(t, test.hyp), test.opt); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestDERRate(t *testing.T) {
	d := DER{Missed: 2 * time.Second, FalseAlarm: 7 * time.Second, Confusion: 7 * time.Second, Total: 31 * time.Second}
	if got, want := d.Rate(), 0.5161290322580645; got != want {
		t.Errorf("got %v, want pyannote's %v", got, want)
	}
	if got := (DER{FalseAlarm: time.Second}).Rate(); !math.IsNaN(got) {
		t.Errorf("got %v without reference speech, want NaN", got)
	}
}

func TestJaccard(t *testing.T) {
	for _, test := range []struct {
		name, ref, hyp string
		want           JER
	}{
		// A: 8 of 10 s in common, none beside: 0.2; B: 2 of 4, nobody else: 0.5
		{"two speakers", "A 0 10; B 10 14", "a 0 8; b 12 14", JER{Errors: 0.7, Speakers: 2}},
		{"one speaker without a match", "A 0 10; B 10 14", "a 0 10", JER{Errors: 1, Speakers: 2}},
		{"nobody found", "A 0 10", "", JER{Errors: 1, Speakers: 1}},
		{"nobody speaks", "", "a 0 1", JER{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Jaccard(talk(t, test.ref), talk(t, test.hyp), nil)
			if got.Speakers != test.want.Speakers || math.Abs(got.Errors-test.want.Errors) > 1e-9 {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func readRTTM(t *testing.T, file string) map[string][]pipeline.SpeakerTurn {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	turns, err := pipeline.ReadRTTM(f)
	if err != nil {
		t.Fatal(err)
	}
	return turns
}

// region makes spans of pairs of seconds.
func region(seconds ...float64) []pipeline.Span {
	var spans []pipeline.Span
	for i := 0; i < len(seconds); i += 2 {
		spans = append(spans, pipeline.FromSeconds(seconds[i], seconds[i+1]))
	}
	return spans
}

// Figures of dscore (the first) and spyder for the same two files, within the 1 % that
// spyder's own tests allow.
func TestDERIsThatOfPublicScorers(t *testing.T) {
	dir := scoring(t)
	ref := readRTTM(t, filepath.Join(dir, "der/dscore.ref.rttm"))["FILE1"]
	hyp := readRTTM(t, filepath.Join(dir, "der/dscore.sys.rttm"))["FILE1"]
	der := func(collar time.Duration, skip bool, seconds ...float64) DER {
		return Diarisation(ref, hyp, DEROptions{Region: region(seconds...), Collar: collar, SkipOverlap: skip})
	}
	const collar = 200 * time.Millisecond
	all, single := der(0, false, 0, 43), der(0, true, 0, 43)
	overlap := DER{all.Missed - single.Missed, all.FalseAlarm - single.FalseAlarm, all.Confusion - single.Confusion, all.Total - single.Total}
	// spyder's "single" leaves silence out: no false alarms
	speech := func(d DER) DER { d.FalseAlarm = 0; return d }
	for _, test := range []struct {
		name      string
		got       DER
		want, eps float64
	}{
		{"dscore", all, 0.2639309, 5e-8},
		{"collar", der(collar, false, 0, 43), 0.2426, 0.0024},
		{"one speaker", speech(single), 0.1907, 0.0019},
		{"one speaker, collar", speech(der(collar, true, 0, 43)), 0.1935, 0.0019},
		{"overlap", overlap, 0.3727, 0.0037},
		{"UEM", der(0, false, 0, 15, 25, 30.4), 0.0967, 0.0009},
	} {
		if got := test.got.Rate(); math.Abs(got-test.want) > test.eps {
			t.Errorf("%s: got %.7f of %v, want %v", test.name, got, test.got.Total, test.want)
		}
	}
}

func TestJERIsThatOfDscore(t *testing.T) {
	dir := scoring(t)
	ref := readRTTM(t, filepath.Join(dir, "der/dscore.ref.rttm"))["FILE1"]
	hyp := readRTTM(t, filepath.Join(dir, "der/dscore.sys.rttm"))["FILE1"]
	if got, want := Jaccard(ref, hyp, region(0, 43)).Rate(), 0.3324631; math.Abs(got-want) > 5e-8 {
		t.Errorf("got %.7f, want %v", got, want)
	}
}

var (
	missedLine     = regexp.MustCompile(`MISSED SPEAKER TIME = +([\d.]+) secs`)
	falseAlarmLine = regexp.MustCompile(`FALARM SPEAKER TIME = +([\d.]+) secs`)
	confusionLine  = regexp.MustCompile(`SPEAKER ERROR TIME = +([\d.]+) secs`)
	totalLine      = regexp.MustCompile(`SCORED SPEAKER TIME = +([\d.]+) secs`)
)

// randomTalk draws turns that overlap, apart for each speaker (md-eval refuses others).
func randomTalk(r *rand.Rand, speakers int) []pipeline.SpeakerTurn {
	var turns []pipeline.SpeakerTurn
	for s := range speakers {
		for at := r.Float64() * 5; at < 60; {
			end := at + 0.2 + r.Float64()*6
			turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.FromSeconds(at, end), Speaker: string('A' + rune(s))})
			at = end + 0.1 + r.Float64()*8
		}
	}
	return turns
}

func writeRTTM(t *testing.T, file string, turns []pipeline.SpeakerTurn) {
	t.Helper()
	var b bytes.Buffer
	if err := pipeline.WriteRTTM(&b, "f", turns); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDERIsThatOfMdEval(t *testing.T) {
	mdeval := sctk(t, "md-eval.pl")
	r := rand.New(rand.NewPCG(11, 12))
	for round := range 30 {
		ref, hyp := randomTalk(r, 1+r.IntN(4)), randomTalk(r, 1+r.IntN(5))
		dir := t.TempDir()
		refFile, hypFile, uemFile := filepath.Join(dir, "ref.rttm"), filepath.Join(dir, "hyp.rttm"), filepath.Join(dir, "f.uem")
		writeRTTM(t, refFile, ref)
		writeRTTM(t, hypFile, hyp)
		var opt DEROptions
		args := []string{"-r", refFile, "-s", hypFile}
		if round%2 == 0 {
			opt.Collar = 250 * time.Millisecond
			args = append(args, "-c", "0.25")
		}
		if round%3 == 0 {
			opt.SkipOverlap = true
			args = append(args, "-1")
		}
		if round%5 == 0 {
			opt.Region = region(1, 20, 30, 50.5)
			if err := os.WriteFile(uemFile, []byte("f 1 1 20\nf 1 30 50.5\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, "-u", uemFile)
		}
		out, err := exec.Command(mdeval, args...).Output()
		if err != nil {
			t.Fatalf("md-eval %v: %v", args, err)
		}
		figure := func(line *regexp.Regexp) float64 {
			m := line.FindSubmatch(out)
			if m == nil {
				t.Fatalf("md-eval printed no %v:\n%s", line, out)
			}
			f, _ := strconv.ParseFloat(string(m[1]), 64)
			return f
		}
		got := Diarisation(ref, hyp, opt)
		for _, part := range []struct {
			name string
			got  time.Duration
			want float64
		}{
			{"missed", got.Missed, figure(missedLine)},
			{"false alarm", got.FalseAlarm, figure(falseAlarmLine)},
			{"confusion", got.Confusion, figure(confusionLine)},
			{"total", got.Total, figure(totalLine)},
		} {
			if math.Abs(part.got.Seconds()-part.want) > 0.0051 { // md-eval prints two places
				t.Errorf("round %d: %s: got %v, md-eval says %v", round, part.name, part.got, part.want)
			}
		}
	}
}
