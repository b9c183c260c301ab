package pipeline

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadRTTM(t *testing.T) {
	const in = `;; comment
SPKR-INFO a 1 <NA> <NA> <NA> unknown S1 <NA>
SPEAKER a 1 2.5 1.25 <NA> <NA> S2 <NA> <NA>

SPEAKER a 1 0.0001 3 <NA> <NA> S1
SPEAKER b 1 0 0 <NA> <NA> S1 0.9 <NA>
`
	got, err := ReadRTTM(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]SpeakerTurn{
		"a": {{Span{100 * time.Microsecond, 3*time.Second + 100*time.Microsecond}, "S1"}, {FromSeconds(2.5, 3.75), "S2"}},
		"b": {{Span{}, "S1"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("speaker turns differ (-want +got):\n%s", diff)
	}
}

func TestWriteRTTM(t *testing.T) {
	var b bytes.Buffer
	turns := []SpeakerTurn{{FromSeconds(0.5, 2), "Åse  Ø"}, {FromSeconds(1, 1), ""}}
	if err := WriteRTTM(&b, "min fil", turns); err != nil {
		t.Fatal(err)
	}
	want := "SPEAKER min_fil 1 0.500 1.500 <NA> <NA> Åse_Ø <NA> <NA>\n" +
		"SPEAKER min_fil 1 1.000 0.000 <NA> <NA> _ <NA> <NA>\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("RTTM differs (-want +got):\n%s", diff)
	}
}

func TestUEM(t *testing.T) {
	got, err := ReadUEM(strings.NewReader("a 1 20 30\na 1 0 10\n# comment\na 1 5 12.5\nb 1 0 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]Span{"a": {FromSeconds(0, 12.5), FromSeconds(20, 30)}, "b": {FromSeconds(0, 1)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("regions differ (-want +got):\n%s", diff)
	}
	var b bytes.Buffer
	if err := WriteUEM(&b, "a", got["a"]); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "a 1 0.000 12.500\na 1 20.000 30.000\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRTTMAndUEMErrors(t *testing.T) {
	rttm := func(s string) error { _, err := ReadRTTM(strings.NewReader(s)); return err }
	uem := func(s string) error { _, err := ReadUEM(strings.NewReader(s)); return err }
	for _, test := range []struct {
		name     string
		read     func(string) error
		in, want string
	}{
		{"too few fields", rttm, "\nSPEAKER a 1 0 1", "rttm line 2: 5 fields: SPEAKER file channel"},
		{"negative duration", rttm, "SPEAKER a 1 0 -1 <NA> <NA> S1", `rttm line 1: "-1" is no time in seconds`},
		{"not a number", rttm, "SPEAKER a 1 NaN 1 <NA> <NA> S1", `rttm line 1: "NaN" is no time in seconds`},
		{"beyond all recordings", rttm, "SPEAKER a 1 1e300 1 <NA> <NA> S1", `rttm line 1: "1e300" is no time in seconds`},
		{"uem with too many fields", uem, "a 1 0 1 2", "uem line 1: 5 fields: file channel start end are needed"},
		{"uem without a time", uem, "a 1 x 1", `uem line 1: "x" is no time in seconds`},
		{"uem backwards", uem, "a 1 0 1\na 1 2 1", "uem line 2: ends at 1 before it starts at 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.read(test.in)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzRTTM(f *testing.F) {
	f.Add("SPEAKER a 1 2.5 1.25 <NA> <NA> S2 <NA> <NA>\n;;\n")
	f.Fuzz(func(t *testing.T, in string) {
		files, err := ReadRTTM(strings.NewReader(in))
		if err != nil {
			return
		}
		for id, turns := range files {
			var b bytes.Buffer
			if err := WriteRTTM(&b, id, turns); err != nil {
				t.Fatal(err)
			}
			again, err := ReadRTTM(&b)
			if err != nil || len(again[id]) != len(turns) {
				t.Errorf("wrote %d turns, read %d with error %v", len(turns), len(again[id]), err)
			}
		}
	})
}

func FuzzReadUEM(f *testing.F) {
	f.Add("a 1 0 10\na 1 5 12.5\n")
	f.Fuzz(func(t *testing.T, in string) {
		files, _ := ReadUEM(strings.NewReader(in))
		for _, spans := range files {
			for i, s := range spans {
				if s.Dur() < 0 || i > 0 && s.Start <= spans[i-1].End {
					t.Errorf("spans %v are not sorted and apart", spans)
				}
			}
		}
	})
}
