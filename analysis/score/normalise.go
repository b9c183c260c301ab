package score

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Normaliser makes comparable words of a text. It is pinned: its name carries a version,
// and a change of what it does is a new name, so that figures stay comparable.
type Normaliser string

const (
	// SpokenDanish is for texts that people or machines wrote with punctuation:
	//   - lower case; å and é written as two characters become one;
	//   - hyphens and dashes part words ("it-system" is "it system");
	//   - apostrophes inside words vanish ("cv'et" is "cvet");
	//   - other punctuation and symbols go, except a point or comma between two digits;
	//   - numbers stay as written, æ, ø and å stay, hesitations ("øh") are words.
	SpokenDanish Normaliser = "lydhor-da-1"

	// FoldedCase is for transcripts that were made comparable already: lower case, words as
	// they stand between spaces. sclite scores so.
	FoldedCase Normaliser = "fold-1"
)

// Normalisers lists every Normaliser.
var Normalisers = []Normaliser{SpokenDanish, FoldedCase}

// ParseNormaliser reads a Normaliser's name; the error names the ones there are.
func ParseNormaliser(s string) (Normaliser, error) {
	if n := Normaliser(s); slices.Contains(Normalisers, n) {
		return n, nil
	}
	return "", fmt.Errorf("unknown normaliser %q: use one of %v", s, Normalisers)
}

// Words gives the comparable words of text.
func (n Normaliser) Words(text string) []string {
	text = strings.ToLower(text)
	if n == FoldedCase {
		return strings.Fields(text)
	}
	text = strings.NewReplacer("a\u030a", "å", "e\u0301", "é").Replace(text)
	runes := []rune(text)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(r)
		case (r == '.' || r == ',') && digitAt(runes, i-1) && digitAt(runes, i+1):
			b.WriteRune(r)
		case strings.ContainsRune("'’`´", r):
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

func digitAt(runes []rune, i int) bool {
	return i >= 0 && i < len(runes) && unicode.IsDigit(runes[i])
}
