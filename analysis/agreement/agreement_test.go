package agreement

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// coded makes units of one line of codes for each coder; a point is a missing code.
func coded(coders ...string) []Unit {
	var units []Unit
	for c, line := range coders {
		for i, code := range strings.Fields(line) {
			if c == 0 {
				units = append(units, Unit{Codes: make([]string, len(coders))})
			}
			if code != "." {
				units[i].Codes[c] = code
			}
		}
	}
	return units
}

func TestKappaCohen(t *testing.T) {
	abc := []string{"a", "b", "c"}
	for _, test := range []struct {
		name  string
		table Table
		want  float64
		err   error
	}{
		// (0.70 - 0.41) / (1 - 0.41): chance is 0.5 · 0.6 + 0.3 · 0.3 + 0.2 · 0.1
		{"Cohen 1960, table 1", Table{abc, [][]int{{88, 10, 2}, {14, 40, 6}, {18, 10, 12}}}, 0.4915, nil},
		// (35/50 - 0.5) / (1 - 0.5): chance is 25/50 · 30/50 + 25/50 · 20/50
		{"two codes", Table{abc[:2], [][]int{{20, 5}, {10, 15}}}, 0.4, nil},
		{"full agreement", Table{abc[:2], [][]int{{3, 0}, {0, 1}}}, 1, nil},
		// (0 - 0.5) / (1 - 0.5): each uses each code once
		{"full disagreement", Table{abc[:2], [][]int{{0, 1}, {1, 0}}}, -1, nil},
		{"one code only", Table{abc[:1], [][]int{{7}}}, 0, ErrOneCode},
		{"nothing in common", Table{}, 0, ErrNothingShared},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := KappaCohen(test.table)
			if math.Abs(got-test.want) > 5e-5 || !errors.Is(err, test.err) {
				t.Errorf("got %.5f and error %v, want %v and %v", got, err, test.want, test.err)
			}
		})
	}
}

// The first three are examples A, B and C of Krippendorff, "Computing Krippendorff's
// alpha-reliability", 2011.
func TestAlphaKrippendorff(t *testing.T) {
	for _, test := range []struct {
		name  string
		units []Unit
		want  float64
		err   error
	}{
		{"two codes, two coders", coded("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), 0.095, nil},
		{"five codes, two coders", coded("a a b b d c c c e d d a", "b a b b b c c c e d d d"), 0.692, nil},
		{"four coders, missing codes", coded(
			"1 2 3 3 2 1 4 1 2 . . .",
			"1 2 3 3 2 2 4 1 2 5 . 3",
			". 3 3 3 2 3 4 2 2 5 1 .",
			"1 2 3 3 2 4 4 1 2 5 1 ."), 0.743, nil},
		{"full agreement", coded("a b", "a b"), 1, nil},
		{"one code only", coded("a a", "a a"), 0, ErrOneCode},
		{"no unit coded twice", coded("a .", ". b"), 0, ErrNothingShared},
		{"no units", nil, 0, ErrNothingShared},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := AlphaKrippendorff(test.units)
			if math.Abs(got-test.want) > 5e-4 || !errors.Is(err, test.err) {
				t.Errorf("got %.5f and error %v, want %v and %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestConfusionLeavesOutWhatOneCoderDidNotCode(t *testing.T) {
	units := coded("gripped open . gripped", "open open open gripped")
	got := Confusion(units, 0, 1)
	want := Table{[]string{"gripped", "open"}, [][]int{{1, 1}, {0, 1}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
	if p, err := got.Percent(); p != 2.0/3 || err != nil {
		t.Errorf("got %v alike and error %v, want 2/3", p, err)
	}
}

func TestIntervalDrawsConversations(t *testing.T) {
	var units []Unit
	for _, c := range []string{"d1", "d2", "d3", "d4", "d5", "d6"} {
		some := coded("a b a b a", "a b a b b")
		if c == "d1" {
			some = coded("a b a b a", "b a b a b")
		}
		for _, u := range some {
			units = append(units, Unit{c, u.Codes})
		}
	}
	// the one bad conversation of six is drawn never in 33 % of draws, three times or more
	// in 6 %: the interval runs from well below the figure to that of the others alone
	low, high, err := Interval(units, AlphaKrippendorff)
	all, _ := AlphaKrippendorff(units)
	others, _ := AlphaKrippendorff(units[5:])
	if err != nil || math.Abs(high-others) > 0.03 || low > all-0.2 {
		t.Errorf("got %.3f to %.3f and error %v, want below %.3f to about %.3f", low, high, err, all-0.2, others)
	}
}

func TestIntervalIsUndefined(t *testing.T) {
	two := []Unit{{"d1", []string{"a", "a"}}, {"d2", []string{"a", "a"}}}
	if _, _, err := Interval(two[:1], AlphaKrippendorff); !errors.Is(err, ErrOneConversation) {
		t.Errorf("one conversation: got error %v, want %v", err, ErrOneConversation)
	}
	if _, _, err := Interval(two, AlphaKrippendorff); !errors.Is(err, ErrOneCode) {
		t.Errorf("one code: got error %v, want %v", err, ErrOneCode)
	}
}
