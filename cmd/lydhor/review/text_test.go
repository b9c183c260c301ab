package review

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLanguagesSayTheSame(t *testing.T) {
	da, err := readTexts(danish)
	if err != nil {
		t.Fatal(err)
	}
	en, err := readTexts(english)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(da)), slices.Sorted(maps.Keys(en))); diff != "" {
		t.Errorf("keys differ (-Danish +English):\n%s", diff)
	}
	verb := regexp.MustCompile(`%[a-z]`)
	for key := range da {
		if got, want := verb.FindAllString(en[key], -1), verb.FindAllString(da[key], -1); !slices.Equal(got, want) {
			t.Errorf("%q takes %v in English, %v in Danish", key, got, want)
		}
	}
}

// Every text is used somewhere: by its key, or as one of a family such as "role citizen".
func TestTextsAreUsed(t *testing.T) {
	var sources strings.Builder
	here := os.DirFS(".")
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		files, _ := fs.Glob(here, pattern)
		for _, file := range files {
			b, _ := fs.ReadFile(here, file)
			sources.Write(b)
		}
	}
	da, err := readTexts(danish)
	if err != nil {
		t.Fatal(err)
	}
	for key := range da {
		family, _, _ := strings.Cut(key, " ")
		if family == "code" || family == "theme" { // the codebook's
			continue
		}
		if !strings.Contains(sources.String(), `"`+key+`"`) && !strings.Contains(sources.String(), `"`+family+` "`) {
			t.Errorf("text %q is never used", key)
		}
	}
}
