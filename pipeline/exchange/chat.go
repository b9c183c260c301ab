package exchange

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lydhor/pipeline"
)

// Dependent tiers of ours in a CHAT file, and what the codes on %cod begin with.
const (
	chatTurn    = "xtur" // the turn's number; stands on the first utterance of each turn
	chatAllWord = "xwor" // the words of a turn whose words are not those of its text
	chatTheme   = "$theme:"
	chatOutcome = "$outcome:"
	chatDecided = "$decided:"
)

// shortestPause is the shortest silence between words that is written as a pause.
const shortestPause = 200 * time.Millisecond

// WriteCHAT writes t in the CHAT format of TalkBank, in its variant for conversation
// analysis, where an utterance may end without a mark. A turn is cut into utterances
// behind ".", "?" and "!"; each ends with its time in milliseconds, and where the words'
// times are not known a turn's time is shared out by letters. "+<" begins a turn that
// starts before another ends; "(0.6)" is a measured pause between words, "..." in the text
// is written "(..)". Signs that mean something in CHAT, and digits, are written in their
// full-width forms, curled quotes and ellipses as signs that look like them. %wor holds the words' times, %cod codes, themes, outcome and the number of the
// deciding turn, %com the note. Music is a comment with its time before the first turn that
// begins in it or behind it: it is nobody's utterance.
//
// It cannot carry probabilities, evidence, confidence, runs and the rest of the head, line
// breaks within texts, letters of private use, the signs of conversation analysis (°, ↑, …) where they stand for
// themselves, different roles of one speaker, an ID of other than letters, digits, "-" and
// "_", and languages it has no code for.
func WriteCHAT(w io.Writer, t *pipeline.Transcript) error {
	b := bufio.NewWriter(w)
	speakers := chatHead(b, t)
	themes := themesOf(t)
	var latest time.Duration
	music := t.Music
	for _, turn := range t.Turns {
		for len(music) > 0 && music[0].Start <= turn.Start {
			chatWriteMusic(b, music[0])
			music = music[1:]
		}
		chatWriteTurn(b, speakers[turn.Speaker], turn, turn.Start < latest)
		chatWriteTiers(b, turn, themes[turn.N])
		latest = max(latest, turn.End)
	}
	for _, m := range music {
		chatWriteMusic(b, m)
	}
	fmt.Fprint(b, "@End\n")
	return b.Flush()
}

func chatWriteMusic(b *bufio.Writer, m pipeline.Music) {
	fmt.Fprintf(b, "%s%s\n", chatMusic, bullet(m.Span))
}

// chatHead writes the headers and gives the speakers' codes by label.
func chatHead(b *bufio.Writer, t *pipeline.Transcript) map[string]string {
	codes := map[string]string{}
	used := map[string]bool{}
	var participants, ids []string
	language := cmp.Or(chatLanguages[t.Language], "und")
	for _, turn := range t.Turns {
		if _, known := codes[turn.Speaker]; known {
			continue
		}
		code := chatCode(turn.Speaker, used)
		codes[turn.Speaker] = code
		custom := ""
		if code != turn.Speaker {
			custom = chatEscape(oneLine(turn.Speaker))
		}
		role := cmp.Or(chatRoles[turn.Role], "Unidentified")
		participants = append(participants, code+" "+role)
		ids = append(ids, fmt.Sprintf("@ID:\t%s|lydhor|%s|||%s||%s||%s|\n", language, code, chatEscape(string(turn.Role)), role, custom))
	}
	fmt.Fprintf(b, "@UTF8\n@Begin\n@Languages:\t%s\n@Participants:\t%s\n@Options:\tCA\n%s", language, strings.Join(participants, ", "), strings.Join(ids, ""))
	fmt.Fprintf(b, "@Media:\t%s, audio\n", cmp.Or(strings.Map(mediaLetter, t.ID), "recording"))
	if t.Title != "" {
		fmt.Fprintf(b, "@Situation:\t%s\n", chatLine(t.Title))
	}
	if t.Kind != "" {
		fmt.Fprintf(b, "%s%s\n", chatKind, chatLine(string(t.Kind)))
	}
	if t.Synthetic {
		fmt.Fprintf(b, "%s\n", chatSynthetic)
	}
	return codes
}

const (
	chatKind      = "@Comment:\tkind: "
	chatSynthetic = "@Comment:\tsynthetic"
	chatMusic     = "@Comment:\tmusic "
)

// chatLanguages are ISO 639-3 codes of the languages that are likely.
var chatLanguages = map[string]string{"da": "dan", "en": "eng", "sv": "swe", "no": "nor", "nb": "nob", "de": "deu", "tr": "tur", "ar": "ara", "fo": "fao", "kl": "kal"}

// chatRoles are the participant roles of CHAT's list; the @ID group keeps ours.
var chatRoles = map[pipeline.Role]string{
	pipeline.Citizen: "Participant", pipeline.Professional: "Adult", pipeline.Relative: "Adult", pipeline.Researcher: "Investigator",
	pipeline.Practitioner: "Adult", pipeline.Leader: "Adult",
}

// chatCode makes a speaker code of a label: capital letters, digits and "_", seven at most.
func chatCode(label string, used map[string]bool) string {
	var letters []rune
	for _, r := range strings.ToUpper(label) {
		if ('A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_') && len(letters) < 7 {
			letters = append(letters, r)
		}
	}
	code := string(letters)
	for n := 1; code == "" || used[code]; n++ {
		code = fmt.Sprintf("SP%d", n)
	}
	used[code] = true
	return code
}

func mediaLetter(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
		return r
	}
	return -1
}

// chatLine makes free text fit a line.
func chatLine(s string) string {
	return oneLine(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}

// fullWidth is how far the full-width forms of ASCII lie above it in Unicode.
const fullWidth = 0xfee0

// chatEscape writes signs that mean something in CHAT in their full-width forms, and spaces
// within a code as ␣.
func chatEscape(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("<>[](){}&+@*%$#^=_~\\/|\":.,;?!", r):
			return r + fullWidth
		case r == ' ':
			return '␣'
		}
		return r
	}, chatLine(s))
}

// chatName escapes the name of a code, where "_" may stand.
func chatName(s string) string { return strings.ReplaceAll(chatEscape(s), string('_'+fullWidth), "_") }

// chatLookalikes are written for signs that no word of CHAT may have: quotes that curl, tag
// marks and ellipses.
var chatLookalikes = map[rune]rune{'’': 'ʼ', '‘': 'ʻ', '“': '‟', '”': '″', '„': '⹂', '…': '⋯'}

// chatSpoken writes a word. A number would have to be spelled as it is pronounced, which nobody
// knows here: its digits are full-width as well. A hyphen stands inside words alone.
func chatSpoken(word string) string {
	letters := []rune(chatEscape(word))
	for i, r := range letters {
		switch {
		case '0' <= r && r <= '9', r == '-' && (i == 0 || i == len(letters)-1):
			letters[i] = r + fullWidth
		case chatLookalikes[r] != 0:
			letters[i] = chatLookalikes[r]
		case 0xe000 <= r && r < '!'+fullWidth || r > '~'+fullWidth && r <= 0xffff: // of private use, and such
			letters[i] = '□'
		}
	}
	return string(letters)
}

func chatUnescape(s string) string {
	return strings.Map(func(r rune) rune {
		for sign, written := range chatLookalikes {
			if r == written {
				return sign
			}
		}
		switch {
		case '!'+fullWidth <= r && r <= '~'+fullWidth:
			return r - fullWidth
		case r == '␣':
			return ' '
		}
		return r
	}, s)
}

// chatTokens writes one field of a text: its word, then its comma, semicolon or "...", or
// the mark that ends the utterance.
func chatTokens(field string) (tokens []string, ends bool) {
	switch field {
	case "": // nothing is said
		return []string{"0"}, false
	case "...":
		return []string{"(...)"}, false
	}
	if word, ok := strings.CutSuffix(field, "..."); ok {
		return []string{chatSpoken(word), "(..)"}, false
	}
	last, size := utf8.DecodeLastRuneInString(field)
	word := chatSpoken(field[:len(field)-size])
	if word == "" || !strings.ContainsRune(",;.?!", last) {
		return []string{chatSpoken(field)}, false
	}
	return []string{word, string(last)}, strings.ContainsRune(".?!", last)
}

// chatWriteTurn writes a turn's utterances, each with the words' times where they are
// known, and behind the first the turn's number.
func chatWriteTurn(b *bufio.Writer, code string, turn pipeline.Turn, overlaps bool) {
	fields := strings.Fields(chatLine(turn.Text))
	aligned := len(fields) > 0 && len(turn.Words) == len(fields)
	if len(fields) == 0 {
		fields = []string{""}
	}
	number := fmt.Sprintf("%%%s:\t%d\n", chatTurn, turn.N)
	var line, wor []string
	if overlaps {
		line = []string{"+<"}
	}
	start := turn.Start
	for i, field := range fields {
		tokens, ends := chatTokens(field)
		if aligned {
			if pause := silenceBefore(turn.Words, i); pause >= shortestPause {
				line = append(line, fmt.Sprintf("(%.1f)", pause.Seconds()))
			}
			wor = append(wor, chatWord(turn.Words[i])...)
		}
		line = append(line, tokens...)
		if !ends && i < len(fields)-1 {
			continue
		}
		end := chatCut(turn, fields, i+1, aligned)
		fmt.Fprintf(b, "*%s:\t%s %s\n", code, strings.Join(line, " "), bullet(pipeline.Span{Start: start, End: end}))
		if len(wor) > 0 {
			fmt.Fprintf(b, "%%wor:\t%s\n", strings.Join(wor, " "))
		}
		fmt.Fprint(b, number)
		line, wor, start, number = nil, nil, end, ""
	}
	if !aligned && len(turn.Words) > 0 {
		for _, w := range turn.Words {
			wor = append(wor, chatWord(w)...)
		}
		fmt.Fprintf(b, "%%%s:\t%s\n", chatAllWord, strings.Join(wor, " "))
	}
}

func silenceBefore(words []pipeline.Word, i int) time.Duration {
	if i == 0 {
		return 0
	}
	return words[i].Start - words[i-1].End
}

// chatCut is when field i of a turn begins: with its word, or else by share of letters.
func chatCut(turn pipeline.Turn, fields []string, i int, aligned bool) time.Duration {
	if i == len(fields) {
		return turn.End
	}
	if aligned {
		return min(max(turn.Start, turn.Words[i].Start), turn.End)
	}
	return turn.Start + turn.Dur()*letters(fields[:i])/letters(fields)
}

func letters(fields []string) time.Duration {
	n := 0
	for _, f := range fields {
		n += len(f)
	}
	return time.Duration(n)
}

// chatWord writes a word with its time and then the mark behind it.
func chatWord(w pipeline.Word) []string {
	word := strings.Join(strings.Fields(chatLine(w.Text)), "")
	tokens, _ := chatTokens(word)
	if len(tokens) == 2 && tokens[1] == "(..)" || tokens[0] == "(...)" { // no pause stands among the words
		tokens = []string{chatSpoken(word)}
	}
	return slices.Insert(tokens, 1, bullet(w.Span))
}

// bullet is a time in milliseconds between two characters 15 (hexadecimal).
func bullet(s pipeline.Span) string {
	return fmt.Sprintf("\x15%d_%d\x15", s.Start.Round(time.Millisecond).Milliseconds(), s.End.Round(time.Millisecond).Milliseconds())
}

// chatWriteTiers writes what is said of a turn.
func chatWriteTiers(b *bufio.Writer, turn pipeline.Turn, themes []string) {
	var cod []string
	for _, code := range turn.Codes {
		cod = append(cod, "$"+chatName(string(code)))
	}
	for _, theme := range themes {
		cod = append(cod, chatTheme+chatName(theme))
	}
	if turn.Outcome != "" {
		cod = append(cod, chatOutcome+chatName(string(turn.Outcome)))
	}
	if turn.OutcomeTurn > 0 {
		cod = append(cod, fmt.Sprintf("%s%d", chatDecided, turn.OutcomeTurn))
	}
	if len(cod) > 0 {
		fmt.Fprintf(b, "%%cod:\t%s\n", strings.Join(cod, " "))
	}
	if turn.Note != "" {
		fmt.Fprintf(b, "%%com:\t%s\n", chatLine(turn.Note))
	}
}
