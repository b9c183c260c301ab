package analysis

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/english"
)

// A word is what is known of a word by itself.
type word struct {
	kinds                             uint64 // bit i: of kinds[i]
	stem                              string // "" for words that are no content
	says                              string // the feature that it is on a professional's turn, "" for none
	numeral, long, abstract, passives bool
}

// A lexis knows words by kind.
type lexis struct {
	exact, begin map[string]uint64
	inside       uint64
}

func newLexis(kinds []kind) *lexis {
	l := &lexis{exact: map[string]uint64{}, begin: map[string]uint64{}}
	for i, k := range kinds {
		bit := uint64(1) << i
		if k.inside {
			l.inside |= bit
		}
		for w := range strings.FieldsSeq(k.words) {
			if stem, open := strings.CutSuffix(w, "*"); open {
				l.begin[stem] |= bit
			} else {
				l.exact[w] |= bit
			}
		}
	}
	return l
}

// shortestPart is the fewest letters before the last part of a compound.
const shortestPart = 3

// kinds gives the kinds of w: by itself, and by the last part of the compound that it may be.
func (l *lexis) kinds(w string) uint64 {
	found := l.beginning(w)
	for i := range w {
		if i >= shortestPart && len(w)-i >= shortestPart {
			found |= l.beginning(w[i:]) & l.inside
		}
	}
	return found
}

func (l *lexis) beginning(w string) uint64 {
	found := l.exact[w]
	for i := range w {
		found |= l.begin[w[:i]]
	}
	return found | l.begin[w]
}

var danishKinds = newLexis(kinds)

// known looks w up, in seen first.
func (c *Coder) known(w string, seen map[string]word) word {
	if k, ok := seen[w]; ok {
		return k
	}
	k := word{
		kinds:    danishKinds.kinds(w),
		numeral:  isNumeral(w),
		long:     utf8.RuneCountInString(w) >= 12,
		abstract: isAbstract(w),
		passives: len(w) >= 6 && strings.HasSuffix(w, "es") && !notPassive.has(w),
	}
	if utf8.RuneCountInString(w) >= 4 && !c.grammar[w] {
		k.stem = c.stem(w)
	}
	k.says = c.lexicon[k.base(w)]
	seen[w] = k
	return k
}

// base is the stem of w where w is a content word, and w itself elsewhere.
func (k word) base(w string) string { return cmp.Or(k.stem, w) }

func (c *Coder) stem(w string) string {
	env := snowballstem.NewEnv(w)
	if c.book.Language == "en" {
		english.Stem(env)
	} else {
		danish.Stem(env)
	}
	return env.Current()
}

func isNumeral(w string) bool {
	if strings.ContainsAny(w, "0123456789") || numerals.words[w] {
		return true
	}
	for _, ten := range tens {
		if strings.HasSuffix(w, ten) {
			return true
		}
	}
	return false
}

// isAbstract reports whether w has a form that Danish makes nouns of verbs and adjectives
// with, and the length of an official word.
func isAbstract(w string) bool {
	if utf8.RuneCountInString(w) < 8 {
		return false
	}
	for _, end := range []string{"", "en", "er", "erne", "n", "r", "rne", "s"} {
		if bare, ok := strings.CutSuffix(w, end); ok {
			for _, form := range []string{"ing", "else", "tion", "hed", "ment", "skab"} {
				if strings.HasSuffix(bare, form) {
					return true
				}
			}
		}
	}
	return false
}
