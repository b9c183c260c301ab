package pseudonym

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lydhor/pipeline"
)

// A Kind is what an identifying expression is; the words are those of pipeline.PII.
type Kind string

const (
	Name     Kind = "name"
	CPR      Kind = "cpr"
	Phone    Kind = "phone"
	Address  Kind = "address"
	Employer Kind = "employer"
	Place    Kind = "place"
	Email    Kind = "email"
)

// A Mention is one identifying expression: bytes [Start, End) of the text of a turn.
type Mention struct {
	Turn       int
	Kind       Kind
	Start, End int
	Text       string
}

// A token is one word of a text, with where it stands and whether it opens a sentence.
type token struct {
	text       string
	start, end int
	opens      bool
}

var wordPattern = regexp.MustCompile(`[\p{L}\p{N}]+(?:[-.][\p{L}\p{N}]+)*`)

func tokens(text string) []token {
	var out []token
	last := 0
	for _, at := range wordPattern.FindAllStringIndex(text, -1) {
		opens := len(out) == 0 || strings.ContainsAny(text[last:at[0]], ".?!:…–—\"”»\n")
		out = append(out, token{text[at[0]:at[1]], at[0], at[1], opens})
		last = at[1]
	}
	return out
}

// A finder knows how a recording writes its words: which stand with a capital inside a
// sentence, and which without.
type finder struct{ proper, common map[string]bool }

func newFinder(t *pipeline.Transcript) *finder {
	f := &finder{map[string]bool{}, map[string]bool{}}
	for _, turn := range t.Turns {
		for _, w := range tokens(unlabelled(turn.Text)) {
			switch {
			case !capital(w.text):
				f.common[w.text] = true
			case !w.opens:
				f.proper[stem(w.text)] = true
			}
		}
	}
	return f
}

// Find gives the identifying expressions of t, sorted by where they stand, none
// overlapping. In Danish a capital inside a sentence means a proper noun; a word that
// opens one is taken where the recording writes it so elsewhere, or where it is a first
// name.
func Find(t *pipeline.Transcript) []Mention {
	f := newFinder(t)
	var out []Mention
	for _, turn := range t.Turns {
		out = append(out, f.turn(turn.N, turn.Text)...)
	}
	return out
}

// labelPattern is the form of the labels that Transcript puts.
var labelPattern = regexp.MustCompile(`\[(Navn|CPR|Telefon|Adresse|Arbejdssted|Sted|E-mail) (\d+)\]`)

// unlabelled is a text of the same length without the labels that it has already, which name
// nobody.
func unlabelled(text string) string {
	return labelPattern.ReplaceAllStringFunc(text, func(label string) string { return strings.Repeat("\x00", len(label)) })
}

func (f *finder) turn(n int, text string) []Mention {
	bare := unlabelled(text)
	ms := slices.Concat(patterns(bare), spokenNumbers(bare), f.names(bare))
	slices.SortStableFunc(ms, func(a, b Mention) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	var out []Mention
	end := 0
	for _, m := range ms {
		if m.Start < end {
			continue
		}
		m.Turn, m.Text, end = n, text[m.Start:m.End], m.End
		out = append(out, m)
	}
	return out
}

const floor = `(?:,? (?:stuen|(?:første|anden|tredje|fjerde|femte|\d+\.)(?: sal)?(?:,? (?:til venstre|til højre|midtfor|tv|th|mf)\b)?|værelse \d+|kælderen))?`

var written = []struct {
	kind Kind
	re   *regexp.Regexp
}{
	{Email, regexp.MustCompile(`[\p{L}\p{N}._+-]+(?:@| snabel-?a )[\p{L}\p{N}-]+(?:(?:\.| punktum )[\p{L}\p{N}-]+)+`)},
	{CPR, regexp.MustCompile(`\b\d{6}[- –]?\d{4}\b`)},
	{Phone, regexp.MustCompile(`(?:\+45 ?)?\b(?:\d{2}[ .-]?){3}\d{2}\b`)},
	{Phone, regexp.MustCompile(`\b\d{4} \d{4}\b`)},
	{Address, regexp.MustCompile(`\p{Lu}[\p{L}-]+(?: \p{Lu}[\p{L}-]+)? \d+(?: ?[A-Z]\b)?` + floor)},
}

// patterns finds what is told by its form alone.
func patterns(text string) []Mention {
	var out []Mention
	for _, w := range written {
		for _, at := range w.re.FindAllStringIndex(text, -1) {
			if w.kind == Address && !ends(street(text[at[0]:at[1]]), streetEndings) {
				continue
			}
			out = append(out, Mention{Kind: w.kind, Start: at[0], End: at[1]})
		}
	}
	return out
}

// street is what stands before the house number.
func street(address string) string {
	return strings.TrimSpace(address[:max(0, strings.IndexFunc(address, unicode.IsDigit))])
}

// spokenNumbers finds runs of number words: eight digits are a phone number, ten a CPR number.
func spokenNumbers(text string) []Mention {
	var out []Mention
	var digits, start, end int
	flush := func() {
		if digits == 8 {
			out = append(out, Mention{Kind: Phone, Start: start, End: end})
		}
		if digits >= 9 {
			out = append(out, Mention{Kind: CPR, Start: start, End: end})
		}
		digits = 0
	}
	for _, w := range tokens(text) {
		n := digitsOf(w.text)
		if n == 0 || strings.ContainsAny(text[end:max(end, w.start)], ".?!") {
			flush()
		}
		if n == 0 {
			continue
		}
		if digits == 0 {
			start = w.start
		}
		digits, end = digits+n, w.end
	}
	flush()
	return out
}

// names finds runs of words with capitals.
func (f *finder) names(text string) []Mention {
	var out []Mention
	words := tokens(text)
	for i := 0; i < len(words); i++ {
		if !f.isName(words[i]) {
			continue
		}
		first := i
		for i+1 < len(words) && text[words[i].end:words[i+1].start] == " " && f.isName(words[i+1]) {
			i++
		}
		before := ""
		if first > 0 {
			before = strings.ToLower(words[first-1].text)
		}
		m := Mention{Kind: kindOf(before, words[first:i+1]), Start: words[first].start, End: ungenitive(words[i])}
		if titles[before] {
			m.Start = words[first-1].start
		}
		out = append(out, m)
	}
	return out
}

func (f *finder) isName(w token) bool {
	if !capital(w.text) || publicNames[w.text] || abbreviation(w.text) {
		return false
	}
	if !w.opens {
		return true
	}
	s := stem(w.text)
	return !f.common[strings.ToLower(w.text)] && (f.proper[s] || givenNames[s])
}

// kindOf tells a run of names by its endings and the word before it.
func kindOf(before string, run []token) Kind {
	last := strings.ToLower(run[len(run)-1].text)
	first := stem(run[0].text)
	switch {
	case titles[before] || givenNames[first]:
		return Name
	case ends(last, streetEndings):
		return Address
	case ends(last, employerEndings):
		return Employer
	case beforePlace[before] && ends(last, placeEndings):
		return Place
	case len(run) > 1 && beforeEmployer[before]:
		return Employer
	}
	return Name
}

// capital reports a word that begins with a capital.
func capital(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r)
}

// abbreviation reports CV, HR, STU and the letters of a name spelt out.
func abbreviation(w string) bool {
	head, _, _ := strings.Cut(w, "-")
	return strings.ToUpper(head) == head
}

// stem takes the genitive -s off a name.
func stem(w string) string {
	if s, cut := strings.CutSuffix(w, "s"); cut && len(s) > 2 && !givenNames[w] {
		return s
	}
	return w
}

// ungenitive is where w ends without its genitive -s, which stays in the text. A name that
// no list knows is masked whole: Jonas.
func ungenitive(w token) int {
	if s := stem(w.text); s != w.text && givenNames[s] {
		return w.start + len(s)
	}
	return w.end
}

func ends(word string, endings []string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(strings.ToLower(word), e) })
}
