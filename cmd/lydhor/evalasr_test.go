package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// evaluate runs lydhor eval in a folder with the given files and gives what it wrote.
func evaluate(t *testing.T, files map[string]string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.WriteFile(filepath.Clean(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	a := &app{getenv: os.Getenv, stdout: &out, stderr: &errs}
	status = a.run(context.Background(), append([]string{"eval"}, args...))
	return out.String(), errs.String(), status
}

func TestEvalASR(t *testing.T) {
	const (
		rendered = `{"audio":"x.wav","synthetic":"espeak","turns":[
			{"speaker":"A","start":0,"end":1,"text":"Hej, du."},{"speaker":"B","start":1,"end":2,"text":"Ja tak!"}]}`
		transcript = `{"turns":[{"n":1,"speaker":"S2","text":"hej du ja"},{"n":2,"speaker":"S1","text":"takk"}]}`
	)
	for _, test := range []struct {
		name  string
		files map[string]string
		args  string
		want  string
	}{
		// " da" put in: 1 word of 4, 3 letters of "ja mange tak" and "nej", 15
		{"trn with alternatives",
			map[string]string{"r.trn": "ja { tak / mange tak } (s_1)\nnej (s_2)", "h.trn": "NEJ da (s_2)\nja mange tak (S_1)"},
			"--ref r.trn --hyp h.trn",
			`{"wer":0.25,"wer_band":[0,1],"cer":0.2,"sub":0,"ins":1,"del":0,"ref":4,"normaliser":"fold-1"}`},
		// " tak" left out: 4 letters of 6
		{"plain text",
			map[string]string{"r.txt": "Ja, tak.\n", "h.txt": "ja"},
			"--ref r.txt --hyp h.txt",
			`{"wer":0.5,"cer":0.6666666666666666,"sub":0,"ins":0,"del":1,"ref":2,"normaliser":"lydhor-da-1"}`},
		// one replaced; by speaker, "ja" is put in for A and left out for B; "ja" is the first
		// of B's two words and goes with A's
		{"speakers of a transcript against a rendered dialogue",
			map[string]string{"r.json": rendered, "h.json": transcript},
			"--ref r.json --hyp h.json",
			`{"wer":0.25,"cer":0.07692307692307693,"sub":1,"ins":0,"del":0,"ref":4,"cpwer":0.75,"wder":0.25,"wder_first_words":0.5,"normaliser":"lydhor-da-1"}`},
		{"segments without speakers",
			map[string]string{"r.json": rendered, "h.json": `{"run":{"stage":"transcribe"},"segments":[{"start":0,"end":1,"text":"Hej du ja tak"}]}`},
			"--ref r.json --hyp h.json",
			`{"wer":0,"cer":0,"sub":0,"ins":0,"del":0,"ref":4,"normaliser":"lydhor-da-1"}`},
		{"sessions of an stm file",
			map[string]string{"r.stm": "a 1 A 0 1 ja\nb 1 A 0 1 nej", "h.stm": "b 1 x 0 1 nej\na 1 y 0 1 ja"},
			"--ref r.stm --hyp h.stm",
			`{"wer":0,"wer_band":[0,0],"cer":0,"sub":0,"ins":0,"del":0,"ref":2,"cpwer":0,"wder":0,"wder_first_words":0,"normaliser":"fold-1"}`},
		// "ja" is right; of "nej nej" only a j is heard, 6 letters of 2 + 7 are wrong
		{"several files",
			map[string]string{"a.txt": "ja", "b.txt": "nej nej", "h.txt": "ja"},
			"--ref a.txt --hyp h.txt --ref b.txt --hyp h.txt",
			`{"wer":0.6666666666666666,"wer_band":[0,1],"cer":0.6666666666666666,"sub":1,"ins":0,"del":1,"ref":3,"normaliser":"lydhor-da-1"}`},
		{"nothing said, something heard",
			map[string]string{"r.txt": "", "h.txt": "ja"},
			"--ref r.txt --hyp h.txt",
			`{"wer":null,"cer":null,"sub":0,"ins":1,"del":0,"ref":0,"normaliser":"lydhor-da-1"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, errs, status := evaluate(t, test.files, append([]string{"asr", "--json"}, strings.Fields(test.args)...)...)
			if status != 0 {
				t.Fatalf("status %d: %s", status, errs)
			}
			var got, want any
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("scores differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvalASRErrors(t *testing.T) {
	files := map[string]string{"a.trn": "ja (1)", "b.trn": "ja (2)", "bad.trn": "ja (1)\nnej", "bad.json": "{\n}}", "a.doc": "", "two.stm": "a 1 A 0 1 ja\nb 1 A 0 1 ja"}
	for _, test := range []struct {
		name, args string
		status     int
		want       string
	}{
		{"no files", "", 2, "give as many --hyp as --ref"},
		{"one reference too few", "--ref a.trn --hyp a.trn --hyp b.trn", 2, "give as many --hyp as --ref"},
		{"unknown normaliser", "--ref a.trn --hyp a.trn --normaliser x", 2, "use one of [lydhor-da-1 fold-1]"},
		{"no such file", "--ref a.trn --hyp c.trn", 1, "c.trn: no such file"},
		{"ids that do not meet", "--ref a.trn --hyp b.trn", 1, `a.trn and b.trn: "2" stands in the text to score only`},
		{"sessions that do not meet", "--ref two.stm --hyp a.trn", 1, `"" stands in the text to score only`},
		{"a line without id", "--ref a.trn --hyp bad.trn", 1, "bad.trn: trn line 2: no (id)"},
		{"broken JSON", "--ref bad.json --hyp a.trn", 1, "bad.json: read transcript: line 2: invalid character '}'"},
		{"unknown format", "--ref a.doc --hyp a.trn", 1, `a.doc: ".doc" is none of the formats`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs, status := evaluate(t, files, append([]string{"asr"}, strings.Fields(test.args)...)...)
			if status != test.status || !strings.Contains(errs, test.want) {
				t.Errorf("got status %d and %q, want %d and %q", status, errs, test.status, test.want)
			}
		})
	}
}

func FuzzReadConversation(f *testing.F) {
	f.Add([]byte(`{"audio":"x","turns":[{"speaker":"A","start":0,"end":1,"text":"ja","segments":[{"words":[{"word":"ja","start":0,"end":1}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := readConversation(data)
		if err != nil {
			return
		}
		for i, turn := range tr.Turns {
			if turn.N != i+1 || turn.Dur() < 0 {
				t.Errorf("turn %d of the list is %d, %v long", i+1, turn.N, turn.Dur())
			}
		}
	})
}
