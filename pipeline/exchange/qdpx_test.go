package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"lydhor/pipeline"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readQDPX gives a project's description and the text of its source.
func readQDPX(t *testing.T, data []byte) (project, text []byte) {
	t.Helper()
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		f, err := files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	project = read("project.qde")
	var p qdaProject
	if err := xml.Unmarshal(project, &p); err != nil {
		t.Fatal(err)
	}
	return project, read("Sources/" + p.Sources[0].GUID + ".txt")
}

func TestWriteQDPX(t *testing.T) {
	tr := exported()
	tr.Turns[0].Text = "Hvad 👩‍🌾 siger du?" // code points before the selections, more bytes than letters
	var b bytes.Buffer
	if err := WriteQDPX(&b, tr); err != nil {
		t.Fatal(err)
	}
	project, text := readQDPX(t, b.Bytes())
	var p qdaProject
	if err := xml.Unmarshal(project, &p); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, c := range p.Codes.Codes {
		names[c.GUID] = c.Name
	}
	got := map[string][]string{}
	for _, s := range p.Sources[0].Selections {
		selected := string([]rune(string(text))[s.Start:s.End])
		for _, c := range s.Codings {
			got[selected] = append(got[selected], names[c.Code.Target])
		}
	}
	want := map[string][]string{
		`"Øl", og <ro>.`: {"citizen_meaning", "labour_market_perspective", "overridden"},
		"Næste felt.":    {"institutional"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("coded text differs (-want +got):\n%s", diff)
	}
	if want := "[00:00:00.800] S2 (citizen): \"Øl\", og <ro>."; !slices.Contains(linesOf(text), want) {
		t.Errorf("got text %q, want the line %q", text, want)
	}
	var again bytes.Buffer
	if err := WriteQDPX(&again, tr); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("got another file for the same transcript, error %v", err)
	}
}

func linesOf(text []byte) []string {
	var lines []string
	for line := range bytes.Lines(text) {
		lines = append(lines, string(bytes.TrimSpace(line)))
	}
	return lines
}

// The schema of REFI is the referee.
func TestQDPXIsValid(t *testing.T) {
	schema := needSchema(t, "../../../shared/formats/refi-qda/Project.xsd")
	for _, tr := range []*pipeline.Transcript{{}, exported()} {
		var b bytes.Buffer
		if err := WriteQDPX(&b, tr); err != nil {
			t.Fatal(err)
		}
		project, _ := readQDPX(t, b.Bytes())
		validate(t, schema, project)
	}
}

func needSchema(t *testing.T, schema string) string {
	t.Helper()
	if _, err := os.Stat(schema); err != nil {
		t.Skip("no schemas in ../shared/formats")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("no xmllint: install Debian's libxml2-utils")
	}
	return schema
}

func validate(t *testing.T, schema string, document []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.xml")
	if err := os.WriteFile(file, document, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, file).CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
}
