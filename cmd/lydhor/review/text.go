package review

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
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

// texts is every string of the pages in one language, by its key.
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
	return t, nil
}

// say is the string of key with args put in as fmt does, as plain text.
func (t texts) say(key string, args ...any) (string, error) {
	s, ok := t[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	if len(args) == 0 {
		return s, nil
	}
	return fmt.Sprintf(s, args...), nil
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
		"t":     words.say,
		"plain": words.say,
		"say":   func(key string, args []any) (string, error) { return words.say(key, args...) },
		"lang":  func() language { return l },
	}, nil
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
		return template.HTML(`<span class="da" lang="da">` + template.HTMLEscapeString(inDanish) +
			`</span><span class="en" lang="en">` + template.HTMLEscapeString(inEnglish) + `</span>`), nil
	}
	return template.FuncMap{
		"t":     t,
		"plain": da.say,
		"say":   func(key string, args []any) (template.HTML, error) { return t(key, args...) },
		"lang":  func() language { return danish },
	}, nil
}
