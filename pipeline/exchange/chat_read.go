package exchange

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lydhor/pipeline"
)

// ReadCHAT reads a CHAT file. Every utterance is a turn, but in files of WriteCHAT the
// utterances of a turn are put together again. Texts become plain: pauses are written
// "...", fillers and fragments as they sound, letters left out are put in, and the marks of
// overlap, retracing, intonation and voice are dropped, as are explanations in brackets.
// %wor gives the words; %com and other dependent tiers become notes, %mor and %gra are left
// out. Utterances without a time stand where the one before them ends. WriteCHAT's comments
// that head the file or tell of music become what they were; others are left out.
//
// Errors say which line is wrong.
func ReadCHAT(r io.Reader) (*pipeline.Transcript, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("read CHAT file: %w", err)
	}
	c := chatReading{draft: newDraft(), labels: map[string]string{}, roles: map[string]pipeline.Role{},
		texts: map[int][]string{}, numbers: map[int]int{}, decides: map[int]int{}}
	for _, line := range chatLines(decodeText(data)) {
		if err := c.line(line); err != nil {
			return nil, fmt.Errorf("read CHAT file: line %d: %w", line.n, err)
		}
	}
	if !c.begun {
		return nil, fmt.Errorf("read CHAT file: no line @Begin: this is not a CHAT file")
	}
	for _, u := range c.utterances {
		if err := c.utterance(u); err != nil {
			return nil, fmt.Errorf("read CHAT file: line %d: %w", u.n, err)
		}
	}
	for i := range c.Turns {
		turn := &c.Turns[i]
		turn.Text = strings.Join(c.texts[turn.N], " ")
		if number := c.decides[turn.N]; number > 0 {
			turn.OutcomeTurn = c.numbers[number]
		}
	}
	c.draft.roles(c.roles)
	t, err := c.done()
	if err != nil {
		return nil, fmt.Errorf("read CHAT file: %w", err)
	}
	return t, nil
}

// A numbered line, its continuations joined to it.
type chatNumbered struct {
	n    int
	text string
}

func chatLines(text string) []chatNumbered {
	var all []chatNumbered
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n ")
		if line == "" {
			continue
		}
		if len(all) > 0 && line[0] == '\t' {
			all[len(all)-1].text += " " + line[1:]
			continue
		}
		all = append(all, chatNumbered{n, line})
	}
	return all
}

type chatReading struct {
	draft
	begun, ours bool
	labels      map[string]string // by speaker code
	roles       map[string]pipeline.Role
	utterances  []chatUtterance
	texts       map[int][]string // of a turn's utterances, by its place
	numbers     map[int]int      // place of a turn by the number the file gives it
	decides     map[int]int      // number in the file of the turn that decides, by place
	end         time.Duration    // of the utterance before
}

// A chatUtterance is a main line and the tiers that depend on it.
type chatUtterance struct {
	n             int // line
	code, content string
	tiers         []chatTier
}

type chatTier struct{ name, content string }

func (c *chatReading) line(l chatNumbered) error {
	name, content, _ := strings.Cut(l.text[1:], ":")
	content = strings.TrimSpace(content)
	switch l.text[0] {
	case '@':
		c.header(name, content)
	case '*':
		if name == "" || content == "" {
			return fmt.Errorf("an utterance needs a speaker, a colon and what was said")
		}
		c.utterances = append(c.utterances, chatUtterance{n: l.n, code: name, content: content})
	case '%':
		if len(c.utterances) == 0 {
			return fmt.Errorf("%%%s depends on no utterance", name)
		}
		u := &c.utterances[len(c.utterances)-1]
		u.tiers = append(u.tiers, chatTier{name, content})
		c.ours = c.ours || name == chatTurn
	default:
		return fmt.Errorf("a line begins with @, * or %% or, to go on, with a tab")
	}
	return nil
}

func (c *chatReading) header(name, content string) {
	switch name {
	case "Begin":
		c.begun = true
	case "Languages":
		code, _, _ := strings.Cut(content, ",")
		c.Language = code
		for short, long := range chatLanguages {
			if long == code {
				c.Language = short
			}
		}
		if code == "und" {
			c.Language = ""
		}
	case "ID": // language|corpus|code|age|sex|group|SES|role|education|custom|
		f := append(strings.Split(content, "|"), make([]string, 10)...)
		if f[9] != "" {
			c.labels[f[2]] = chatUnescape(f[9])
		}
		role := pipeline.Role(chatUnescape(f[5]))
		if role == "" && (f[7] == "Investigator" || f[7] == "Interviewer") {
			role = pipeline.Researcher
		}
		c.roles[c.label(f[2])] = role
	case "Media":
		file, _, _ := strings.Cut(content, ",")
		c.ID = strings.Trim(file, `" `)
	case "Situation":
		c.Title = content
	case "Comment":
		if kind, ok := strings.CutPrefix(content, "kind: "); ok {
			c.Kind = pipeline.Kind(kind)
		}
		c.Synthetic = c.Synthetic || content == "synthetic"
		if at, ok := strings.CutPrefix(content, "music "); ok && chatBullet.MatchString(at) {
			if span, err := c.span(at); err == nil {
				c.Music = append(c.Music, pipeline.Music{Span: span})
			}
		}
	}
}

func (c *chatReading) label(code string) string {
	if label, ok := c.labels[code]; ok {
		return label
	}
	return code
}

// utterance makes a turn of an utterance, or puts it behind the turn it goes on with.
func (c *chatReading) utterance(u chatUtterance) error {
	span, err := c.span(u.content)
	if err != nil {
		return err
	}
	c.end = span.End
	var words []pipeline.Word
	number := 0
	for _, tier := range u.tiers {
		switch tier.name {
		case "wor", chatAllWord:
			words = append(words, chatWords(tier.content)...)
		case chatTurn:
			if number, err = strconv.Atoi(tier.content); err != nil || number < 1 {
				return fmt.Errorf("%%%s: not the number of a turn", chatTurn)
			}
		}
	}
	text := chatText(u.content, len(words) > 0)
	var turn *pipeline.Turn
	if c.ours && number == 0 && len(c.Turns) > 0 {
		turn = &c.Turns[len(c.Turns)-1]
		turn.End = max(turn.End, span.End)
	} else {
		turn = c.add(pipeline.Turn{Speaker: c.label(u.code), Span: span})
		c.numbers[number] = turn.N
	}
	if text != "" {
		c.texts[turn.N] = append(c.texts[turn.N], text)
	}
	turn.Words = append(turn.Words, words...)
	for _, tier := range u.tiers {
		c.tier(turn, tier)
	}
	return nil
}

var (
	chatBullet   = regexp.MustCompile(`\x15[^\x15]*\x15`)
	chatTimes    = regexp.MustCompile(`(\d+)_(\d+)(?:_[^\x15]*)?\x15$`)
	chatBrackets = regexp.MustCompile(`\[[^\]]*\]`)
	chatSigns    = regexp.MustCompile(`[⌈⌉⌊⌋]\d?|[⇗↗→↘⇘∞≈≋≡↑↓≠∙Ἡ∾↻↫∆∇⁎°▁▔☺♋⁇∬Ϋ∮⤇⤆⁑]`)
	chatMeasured = regexp.MustCompile(`^\(\d*:?\d*\.\d*\)$`)
)

// span is the time of the last bullet; without one, the end of the utterance before.
func (c *chatReading) span(content string) (pipeline.Span, error) {
	bullets := chatBullet.FindAllString(content, -1)
	if len(bullets) == 0 {
		return pipeline.Span{Start: c.end, End: c.end}, nil
	}
	m := chatTimes.FindStringSubmatch(bullets[len(bullets)-1])
	if m == nil {
		return pipeline.Span{}, fmt.Errorf("a bullet without two times")
	}
	start, err1 := strconv.ParseInt(m[1], 10, 64)
	end, err2 := strconv.ParseInt(m[2], 10, 64)
	if err1 != nil || err2 != nil || end < start || end > maxSeconds*1000 {
		return pipeline.Span{}, fmt.Errorf("a bullet from %s to %s milliseconds", m[1], m[2])
	}
	return pipeline.Span{Start: milliseconds(start), End: milliseconds(end)}, nil
}

// chatWords reads a tier of words, each with its bullet and then the mark behind it.
func chatWords(content string) []pipeline.Word {
	var words []pipeline.Word
	for {
		at := chatBullet.FindStringIndex(content)
		part := content
		if at != nil {
			part = content[:at[0]]
		}
		mark, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
		if ending, ok := chatEndings[mark]; ok && len(words) > 0 {
			words[len(words)-1].Text += ending
			part = rest
		}
		if at == nil {
			return words
		}
		var c chatReading
		if span, err := c.span(content[at[0]:at[1]]); err == nil {
			words = append(words, pipeline.Word{Span: span, Text: chatText(part, true)})
		}
		content = content[at[1]:]
	}
}

// chatEndings are the marks that join the word before them.
var chatEndings = map[string]string{
	",": ",", ";": ";", "„": ",", "‡": ",", ".": ".", "?": "?", "!": "!", "(..)": "...",
	"+...": "...", "+..?": "...?", "+!?": "!?", "+/.": "–", "+//.": "–", "+/?": "–?", "+//?": "–?", `+"/.`: ":", `+".`: ".", "+.": ".",
}

// chatText makes plain text of what a main line says. Measured pauses are dropped where the
// words' times tell them.
func chatText(content string, measured bool) string {
	content = chatBullet.ReplaceAllString(content, " ")
	content = chatBrackets.ReplaceAllString(content, " ")
	content = chatSigns.ReplaceAllString(content, "")
	var words []string
	ended := true
	for token := range strings.FieldsSeq(content) {
		ending, ends := chatEndings[token]
		switch {
		case ends && !ended:
			words[len(words)-1] += ending
		case ends || token[0] == '+':
		case token == "(.)" || token == "(...)" || chatMeasured.MatchString(token) && !measured:
			words = append(words, "...")
		case chatMeasured.MatchString(token):
		default:
			if word := chatPlain(token); word != "" {
				words = append(words, word)
			}
		}
		ended = ends || len(words) == 0
	}
	return strings.Join(words, " ")
}

// chatPlain makes a plain word of a token: what is heard, letters left out put in.
func chatPlain(token string) string {
	if token[0] == '0' {
		return ""
	}
	if event, ok := strings.CutPrefix(token, "&="); ok {
		return "[" + strings.NewReplacer("_", " ", ":", " ").Replace(event) + "]"
	}
	if other, ok := strings.CutPrefix(token, "&*"); ok {
		return "[" + strings.Replace(other, ":", ": ", 1) + "]"
	}
	if sound, ok := strings.CutPrefix(token, "&"); ok { // a filler or a fragment
		token = strings.TrimLeft(sound, "-+~")
	}
	if at := strings.IndexByte(token, '@'); at > 0 {
		token = token[:at]
	}
	token = strings.NewReplacer("<", "", ">", "", "(", "", ")", "", ":", "", "^", "", "~", "", "+", "", "*", "", "_", " ", "“", `"`, "”", `"`).Replace(token)
	return chatUnescape(token)
}

// tier puts what a dependent tier says on the turn.
func (c *chatReading) tier(turn *pipeline.Turn, tier chatTier) {
	switch tier.name {
	case "wor", chatAllWord, chatTurn, "mor", "gra":
	case "com":
		c.attach(turn, underNote, tier.content)
	case "cod":
		for code := range strings.FieldsSeq(tier.content) {
			c.code(turn, code)
		}
	default:
		c.attach(turn, "%"+tier.name, chatBullet.ReplaceAllString(tier.content, ""))
	}
}

func (c *chatReading) code(turn *pipeline.Turn, code string) {
	if theme, ok := strings.CutPrefix(code, chatTheme); ok {
		c.attach(turn, underThemes, chatUnescape(theme))
		return
	}
	if outcome, ok := strings.CutPrefix(code, chatOutcome); ok {
		c.attach(turn, underOutcome, chatUnescape(outcome))
		return
	}
	if number, err := strconv.Atoi(strings.TrimPrefix(code, chatDecided)); err == nil && strings.HasPrefix(code, chatDecided) {
		c.decides[turn.N] = number
		return
	}
	c.attach(turn, underCodes, chatUnescape(strings.TrimPrefix(code, "$")))
}
