package analysis

import (
	"strings"
	"testing"
)

func TestStartersAreSound(t *testing.T) {
	for _, language := range []string{"da", "en"} {
		book, err := starter(language)
		if err != nil {
			t.Fatal(err)
		}
		if book.Language != language || len(book.Codes) != 3 || len(book.Outcomes) != 5 {
			t.Errorf("%s: got language %q, %d codes, %d outcomes", language, book.Language, len(book.Codes), len(book.Outcomes))
		}
	}
	if _, err := starter("tlh"); err == nil {
		t.Error("got a codebook in Klingon")
	}
}

func TestReadCodebookErrors(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "it is empty"},
		{"other schema", "schema: something/2", `schema is "something/2"`},
		{"unknown key", "schema: lises-codebook/1\ncodez: []", `line 2: unknown field "codez", did you mean "codes"?`},
		{"unknown feature", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    feature: {name: gapp}", `line 6: unknown feature "gapp", did you mean "gap"?`},
		{"look-ahead", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    regex: ['x(?=y)']", `group "g": line 6: regex "x(?=y)"`},
		{"open parenthesis", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    regex: ['(']", "line 6: regex"},
		{"pattern without words", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    patterns: ['a ()']", "there is no word"},
		{"bracket left open", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    patterns: ['(a|b']", "a ( without its )"},
		{"bracket closed twice", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    patterns: ['(a))']", "a ) without its ("},
		{"brackets without end", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - group: g\n    patterns: ['" + strings.Repeat("(", 9999) + "']", "more than 8 brackets"},
		{"wrong type", "schema: lises-codebook/1\ncodes: 7", "line 2: a list is wanted here, and there stands a number 7"},
		{"word for a number", "schema: lises-codebook/1\nsettings:\n  gap_long: lang", "line 3: a number is wanted here, and there stands text lang"},
		{"two mistakes", "schema: lises-codebook/1\ncodez: []\nstatos: x", `line 3: unknown field "statos"`},
		{"unknown key of a label", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - grup: g", `line 5: unknown field "grup", did you mean "group"? There are group, da, en, weight`},
		{"unknown key of a feature", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - feature: {name: gap, mni: 3}", `line 5: unknown field "mni", did you mean "min"?`},
		{"feature without a name", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - feature: {min: 3}", "the feature has no name"},
		{"unknown place", "schema: lises-codebook/1\ncodes:\n- id: a\n  cues:\n  - where: strat", `line 5: unknown place "strat", did you mean "start"?`},
		{"unknown role", "schema: lises-codebook/1\ncodes:\n- id: a\n  roles: [citzen]", `a: unknown role "citzen", did you mean "citizen"?`},
		{"unknown outcome", "schema: lises-codebook/1\noutcomes:\n- id: griped", `unknown outcome "griped", did you mean "gripped"?`},
		{"code twice", "schema: lises-codebook/1\ncodes:\n- id: a\n- id: a", `code 2 of 2 has the id "a"`},
		{"requires nothing known", "schema: lises-codebook/1\ncodes:\n- id: hope\n- id: b\n  requires: hop", `b: requires: unknown code "hop", did you mean "hope"?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadCodebook(strings.NewReader(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"jeg * godt lide", "Altså jeg kan godt lide det", true},
		{"jeg * godt lide", "jeg godt lide", true},
		{"jeg * godt lide", "jeg en to tre fire godt lide", false},
		{"praktik*", "en praktikplads", true},
		{"praktik*", "virksomhedspraktik", false},
		{"(vil|ville) gerne", "Ville, gerne!", true},
		{"(kan jeg|må jeg) * prøve", "må jeg bare prøve", true},
		{"øl", "Øl?", true},
		{"øl", "følelse", false},
		{"e-boks", "i e-Boks", true},
		{"(inden (for|den) *|frist*)", "inden for tre uger", true},
		{"(inden (for|den) *|frist*)", "fristen er i dag", true},
		{"(inden (for|den) *|frist*)", "indenfor", false},
		{"en der *", "er der en der?", true},
		{"(a|a*) (a|a*) * (a|a*) * b", strings.Repeat("a ", 10_000), false},
		{"cv'et", "send CV'et nu", true},
	} {
		p, err := compilePattern(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, got := p.find(tokens(test.text), 0); got != test.want {
			t.Errorf("%q in %q: got %v, want %v", test.pattern, test.text, got, test.want)
		}
	}
}

func FuzzReadCodebook(f *testing.F) {
	for _, language := range []string{"da", "en"} {
		data, err := starters.ReadFile("codebook/lises." + language + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("schema: lises-codebook/1\ncodes: [{id: a, cues: [{patterns: ['* (a|b*']}]}]")
	f.Fuzz(func(t *testing.T, in string) {
		book, err := ReadCodebook(strings.NewReader(in))
		if err == nil {
			New(book)
		}
	})
}
