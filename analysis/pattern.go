package analysis

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A pattern is what stands in a codebook under phrases, patterns and keywords: parts that
// follow one another in the words of a turn. The time it takes is linear in the words.
type pattern []part

// A part is a word, the words that begin so where open, a gap of up to longestGap words, or
// one of several patterns.
type part struct {
	word      string
	open, gap bool
	options   []pattern
}

const longestGap = 3

// compile makes the cue's patterns and regular expressions. The latter are RE2 and look in
// the text as it stands.
func (c *Cue) compile() error {
	c.Max, c.Words = max(1, c.Max, c.Least), cmpOr(c.Words, 6)
	var err error
	if c.spoken, err = compilePatterns(slices.Concat(c.Phrases, c.Patterns)); err != nil {
		return err
	}
	for _, r := range c.Regex {
		re, err := compileExpression(r.text)
		if err != nil {
			return fmt.Errorf("line %d: regex %q: %w", r.line, r.text, err)
		}
		c.raw = append(c.raw, re)
	}
	return nil
}

func cmpOr(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func compilePatterns(texts []wording) ([]pattern, error) {
	var list []pattern
	for _, w := range texts {
		p, err := compilePattern(w.text)
		if err != nil {
			return nil, fmt.Errorf("line %d: pattern %q: %w", w.line, w.text, err)
		}
		list = append(list, p)
	}
	return list, nil
}

// compilePattern reads a pattern: * is up to three words, word* the words that begin so,
// (a|b c) either.
func compilePattern(text string) (pattern, error) {
	p, rest, err := readPattern(strings.ToLower(text), 0)
	switch {
	case err != nil:
		return nil, err
	case rest != "":
		return nil, errors.New("a ) without its (")
	case p[0].gap:
		return nil, errors.New("a * at the beginning says nothing: leave it out")
	}
	return p, nil
}

// readPattern reads up to the | or ) that ends a pattern of that depth, or to the end.
func readPattern(text string, depth int) (p pattern, rest string, err error) {
	for text != "" && text[0] != ')' && (text[0] != '|' || depth == 0) {
		if text[0] == '(' {
			var group part
			if group.options, text, err = readOptions(text[1:], depth+1); err != nil {
				return nil, "", err
			}
			p = append(p, group)
			continue
		}
		end := strings.IndexAny(text, " (|)")
		if end < 0 {
			end = len(text)
		}
		p = append(p, wordParts(text[:end])...)
		text = text[end:]
		if text != "" && (text[0] == ' ' || text[0] == '|' && depth == 0) {
			text = text[1:]
		}
	}
	if len(p) == 0 {
		return nil, "", errors.New("there is no word in it, or in one of its options")
	}
	return p, text, nil
}

// deepest is how many brackets may stand in one another.
const deepest = 8

// readOptions reads patterns with | between them, and the ) after them.
func readOptions(text string, depth int) (options []pattern, rest string, err error) {
	for depth <= deepest {
		var p pattern
		if p, text, err = readPattern(text, depth); err != nil {
			return nil, "", err
		}
		options = append(options, p)
		switch {
		case text == "":
			return nil, "", errors.New("a ( without its )")
		case text[0] == ')':
			return options, text[1:], nil
		}
		text = text[1:]
	}
	return nil, "", fmt.Errorf("more than %d brackets in one another", deepest)
}

func wordParts(text string) []part {
	if text == "*" {
		return []part{{gap: true}}
	}
	var list []part
	stem, open := strings.CutSuffix(text, "*")
	for _, word := range tokens(stem) {
		list = append(list, part{word: word})
	}
	if open && len(list) > 0 {
		list[len(list)-1].open = true
	}
	return list
}

// beginIn adds the words that p can begin with to l.
func (p pattern) beginIn(l *wordList) {
	switch first := p[0]; {
	case first.open:
		l.prefixes = append(l.prefixes, first.word)
	case first.gap:
		l.prefixes = append(l.prefixes, "")
	case first.options != nil:
		for _, option := range first.options {
			option.beginIn(l)
		}
	default:
		l.words[first.word] = true
	}
}

// reach gives the most words that p fits from the first of words on, 0 where it does not.
func (p pattern) reach(words []string) int {
	ends := p.ends(words, 1)
	return max(0, bits.Len64(ends)-1)
}

// find gives the first run of words from the from-th on that p fits, as a half-open range;
// gaps take as much as they can.
func (p pattern) find(words []string, from int) (start, end int, ok bool) {
	for start = from; start < len(words); start++ {
		if ends := p.ends(words[start:], 1); ends != 0 {
			return start, start + bits.Len64(ends) - 1, true
		}
	}
	return 0, 0, false
}

// ends says after how many words p can end if it can begin after each of begins: bit n stands
// for n words, and no pattern reaches over more than 63.
func (p pattern) ends(words []string, begins uint64) uint64 {
	for _, part := range p {
		if begins = part.ends(words, begins); begins == 0 {
			return 0
		}
	}
	return begins
}

func (p part) ends(words []string, begins uint64) (ends uint64) {
	if p.gap {
		for range longestGap {
			begins |= begins << 1
		}
		return begins & (1<<min(63, len(words)+1) - 1)
	}
	for _, option := range p.options {
		ends |= option.ends(words, begins)
	}
	if p.options != nil {
		return ends
	}
	for left := begins; left != 0; left &= left - 1 {
		if n := bits.TrailingZeros64(left); n < len(words) && p.is(words[n]) {
			ends |= 1 << (n + 1)
		}
	}
	return ends
}

func (p part) is(word string) bool {
	return word == p.word || p.open && strings.HasPrefix(word, p.word)
}

// tokens are the words of a text in lower case: letters, digits, and hyphens and
// apostrophes inside them.
func tokens(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\'' && !unicode.IsMark(r)
	})
	list := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "-'"); w != "" {
			list = append(list, w)
		}
	}
	return list
}

// An expression is a regular expression in RE2, which looks in the text as it stands.
type expression struct {
	re      *regexp.Regexp
	literal string // all that it says, where it says no more than a few letters
}

func compileExpression(text string) (expression, error) {
	re, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return expression{}, err
	}
	literal, whole := regexp.MustCompile(text).LiteralPrefix()
	if !whole || strings.ToLower(literal) != strings.ToUpper(literal) {
		literal = ""
	}
	return expression{re, literal}, nil
}

// find gives the first n places that e fits.
func (e expression) find(text string, n int) []string {
	if e.literal != "" {
		return slices.Repeat([]string{e.literal}, min(n, strings.Count(text, e.literal)))
	}
	return e.re.FindAllString(text, n)
}
