package exchange

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lydhor/pipeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a made-up conversation with an overlap, letters and signs that formats must
// escape, turns without words, codes or text, and an outcome that nothing decides.
func sample() *pipeline.Transcript {
	word := func(start, end float64, text string) pipeline.Word {
		return pipeline.Word{Span: pipeline.FromSeconds(start, end), Text: text}
	}
	return &pipeline.Transcript{
		ID: "samtale-1", Kind: pipeline.Conversation, Language: "da", Title: "Lager & løn <prøve>", Synthetic: true,
		Speakers: []pipeline.Speaker{{Label: "S1", Role: pipeline.Professional}, {Label: "S2", Role: pipeline.Citizen}},
		Turns: []pipeline.Turn{
			{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(0.5, 2), Text: `Hvad siger du til "lageret"?`},
			{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(1.8, 5.25), Text: "Øh, altså... jeg vil helst væk. Helt væk 🙂!",
				Codes:   []pipeline.Code{pipeline.CitizenMeaning, pipeline.LabourMarketPerspective},
				Outcome: pipeline.Overridden, OutcomeTurn: 3, Note: "ønske, sagt <lige ud> & uden pynt",
				Words: []pipeline.Word{word(1.8, 2.1, "Øh,"), word(2.1, 2.4, "altså..."), word(3, 3.1, "jeg"), word(3.1, 3.25, "vil"), word(3.25, 3.6, "helst"),
					word(3.6, 4, "væk."), word(4.2, 4.5, "Helt"), word(4.5, 4.8, "væk"), word(4.8, 5.25, "🙂!")}},
			{N: 3, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(5.25, 8), Text: "Ja <ja>, R&D: kl. 8.30 [eller 9] i uge 40-41? -Næste felt", Codes: []pipeline.Code{pipeline.Institutional}},
			{N: 4, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(8, 8.4)},
			{N: 5, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(9, 10), Text: "=1+1 er to", Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Open},
		},
		Music:  []pipeline.Music{{Span: pipeline.FromSeconds(4.5, 9.25)}, {Span: pipeline.FromSeconds(11, 15)}},
		Themes: []pipeline.Themes{{Turn: 2, Themes: []string{"mening", "retning & mål"}}},
	}
}

// dialogues are the sample and the gold dialogues, where they are at hand, with the
// speakers that a reader makes of the turns' roles.
func dialogues(t *testing.T) map[string]*pipeline.Transcript {
	all := map[string]*pipeline.Transcript{"sample": sample()}
	files, _ := filepath.Glob("../../../shared/gold/dev/*.json")
	if len(files) == 0 {
		t.Log("no gold dialogues in ../shared/gold/dev: only the sample is tried")
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := pipeline.ReadTranscript(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		seen := map[string]bool{}
		for _, turn := range tr.Turns {
			if !seen[turn.Speaker] {
				tr.Speakers = append(tr.Speakers, pipeline.Speaker{Label: turn.Speaker, Role: turn.Role})
			}
			seen[turn.Speaker] = true
		}
		tr.PII = nil
		all[filepath.Base(file)] = tr
	}
	return all
}

// golden compares got with testdata/name, or writes it there.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), run go test with -update if that is right:\n%s", file, diff)
	}
}

// same compares transcripts; a list that is empty and one that is missing are the same.
func same(t *testing.T, name string, want, got *pipeline.Transcript) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: differs after writing and reading (-want +got):\n%s", name, diff)
	}
}

// valid has xmllint check a document against a schema of ../shared/formats.
func valid(t *testing.T, schema, name string, document []byte) {
	t.Helper()
	schema = filepath.Join("../../../shared/formats", schema)
	if _, err := os.Stat(schema); err != nil {
		t.Skip("no schemas in ../shared/formats")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("no xmllint: install Debian's libxml2-utils")
	}
	cmd := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, "-")
	cmd.Stdin = bytes.NewReader(document)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %s", name, out)
	}
}

// shared gives the sample files of one format.
func shared(t *testing.T, pattern string) map[string][]byte {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("../../../shared/formats", pattern))
	if len(files) == 0 {
		t.Skip("no samples in ../shared/formats")
	}
	all := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = data
	}
	return all
}

// texts writes every turn on a line, for comparison with what a sample must give.
func texts(tr *pipeline.Transcript) string {
	var lines []string
	for _, turn := range tr.Turns {
		lines = append(lines, clock(turn.Start)+" "+clock(turn.End)+" "+turn.Speaker+": "+turn.Text)
	}
	return strings.Join(lines, "\n")
}

// writeAndReadAgain checks that what a reader gave can be written and read, and keeps its
// turns.
func writeAndReadAgain(t *testing.T, tr *pipeline.Transcript, write func(io.Writer, *pipeline.Transcript) error, read func(io.Reader) (*pipeline.Transcript, error)) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, tr); err != nil {
		t.Fatal(err)
	}
	again, err := read(&b)
	if err != nil {
		t.Fatalf("read again: %v", err)
	}
	if len(again.Turns) != len(tr.Turns) {
		t.Errorf("got %d turns again, want %d", len(again.Turns), len(tr.Turns))
	}
}
