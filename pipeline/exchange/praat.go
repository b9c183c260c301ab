package exchange

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"lydhor/pipeline"
)

// decodeText makes a string of UTF-8, of UTF-16 with a byte order mark, or else of Latin-1.
func decodeText(data []byte) string {
	var order binary.ByteOrder
	switch {
	case len(data) >= 2 && data[0] == 0xfe && data[1] == 0xff:
		order = binary.BigEndian
	case len(data) >= 2 && data[0] == 0xff && data[1] == 0xfe:
		order = binary.LittleEndian
	case utf8.Valid(data):
		return strings.TrimPrefix(string(data), "\ufeff")
	default:
		latin := make([]rune, len(data))
		for i, b := range data {
			latin[i] = rune(b)
		}
		return string(latin)
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return string(utf16.Decode(units))
}

// A praatTier is a tier as it stands in the file, intervals without text left out.
type praatTier struct {
	name  string
	marks []mark
}

// A praatReader reads Praat's text files as Praat does: what counts are numbers, flags in
// <>, and strings in double quotes, where "" is a quote; all other text is for people. So
// the long and the short form are one. After the first error everything reads as nothing.
type praatReader struct {
	text string
	line int
	err  error
}

func (p *praatReader) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// grid reads a whole TextGrid.
func (p *praatReader) grid() []praatTier {
	if kind := p.string(); p.err != nil || !strings.HasPrefix(kind, "ooTextFile") {
		p.err = nil
		p.fail(`no "ooTextFile": this is not a Praat text file`)
		return nil
	}
	if class := p.string(); class != "TextGrid" {
		p.fail("this is another object, not a TextGrid")
	}
	p.number()
	p.number()
	if flag := p.next('<'); flag != "<exists>" {
		return nil
	}
	var tiers []praatTier
	for n := p.count(); n > 0 && p.err == nil; n-- {
		tiers = append(tiers, p.tier())
	}
	return tiers
}

func (p *praatReader) tier() praatTier {
	class := p.string()
	tier := praatTier{name: p.string()}
	p.number()
	p.number()
	for n := p.count(); n > 0 && p.err == nil; n-- {
		start := p.number()
		end := start
		switch class {
		case "IntervalTier":
			end = p.number()
		case "TextTier":
		default:
			p.fail("a tier of another class: use IntervalTier or TextTier")
		}
		text := p.string()
		if end < start || start < 0 || end > maxSeconds {
			p.fail("runs from %v to %v seconds", start, end)
		}
		if text != "" && p.err == nil {
			tier.marks = append(tier.marks, mark{Span: pipeline.FromSeconds(start, end), Text: text})
		}
	}
	return tier
}

// maxSeconds is the longest recording that can be meant: a month.
const maxSeconds = 31 * 24 * 3600

func (p *praatReader) string() string { return p.next('"') }

func (p *praatReader) number() float64 {
	token := p.next('0')
	v, err := strconv.ParseFloat(token, 64)
	if err != nil && p.err == nil {
		p.fail("this is no number")
	}
	return v
}

func (p *praatReader) count() int {
	v := p.number()
	if v < 0 || v != float64(int(v)) {
		p.fail("%v is no count", v)
	}
	return int(v)
}

// next gives the next token of the wanted kind: '"' a string, '<' a flag, '0' a number. A
// token of another kind in its place is an error.
func (p *praatReader) next(want byte) string {
	for p.err == nil {
		p.skipSpace()
		if p.text == "" {
			p.fail("the file ends too early")
			break
		}
		kind := p.text[0]
		switch {
		case kind == '!':
			p.skipLine()
			continue
		case kind == '-' || kind == '+' || '0' <= kind && kind <= '9':
			kind = '0'
		case kind != '"' && kind != '<':
			p.word()
			continue
		}
		if kind != want {
			p.fail("%s is due here", map[byte]string{'"': "a text in quotes", '<': "<exists>", '0': "a number"}[want])
			break
		}
		if kind == '"' {
			return p.quoted()
		}
		return p.word()
	}
	return ""
}

func (p *praatReader) skipSpace() {
	rest := strings.TrimLeftFunc(p.text, unicode.IsSpace)
	p.line += strings.Count(p.text[:len(p.text)-len(rest)], "\n")
	p.text = rest
}

func (p *praatReader) skipLine() {
	_, p.text, _ = strings.Cut(p.text, "\n")
	p.line++
}

// word takes the text up to the next space.
func (p *praatReader) word() string {
	end := strings.IndexFunc(p.text, unicode.IsSpace)
	if end < 0 {
		end = len(p.text)
	}
	word := p.text[:end]
	p.text = p.text[end:]
	return word
}

// quoted takes the string in quotes that the text begins with.
func (p *praatReader) quoted() string {
	var s strings.Builder
	rest := p.text[1:]
	for {
		part, after, ok := strings.Cut(rest, `"`)
		if !ok {
			p.fail("a text in quotes does not end")
			return ""
		}
		s.WriteString(part)
		rest = after
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		s.WriteByte('"')
		rest = rest[1:]
	}
	p.line += strings.Count(s.String(), "\n")
	p.text = rest
	return s.String()
}
