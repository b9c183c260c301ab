package chattest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TalkBank's own reference files keep the rules as they are written here.
func TestReferenceFilesKeepTheRules(t *testing.T) {
	files, _ := filepath.Glob("../../../../shared/formats/chat/*.cha")
	if len(files) == 0 {
		t.Skip("no reference files in ../shared/formats")
	}
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "batchalign") { // written by a program, and not called as their sound is
			continue
		}
		media := regexp.MustCompile(`@Media:\t([^,]*)`).FindSubmatch(data)
		called := ""
		if media != nil {
			called = string(media[1])
		}
		for _, fault := range Faults(called, string(data)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// Every rule finds what breaks it.
func TestBrokenRulesAreFound(t *testing.T) {
	sample, err := os.ReadFile("../testdata/sample.cha")
	if err != nil {
		t.Fatal(err)
	}
	good := string(sample)
	if faults := Faults("samtale-1", good); len(faults) > 0 {
		t.Fatal(faults)
	}
	for rule, change := range map[string][2]string{
		"E503": {"@UTF8\n", ""},
		"E502": {"@End\n", ""},
		"E501": {"@Begin\n", "@Begin\n@Begin\n"},
		"E747": {"@Begin\n", "@Begin\n\n"},
		"E101": {"@Begin\n", "hej\n@Begin\n"},
		"E519": {"@Languages:\tdan", "@Languages:\tdansk"},
		"E532": {"S1 Adult", "S1 Sagsbehandler"},
		"E549": {"S1 Adult", "S1 Adult, S1 Adult"},
		"E505": {"||professional||Adult|||", "||professional||Adult||"},
		"E514": {"dan|lydhor|S1", "dan||S1"},
		"E522": {"@ID:\tdan|lydhor|S1|||professional||Adult|||\n", ""},
		"E547": {"@Options:\tCA\n", ""},
		"E531": {"@Media:\tsamtale-1", "@Media:\tsamtale-2"},
		"E752": {"@Media:\tsamtale-1, audio\n", ""},
		"E308": {"*S1:\tHvad", "*S3:\tHvad"},
		"E305": {"@Options:\tCA\n", ""},
		"E401": {"%xtur:\t1\n", "%xtur:\t1\n%xtur:\t1\n"},
		"E756": {"%xtur:\t1\n", "%xtur:\t\n"},
		"E748": {"\x15500_2000\x15", "\x150500_2000\x15"},
	} {
		broken := strings.Replace(good, change[0], change[1], 1)
		if rule == "E547" {
			broken = strings.Replace(broken, "@Media", "@Options:\tCA\n@Media", 1)
			broken = strings.Replace(broken, "@Options:\tCA\n@Media:\tsamtale-1, audio\n", "@Media:\tsamtale-1, audio\n@Options:\tCA\n", 1)
		}
		if broken == good || len(Faults("samtale-1", broken)) == 0 {
			t.Errorf("%s: a file that breaks it passes", rule)
		}
	}
	for _, word := range []string{"8.30", "9", "a/b", "’", "…", "\ue000", "-x", "(x)"} {
		if len(WordFaults("*A:\tja "+word+" nej .")) == 0 {
			t.Errorf("%q passes for a word", word)
		}
	}
	if len(WordFaults("*A:\tja nej .\n%wor:\tja .")) == 0 {
		t.Error("a %wor with fewer words passes")
	}
}
