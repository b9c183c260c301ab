package exchange

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func TestFormatsWriteAnyTranscript(t *testing.T) {
	for _, f := range Formats() {
		for _, tr := range []*pipeline.Transcript{{}, sample(), awkward()} {
			var b, again bytes.Buffer
			if err := f.Write(&b, tr); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			if b.Len() == 0 && f.Name != "srt" && f.Name != "rttm" {
				t.Errorf("%s: got an empty file", f.Name)
			}
			if err := f.Write(&again, tr); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Errorf("%s: got another file for the same transcript", f.Name)
			}
		}
	}
}

func TestParseFormat(t *testing.T) {
	if f, err := ParseFormat("eaf"); err != nil || f.Name != "eaf" {
		t.Errorf("got %q and error %v, want eaf", f.Name, err)
	}
	if _, err := ParseFormat("doc"); err == nil || !strings.Contains(err.Error(), "textgrid") {
		t.Errorf("got error %v, want one that names the formats", err)
	}
}

func TestReadKnowsFormatsByEnding(t *testing.T) {
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, sample()); err != nil {
			t.Fatal(err)
		}
		all, err := Read("samtale"+strings.ToUpper(f.Ending), bytes.NewReader(b.Bytes()), int64(b.Len()))
		switch f.Name {
		case "json", "eaf", "cha", "textgrid", "qdpx":
			if err != nil || len(all) != 1 || len(all[0].Turns) != len(sample().Turns) {
				t.Errorf("%s: got %d transcripts and error %v, want the one written", f.Name, len(all), err)
			}
		default:
			if err == nil || !strings.Contains(err.Error(), ".TextGrid") {
				t.Errorf("%s: got error %v, want one that names the endings", f.Name, err)
			}
		}
	}
}

// Files that others changed may tell of music in any order, and twice.
func TestMusicIsReadInOrder(t *testing.T) {
	want := []pipeline.Music{{Span: pipeline.FromSeconds(5, 12)}, {Span: pipeline.FromSeconds(20, 30)}}
	for name, file := range map[string]string{
		"m.cha": "@UTF8\n@Begin\n@Comment:\tmusic \x1520000_30000\x15\n@Comment:\tmusic \x155000_12000\x15\n@Comment:\tmusic \x156000_8000\x15\n@End\n",
		"m.TextGrid": "\"ooTextFile\"\n\"TextGrid\"\n0 30 <exists> 2\n" +
			"\"IntervalTier\" \"music\" 0 30 1 20 30 \"music\"\n\"IntervalTier\" \"music\" 0 30 2 5 12 \"music\" 6 8 \"music\"\n",
		"m.json": `{"music":[{"start":20,"end":30},{"start":5,"end":12},{"start":6,"end":8}]}`,
	} {
		list, err := Read(name, strings.NewReader(file), int64(len(file)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, list[0].Music); diff != "" {
			t.Errorf("%s: music differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadersRefuseEndlessInput(t *testing.T) {
	endless := bytes.Repeat([]byte("a"), maxText+2)
	for _, ending := range []string{".eaf", ".cha", ".TextGrid"} {
		if _, err := Read("x"+ending, bytes.NewReader(endless), int64(len(endless))); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
			t.Errorf("%s: got error %v, want one about its size", ending, err)
		}
	}
}

// Praat itself reads our TextGrid and writes it in its two text forms, which we read again.
func TestPraatReadsTextGrid(t *testing.T) {
	if _, err := exec.LookPath("praat"); err != nil {
		t.Skip("no praat: install Debian's praat")
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	script := `Read from file: "` + file("in.TextGrid") + `"
Save as text file: "` + file("long.TextGrid") + `"
Save as short text file: "` + file("short.TextGrid") + `"
`
	for name, data := range map[string][]byte{"in.TextGrid": writeTextGrid(t, sample()), "s.praat": []byte(script)} {
		if err := os.WriteFile(file(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("praat", "--run", file("s.praat")).CombinedOutput(); err != nil {
		t.Fatalf("praat: %v\n%s", err, out)
	}
	want, err := ReadTextGrid(bytes.NewReader(writeTextGrid(t, sample())))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"long.TextGrid", "short.TextGrid"} {
		data, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadTextGrid(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, want, got)
	}
}

// LibreOffice itself opens what we write for word processors and spreadsheets.
func TestLibreOfficeOpensDOCXAndXLSX(t *testing.T) {
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("no soffice: install Debian's libreoffice-writer-nogui and libreoffice-calc-nogui")
	}
	if testing.Short() {
		t.Skip("LibreOffice takes seconds")
	}
	for _, test := range []struct {
		name, filter, ending, want string
		write                      func(io.Writer, *pipeline.Transcript) error
	}{
		{"s.docx", "txt:Text (encoded):UTF8", "txt", "[00:00:01.800] S2 (citizen)\nØh, altså... jeg vil helst væk. Helt væk 🙂!\ncitizen_meaning · ", WriteDOCX},
		{"s.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76", "csv", "5,9,10,S2,citizen,=1+1 er to,citizen_meaning,,open,,\n", WriteXLSX},
	} {
		dir := t.TempDir()
		f, err := os.Create(filepath.Join(dir, test.name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(test.write(f, sample()), f.Close()); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", test.filter, "--outdir", dir, f.Name())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", test.name, err, out)
		}
		got, err := os.ReadFile(filepath.Join(dir, "s."+test.ending))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), test.want) {
			t.Errorf("%s: got no %q in\n%s", test.name, test.want, got)
		}
	}
}
