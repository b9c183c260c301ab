package review

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lydhor/analysis"
)

//go:embed text/*.json
var textFiles embed.FS

// A language is one the pages are written in. Both shows Danish or English by a switch in
// the page itself, for files that no server stands behind.
type language string

const (
	danish  language = "da"
	english language = "en"
	both    language = "both"
)

// texts is every string of the pages in one language, by its key. Those of codes, outcomes
// and themes, such as "outcome gripped", are the codebook's.
type texts map[string]string

func readTexts(l language) (texts, error) {
	data, err := textFiles.ReadFile("text/" + string(l) + ".json")
	if err != nil {
		return nil, err
	}
	var t texts
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("read %s texts: %w", l, err)
	}
	coder, err := analysis.Starter(string(l))
	if err != nil {
		return nil, err
	}
	t.addLabels(coder.Book(), l)
	return t, t.addSigns(l)
}

func (t texts) addLabels(book *analysis.Codebook, l language) {
	add := func(kind, id string, label analysis.Label) {
		s := label.DA
		if l == english {
			s = label.EN
		}
		first, size := utf8.DecodeRuneInString(s)
		t[kind+" "+id] = string(unicode.ToUpper(first)) + s[size:]
	}
	for _, c := range book.Codes {
		add("code", c.ID, c.Label)
	}
	for _, o := range book.Outcomes {
		add("outcome", o.ID, o.Label)
	}
	for _, theme := range slices.Concat(book.Themes.Potentials, book.Themes.Dimensions, book.Themes.Barriers) {
		add("theme", theme.ID, theme.Label)
	}
}

// addSigns adds what evidence can be of.
func (t texts) addSigns(l language) error {
	signs, err := analysis.Signs()
	for name, label := range signs {
		t["sign "+name] = label.DA
		if l == english {
			t["sign "+name] = label.EN
		}
	}
	return err
}

// say is the string of key with args put in as fmt does, as plain text; decimals have the sign
// of the language.
func (t texts) say(key string, args ...any) (string, error) {
	s, ok := t[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	if len(args) == 0 {
		return s, nil
	}
	said := slices.Clone(args)
	for i, a := range said {
		if d, is := a.(decimal); is {
			said[i] = d.with(t["decimal sign"])
		}
	}
	return fmt.Sprintf(s, said...), nil
}

// A decimal is written with the sign of a language between units and tenths. CA notation, data
// and addresses keep the point.
type decimal interface{ with(sign string) string }

// A number has so many decimal places.
type number struct {
	x      float64
	places int
}

func (n number) with(sign string) string {
	return strings.Replace(strconv.FormatFloat(n.x, 'f', n.places, 64), ".", sign, 1)
}

// speaking gives the template functions that write strings: t for the running text of a
// page, plain for titles and attributes, which have room for one language only.
func speaking(l language) (template.FuncMap, error) {
	if l == both {
		return speakingBoth()
	}
	words, err := readTexts(l)
	if err != nil {
		return nil, err
	}
	return template.FuncMap{
		"t":      words.say,
		"plain":  words.say,
		"say":    func(key string, args []any) (string, error) { return words.say(key, args...) },
		"theme":  func(id string) string { return cmp.Or(words["theme "+id], id) },
		"sign":   func(name string) string { return cmp.Or(words["sign "+name], name) },
		"notice": func(s string) string { return noticeIn(s, l) },
		"lang":   func() language { return l },
	}, nil
}

// noticeIn is what a notice says in a language: a transcript holds it in Danish and English,
// with a stroke between them, or in one only.
func noticeIn(notice string, l language) string {
	said, inEnglish, both := strings.Cut(notice, " / ")
	if both && l == english {
		said = inEnglish
	}
	return strings.TrimSpace(strings.ReplaceAll(said, "`", "”"))
}

// bothWays shows a text by the switch of the page.
func bothWays(inDanish, inEnglish string) template.HTML {
	return template.HTML(`<span class="da" lang="da">` + template.HTMLEscapeString(inDanish) +
		`</span><span class="en" lang="en">` + template.HTMLEscapeString(inEnglish) + `</span>`)
}

func speakingBoth() (template.FuncMap, error) {
	da, err := readTexts(danish)
	if err != nil {
		return nil, err
	}
	en, err := readTexts(english)
	if err != nil {
		return nil, err
	}
	t := func(key string, args ...any) (template.HTML, error) {
		inDanish, err := da.say(key, args...)
		if err != nil {
			return "", err
		}
		inEnglish, err := en.say(key, args...)
		if err != nil {
			return "", err
		}
		return bothWays(inDanish, inEnglish), nil
	}
	return template.FuncMap{
		"t":     t,
		"plain": da.say,
		"say":   func(key string, args []any) (template.HTML, error) { return t(key, args...) },
		"theme": func(id string) (template.HTML, error) {
			if da["theme "+id] == "" {
				return template.HTML(template.HTMLEscapeString(id)), nil
			}
			return t("theme " + id)
		},
		"sign": func(name string) (template.HTML, error) {
			if da["sign "+name] == "" {
				return template.HTML(template.HTMLEscapeString(name)), nil
			}
			return t("sign " + name)
		},
		"notice": func(s string) template.HTML { return bothWays(noticeIn(s, danish), noticeIn(s, english)) },
		"lang":   func() language { return danish },
	}, nil
}
