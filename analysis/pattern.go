package analysis

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// A sign is a compiled phrase, pattern or regular expression. All are RE2 and so take time
// linear in the text.
type sign struct {
	re  *regexp.Regexp
	raw bool // matched against the text as it stands, not against its words
}

// compile makes the cue's signs.
func (c *Cue) compile() error {
	c.Max, c.Words = max(1, c.Max), cmpOr(c.Words, 6)
	var err error
	if c.signs, err = compilePatterns(append(c.Phrases, c.Patterns...)); err != nil {
		return err
	}
	for _, r := range c.Regex {
		re, err := regexp.Compile("(?i)" + r)
		if err != nil {
			return fmt.Errorf("regex %q: %w", r, err)
		}
		c.signs = append(c.signs, sign{re, true})
	}
	return nil
}

func cmpOr(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func compilePatterns(patterns []string) ([]sign, error) {
	var list []sign
	for _, p := range patterns {
		re, err := regexp.Compile(wildcards(p))
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
		list = append(list, sign{re: re})
	}
	return list, nil
}

// wildcards is a pattern as a regular expression on words with a space around each: * is up
// to three words, word* the words that begin so, (a|b c) either.
func wildcards(pattern string) string {
	var b strings.Builder
	b.WriteString(" ")
	for _, part := range patternParts(strings.ToLower(pattern)) {
		switch {
		case part == "*":
			b.WriteString(`(?:[^ ]+ ){0,3}`)
		case strings.HasPrefix(part, "("):
			var options []string
			for option := range strings.SplitSeq(strings.Trim(part, "()"), "|") {
				options = append(options, wildWords(option))
			}
			b.WriteString("(?:" + strings.Join(options, "|") + ") ")
		default:
			b.WriteString(wildWords(part) + " ")
		}
	}
	return b.String()
}

// patternParts splits a pattern at spaces outside parentheses.
func patternParts(pattern string) []string {
	depth := 0
	return strings.FieldsFunc(pattern, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ' ' && depth == 0
	})
}

func wildWords(words string) string {
	var list []string
	for w := range strings.FieldsSeq(words) {
		if w == "*" {
			list = append(list, `[^ ]+(?: [^ ]+){0,2}`)
			continue
		}
		stem, open := strings.CutSuffix(w, "*")
		w = regexp.QuoteMeta(strings.Join(tokens(stem), " "))
		if open {
			w += "[^ ]*"
		}
		list = append(list, w)
	}
	return strings.Join(list, " ")
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

// spaced is words with a space around each, as patterns match them.
func spaced(words []string) string { return " " + strings.Join(words, " ") + " " }
