package score

import (
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

	"github.com/google/go-cmp/cmp"
)

func TestAlign(t *testing.T) {
	for _, test := range []struct {
		name, ref, hyp string
		want           string // ref/hyp of each pair
	}{
		{"equal", "a b", "a b", "a/a b/b"},
		{"nothing", "", "", ""},
		{"all left out", "a b", "", "a/ b/"},
		{"all invented", "", "a b", "/a /b"},
		{"replaced", "a b c", "a x c", "a/a b/x c/c"},
		// 4 + 3 for one replaced and one invented is dearer than 3 for one invented
		{"insertion before a pair", "a c", "a b c", "a/a /b c/c"},
		{"replaced rather than left out and invented", "a", "b", "a/b"},
		// three replaced cost 12; two left out and two invented also cost 12, with more right:
		// of equal ways a pair stands at the end where it can
		{"of equal ways the later pair", "a b c d", "c d x y", "a/ b/ c/c d/d /x /y"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range Align(strings.Fields(test.ref), strings.Fields(test.hyp)) {
				got = append(got, p.Ref+"/"+p.Hyp)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("alignment differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAlignLattices(t *testing.T) {
	for _, test := range []struct{ name, ref, hyp, want string }{
		{"the alternative that fits", "a { b / c d } e", "a c d e", "a/a c/c d/d e/e"},
		{"nothing as alternative", "a { b / @ } c", "a c", "a/a c/c"},
		{"empty alternative", "a { b / } c", "a c", "a/a c/c"},
		{"empty alternative at the end", "a { b / }", "a", "a/a"},
		{"alternatives inside alternatives", "{ a { b / c } / d } e", "a c e", "a/a c/c e/e"},
		{"alternatives on both sides", "{ a / b } c", "{ b / d } c", "b/b c/c"},
		{"a brace that is never closed", "a { b / c", "a c", "a/a c/c"},
		{"a brace that was never opened", "a } b / c", "a b / c", "a/a b/b /// c/c"},
		{"a word that may be left out", "a (b) c", "a c", "a/a b/ c/c"},
		{"a fragment", "ha- har -de", "havde har levede", "ha-/havde har/har -de/levede"},
		{"a deeply nested text", strings.Repeat("{ / ", 5000), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			opt := TRNOptions{FoldedCase, true, true}
			pairs, err := AlignLattices(ParseLattice(test.ref, opt), ParseLattice(test.hyp, opt))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range pairs {
				got = append(got, p.Ref+"/"+p.Hyp)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("alignment differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAlignLatticesRefusesWhatTakesTooMuchMemory(t *testing.T) {
	l := ParseLattice("{ a / b }"+strings.Repeat(" c", 6000), TRNOptions{Normaliser: FoldedCase})
	if _, err := AlignLattices(l, l); err == nil || !strings.Contains(err.Error(), "texts of 6002 and 6002 words: cut them") {
		t.Errorf("got error %v, want one that says to cut the texts", err)
	}
}

// randomWords draws n words of a small vocabulary, so that many alignments cost the same.
func randomWords(r *rand.Rand, n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = string('a' + rune(r.IntN(4)))
	}
	return words
}

func TestAlignInABandIsTheWholeTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		ref, hyp := randomWords(r, r.IntN(300)), randomWords(r, r.IntN(300))
		a, b := number(ref, hyp)
		whole := grid{ref: a, hyp: b, w: sclite(), below: len(a), above: len(b)}
		want := pairs(ref, hyp, whole.backward(whole.forward()))
		if diff := cmp.Diff(want, Align(ref, hyp)); diff != "" {
			t.Fatalf("%d and %d words: alignment differs (-want +got):\n%s", len(ref), len(hyp), diff)
		}
	}
}

func TestDistanceIsTheErrorsOfTheCheapestAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		a, b := randomWords(r, r.IntN(200)), randomWords(r, r.IntN(200))
		got, want := distance(a, b), Words(align(a, b, levenshtein())).Errors()
		if got != want {
			t.Fatalf("got %d for %d and %d words, want %d", got, len(a), len(b), want)
		}
	}
}

func TestWERRate(t *testing.T) {
	a, b := WER{Sub: 1, Ref: 10}, WER{Ins: 2, Del: 1, Ref: 30}
	if got, want := a.Add(b).Rate(), 4.0/40; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (WER{Ins: 1}).Rate(); !math.IsNaN(got) {
		t.Errorf("got %v for an empty reference, want NaN", got)
	}
}

func TestCharacters(t *testing.T) {
	// "på lager" against "po lageret": å replaced, et put in
	got := Characters([]Pair{{Ref: "på", Hyp: "po"}, {Ref: "lager", Hyp: "lageret"}})
	if want := (CER{Errors: 3, Ref: 8}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStretchesKeepEveryError(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pairs := Align(randomWords(r, 120), randomWords(r, 140))
	var sum WER
	parts := Stretches(pairs)
	for _, p := range parts {
		if p.Ref > stretch {
			t.Errorf("got a stretch of %d words, want at most %d", p.Ref, stretch)
		}
		sum = sum.Add(p)
	}
	if len(parts) != 3 || sum != Words(pairs) {
		t.Errorf("got %d stretches with %+v, want 3 with %+v", len(parts), sum, Words(pairs))
	}
}

// Cases of meeteval's documentation.
func TestCPWER(t *testing.T) {
	said := func(lines ...string) map[string][]string {
		m := map[string][]string{}
		for i, line := range lines {
			m[strconv.Itoa(i)] = strings.Fields(line)
		}
		return m
	}
	for _, test := range []struct {
		name     string
		ref, hyp map[string][]string
		want     WER
	}{
		{"spelling", said("The quick brown fox", "jumps over the lazy dog"), said("The kwick brown fox", "jump over lazy"),
			WER{Sub: 2, Del: 2, Ref: 9}},
		{"speakers swapped", said("First example", "First example second speaker"), said("First example with errors", "First example second speaker"),
			WER{Ins: 2, Ref: 6}},
		{"one speaker too many", said("Second example"), said("Second example", "Overestimated speaker"),
			WER{Ins: 2, Ref: 2}},
		{"one speaker too few", said("a b", "c"), said("a b"), WER{Del: 1, Ref: 3}},
		{"nobody speaks", nil, nil, WER{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, _ := CPWER(test.ref, test.hyp); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestSpeakerWords(t *testing.T) {
	ref := []Said{{"A", []string{"a", "b"}}, {"B", []string{"c", "d", "e"}}, {"A", []string{"f"}}}
	hyp := []Said{{"1", []string{"a", "b", "c"}}, {"2", []string{"x", "y", "e"}}, {"1", []string{"f", "g"}}}
	// c went to A's 1; d is left out or one of x and y invented; g is invented
	got := SpeakerWords(ref, hyp)
	if want := (WDER{Wrong: 1, Words: 6, WrongFirst: 1, First: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNormaliser(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"case and punctuation", "Øh, JA! »Ærligt talt« …", "øh ja ærligt talt"},
		{"hyphens part", "it-system – ja-", "it system ja"},
		{"apostrophes vanish", "cv'et don’t", "cvet dont"},
		{"numbers stay", "10.000 kr. kl. 10:30, 3,5 %.", "10.000 kr kl 10 30 3,5"},
		{"two characters become one", "a\u030ar cafe\u0301", "år café"},
		{"nothing but signs", "... [?]", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(SpokenDanish.Words(test.in), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if got, want := strings.Join(FoldedCase.Words("Ja, IT-system"), " "), "ja, it-system"; got != want {
		t.Errorf("folded case: got %q, want %q", got, want)
	}
}

// compareTRN reads two trn files and compares them utterance by utterance.
func compareTRN(t *testing.T, refFile, hypFile string, opt TRNOptions) WER {
	t.Helper()
	hyp := map[string]Utterance{}
	for _, u := range readTRN(t, hypFile) {
		hyp[u.ID] = u
	}
	var sum WER
	for _, u := range readTRN(t, refFile) {
		pairs, err := AlignLattices(ParseLattice(u.Text, opt), ParseLattice(hyp[u.ID].Text, opt))
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(Words(pairs))
	}
	return sum
}

func readTRN(t *testing.T, file string) []Utterance {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := ReadTRN(f)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(file), err)
	}
	return all
}

// scoring is the folder of public files with the figures that their own tools print.
func scoring(t *testing.T) string {
	dir := "../../../shared/scoring"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no ../shared/scoring beside the checkout")
	}
	return dir
}

func TestWERIsScliteOnPublicFiles(t *testing.T) {
	dir := scoring(t)
	earnings := func(system string) [2]string {
		return [2]string{"earnings21/4386541.ref.trn", "earnings21/4386541." + system + ".trn"}
	}
	for _, test := range []struct {
		name  string
		files [2]string
		want  WER
	}{
		{"csrnab", [2]string{"sctk/csrnab.ref", "sctk/csrnab.hyp"}, WER{Sub: 131, Del: 12, Ins: 26, Ref: 1406}},
		{"alternations, tags, empty texts", [2]string{"sctk/tests.ref", "sctk/tests.hyp"}, WER{Sub: 75, Del: 13, Ins: 33, Ref: 266}},
		{"Turkish", [2]string{"sctk/test.turkish.ref", "sctk/test.turkish.hyp"}, WER{Del: 7, Ins: 7, Ref: 14}},
		{"earnings21 google", earnings("google"), WER{Sub: 222, Del: 94, Ins: 67, Ref: 2751}},
		{"earnings21 amazon", earnings("amazon"), WER{Sub: 248, Del: 89, Ins: 63, Ref: 2751}},
		{"earnings21 speechmatics", earnings("speechmatics"), WER{Sub: 218, Del: 107, Ins: 120, Ref: 2751}},
		{"earnings21 rev-kaldi", earnings("rev-kaldi"), WER{Sub: 245, Del: 54, Ins: 168, Ref: 2751}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compareTRN(t, filepath.Join(dir, test.files[0]), filepath.Join(dir, test.files[1]), TRNOptions{FoldedCase, true, true})
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// sctk finds a program of Debian's package sctk.
func sctk(t *testing.T, program string) string {
	for _, name := range []string{program, "/usr/lib/sctk/bin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("no %s: install the Debian package sctk", program)
	return ""
}

var sumLine = regexp.MustCompile(`\| Sum +\| +(\d+) +(\d+) +\| +(\d+) +(\d+) +(\d+) +(\d+)`)

func TestWERIsScliteOnRandomTexts(t *testing.T) {
	sclite := sctk(t, "sclite")
	r := rand.New(rand.NewPCG(7, 8))
	for round := range 20 {
		var ref, hyp strings.Builder
		for i := range 50 {
			fmt.Fprintf(&ref, "%s (s_%d)\n", randomText(r), i)
			fmt.Fprintf(&hyp, "%s (s_%d)\n", randomText(r), i)
		}
		dir := t.TempDir()
		refFile, hypFile := filepath.Join(dir, "ref.trn"), filepath.Join(dir, "hyp.trn")
		if err := os.WriteFile(refFile, []byte(ref.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(hypFile, []byte(hyp.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(sclite, "-i", "spu_id", "-r", refFile, "trn", "-h", hypFile, "trn", "-o", "rsum", "stdout").Output()
		if err != nil {
			t.Fatal(err)
		}
		m := sumLine.FindStringSubmatch(string(out))
		if m == nil {
			t.Fatalf("sclite printed no sum:\n%s", out)
		}
		number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
		want := WER{Ref: number(2), Sub: number(4), Del: number(5), Ins: number(6)}
		if got := compareTRN(t, refFile, hypFile, TRNOptions{Normaliser: FoldedCase}); got != want {
			t.Errorf("round %d: got %+v, sclite says %+v\n%s---\n%s", round, got, want, ref.String(), hyp.String())
			return
		}
	}
}

// randomText draws a short text, in every third case with alternatives.
func randomText(r *rand.Rand) string {
	words := randomWords(r, 1+r.IntN(12))
	if r.IntN(3) == 0 {
		at := r.IntN(len(words))
		words[at] = "{ " + strings.Join(randomWords(r, 1+r.IntN(3)), " ") + " / " +
			strings.Join(randomWords(r, 1+r.IntN(2)), " ") + [...]string{"", " / @"}[r.IntN(2)] + " }"
	}
	return strings.Join(words, " ")
}
