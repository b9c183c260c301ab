package review

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lydhor/pipeline/exchange/chattest"
)

// openElsewhere opens an export with a program that is not ours, or checks it by the schema
// of its format, and wants what was said in it.
func openElsewhere(t *testing.T, format, file string) {
	t.Helper()
	dir := t.TempDir()
	formats := "../../../../shared/formats/"
	switch format {
	case "json":
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(data) {
			t.Error("it is no JSON")
		}
	case "eaf":
		check(t, "xmllint", "--noout", "--nonet", "--schema", schema(t, formats+"elan", "EAFv3*.xsd"), file)
	case "qdpx":
		check(t, "unzip", "-q", file, "-d", dir)
		check(t, "xmllint", "--noout", "--nonet", "--schema", schema(t, formats+"refi-qda", "Project*.xsd"), filepath.Join(dir, "project.qde"))
	case "docx":
		check(t, "soffice", "--headless", "-env:UserInstallation=file://"+dir, "--convert-to", "txt:Text", "--outdir", dir, file)
		holds(t, filepath.Join(dir, "talk.txt"))
	case "xlsx", "csv":
		check(t, "soffice", "--headless", "-env:UserInstallation=file://"+dir, "--convert-to", "html", "--outdir", dir, file)
		holds(t, filepath.Join(dir, "talk.html"))
	case "vtt", "srt":
		if out := check(t, "ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", file); !regexp.MustCompile(`,\d{2,}`).MatchString(out) {
			t.Errorf("ffprobe reads %q, want tens of cues", out)
		}
	case "rttm":
		if out := check(t, "sctk", "md-eval", "-r", file, "-s", file); !strings.Contains(out, "OVERALL SPEAKER DIARIZATION ERROR = 0.00") {
			t.Errorf("md-eval does not find it equal to itself: %s", out)
		}
	case "textgrid":
		script := filepath.Join(dir, "read.praat")
		if err := os.WriteFile(script, []byte("form Read\n\ttext file\nendform\nRead from file: file$\nn = Get number of tiers\nwriteInfoLine: n\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := strings.TrimSpace(check(t, "praat", "--run", script, file)); out == "" || out == "0" {
			t.Errorf("praat reads %q tiers", out)
		}
	case "cha": // no program that reads it can be had here: the rules of its manual
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range append(chattest.Faults("", string(text)), chattest.WordFaults(string(text))...) {
			t.Error(fault)
		}
		if n := strings.Count(string(text), "\n*"); n < 50 {
			t.Errorf("got %d utterances, want all of the talk", n)
		}
	default:
		t.Errorf("nothing opens %s here", format)
	}
}

// check runs a program that must end well, and gives what it printed.
func check(t *testing.T, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(program + " is not installed: apt-get install it to check this format")
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	return string(out)
}

func schema(t *testing.T, folder, pattern string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(folder, pattern))
	if len(found) == 0 {
		t.Skip("no schema in ../shared/formats")
	}
	return found[0]
}

// holds wants a word of the demo talk in a file.
func holds(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ToLower(string(text)), "lager") {
		t.Errorf("%s does not hold what was said", filepath.Base(file))
	}
}
