package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/exchange"
)

// transcriptFile writes a conversation of two turns and gives its file.
func transcriptFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "transcript.json")
	text := `{"id": "d01", "turns": [
	 {"n": 1, "speaker": "S1", "role": "professional", "start": 0, "end": 1, "text": "Nå?", "codes": []},
	 {"n": 2, "speaker": "S2", "role": "citizen", "start": 1, "end": 2, "text": "Væk.", "codes": ["citizen_meaning"], "outcome": "open", "outcome_turn": null}]}`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// called runs lydhor and gives its exit status and output.
func called(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	a := &app{getenv: func(string) string { return "" }, stdout: &out, stderr: &errs}
	status = a.run(context.Background(), args)
	return status, out.String(), errs.String()
}

func TestExportAndImport(t *testing.T) {
	file := transcriptFile(t)
	for _, format := range []string{"eaf", "cha", "textgrid", "qdpx"} {
		f, err := exchange.ParseFormat(format)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "d01"+f.Ending)
		if status, _, errs := called("export", file, "--format", format, "--out", out); status != 0 {
			t.Fatalf("export %s: %s", format, errs)
		}
		status, text, errs := called("import", out)
		if status != 0 {
			t.Fatalf("import %s: %s", format, errs)
		}
		got, err := pipeline.ReadTranscript(strings.NewReader(text))
		if err != nil {
			t.Fatalf("import %s: %v", format, err)
		}
		if got.ID != "d01" || len(got.Turns) != 2 || got.Turns[1].Text != "Væk." || !got.Turns[1].Has(pipeline.CitizenMeaning) {
			t.Errorf("%s: got back %+v", format, got)
		}
	}
}

func TestExportToStdout(t *testing.T) {
	status, out, errs := called("export", "--format", "csv", transcriptFile(t))
	if status != 0 || !strings.Contains(out, "2,1.000,2.000,S2,citizen,Væk.,citizen_meaning,,open,,") {
		t.Errorf("got status %d, %q and %s", status, out, errs)
	}
}

func TestImportOfAProjectWithSeveralTexts(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p.qdpx")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	part, err := w.Create("project.qde")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte(`<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Sources>
<TextSource guid="a" name="en"><PlainTextContent>Hej.</PlainTextContent></TextSource>
<TextSource guid="b" name="to"><PlainTextContent>Farvel.</PlainTextContent></TextSource></Sources></Project>`))
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := called("import", file); status != 2 || !strings.Contains(errs, "2 conversations") {
		t.Errorf("without a folder: got status %d and %q", status, errs)
	}
	if status, _, errs := called("import", file, "--out", filepath.Join(dir, "new")); status != 0 {
		t.Fatalf("got %s", errs)
	}
	second, err := readTranscriptFile(filepath.Join(dir, "new", "transcript-02.json"))
	if err != nil || second.ID != "to" || second.Turns[0].Text != "Farvel." {
		t.Errorf("got %+v and error %v, want the second text", second, err)
	}
}

func TestExportAndImportErrors(t *testing.T) {
	file := transcriptFile(t)
	for name, test := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"no format":          {[]string{"export", file}, 2, "--format"},
		"unknown format":     {[]string{"export", file, "--format", "doc"}, 2, "textgrid"},
		"no file":            {[]string{"export", "--format", "eaf"}, 2, "one transcript"},
		"file is not there":  {[]string{"export", file + "x", "--format", "eaf"}, 1, "no such file"},
		"folder not there":   {[]string{"export", file, "--format", "eaf", "--out", file + "/x"}, 1, "not a directory"},
		"import of nothing":  {[]string{"import"}, 2, "one file"},
		"import of a format": {[]string{"import", "../../go.mod"}, 1, ".TextGrid"},
	} {
		if status, _, errs := called(test.args...); status != test.status || !strings.Contains(errs, test.want) {
			t.Errorf("%s: got status %d and %q, want %d and %q", name, status, errs, test.status, test.want)
		}
	}
}
