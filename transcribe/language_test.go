package transcribe

import (
	"strings"
	"testing"
)

func TestSpoken(t *testing.T) {
	for _, test := range []struct {
		name  string
		heard []map[string]float64
		want  string
	}{
		{"nothing heard", nil, "da"},
		{"Danish", []map[string]float64{{"da": 0.9, "no": 0.1}}, "da"},
		{"a neighbour, not surely", []map[string]float64{{"da": 0.3, "no": 0.7}}, "da"},
		{"a neighbour that Danish is not far from", []map[string]float64{{"da": 0.15, "no": 0.85}}, "da"},
		{"surely another", []map[string]float64{{"da": 0.01, "en": 0.99}, {"da": 0.02, "en": 0.97}}, "en"},
		{"two by turns", []map[string]float64{{"en": 1}, {"da": 1}, {"en": 1}}, "da"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := spoken(test.heard); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOtherLanguageNamesIt(t *testing.T) {
	for language, want := range map[string]string{"ar": "arabisk", "is": "is"} {
		if got := otherLanguage(language); !strings.Contains(got, want) || !strings.Contains(got, "--language da") {
			t.Errorf("got %q, want %q and the flag in it", got, want)
		}
	}
}
