package score

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// An Utterance is what one speaker says at one go, as a file of transcripts has it. Trn
// files know the ID only, the others Session (one recording), Speaker and Start, in seconds.
type Utterance struct {
	ID, Session, Speaker string
	Start                float64
	Text                 string
}

// A LineError says which line of a file cannot be read, and why.
type LineError struct {
	Format string
	Line   int
	Reason string
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s line %d: %s", e.Format, e.Line, e.Reason)
}

// ReadTRN reads sclite's transcripts: a line is a text and its id in brackets. Lines that
// begin with ;; are comments. Ids differ, whatever their case, and come out in lower case.
func ReadTRN(r io.Reader) ([]Utterance, error) {
	var all []Utterance
	first := map[string]int{}
	err := eachLine(r, func(n int, line string) error {
		open := strings.LastIndexByte(line, '(')
		if open < 0 || !strings.HasSuffix(line, ")") || open+2 == len(line) {
			return &LineError{"trn", n, "no (id) at the end of the line"}
		}
		id := strings.ToLower(line[open+1 : len(line)-1])
		if first[id] > 0 {
			return &LineError{"trn", n, fmt.Sprintf("id %q stands in line %d already", id, first[id])}
		}
		first[id] = n
		all = append(all, Utterance{ID: id, Text: line[:open]})
		return nil
	})
	return all, err
}

// TRNOptions says what the words of a trn file are. What follows a semicolon in a word, and
// a star at its end, are tags of sclite's and always go.
type TRNOptions struct {
	Normaliser Normaliser
	Fragments  bool // "ha-" is right for every word that begins so, as sclite -F has it
	Optional   bool // "(word)" may be left out, as sclite -D has it
}

// arcs gives the words of what stands between two spaces, not linked to any others.
func (o TRNOptions) arcs(token string) []arc {
	optional := o.Optional && len(token) > 2 && token[0] == '(' && token[len(token)-1] == ')'
	if optional {
		token = token[1 : len(token)-1]
	}
	var arcs []arc
	for _, w := range o.Normaliser.Words(untag(token)) {
		fragment := o.Fragments && len(w) > 1 && (w[0] == '-' || w[len(w)-1] == '-')
		arcs = append(arcs, arc{word: w, optional: optional, fragment: fragment})
	}
	return arcs
}

// untag cuts a word at its first semicolon; a backslash makes the next letter an ordinary one.
func untag(token string) string {
	var b strings.Builder
	escaped := false
	for _, r := range token {
		if r == ';' && !escaped {
			break
		}
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		b.WriteRune(r)
	}
	if word := b.String(); len(word) > 1 {
		return strings.TrimSuffix(word, "*")
	}
	return b.String()
}

// ReadSTM reads NIST's segment time marks: a line is session, channel, speaker, start, end,
// a label in angle brackets that may be missing, and a text that may be empty. Lines that
// begin with ;; are comments. Utterances come out sorted by session and start.
func ReadSTM(r io.Reader) ([]Utterance, error) {
	var all []Utterance
	err := eachLine(r, func(n int, line string) error {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			return &LineError{"stm", n, fmt.Sprintf("%d fields: session channel speaker start end text are needed", len(fields))}
		}
		start, errStart := strconv.ParseFloat(fields[3], 64)
		_, errEnd := strconv.ParseFloat(fields[4], 64)
		if err := cmp.Or(errStart, errEnd); err != nil {
			return &LineError{"stm", n, err.Error()}
		}
		words := fields[5:]
		if len(words) > 0 && strings.HasPrefix(words[0], "<") && strings.HasSuffix(words[0], ">") {
			words = words[1:]
		}
		all = append(all, Utterance{Session: fields[0], Speaker: fields[2], Start: start, Text: strings.Join(words, " ")})
		return nil
	})
	return byTime(all), err
}

// ReadSegLST reads meeteval's segments: a JSON list of objects with session_id, speaker,
// start_time and words. Utterances come out sorted by session and start.
func ReadSegLST(r io.Reader) ([]Utterance, error) {
	var segments []struct {
		Session string      `json:"session_id"`
		Speaker string      `json:"speaker"`
		Start   json.Number `json:"start_time"`
		Words   string      `json:"words"`
	}
	if err := json.NewDecoder(r).Decode(&segments); err != nil {
		return nil, fmt.Errorf("read seglst: %w", err)
	}
	all := make([]Utterance, len(segments))
	for i, s := range segments {
		start, err := s.Start.Float64()
		if err != nil && s.Start != "" {
			return nil, fmt.Errorf("read seglst: segment %d: %w", i+1, err)
		}
		all[i] = Utterance{Session: s.Session, Speaker: s.Speaker, Start: start, Text: s.Words}
	}
	return byTime(all), nil
}

func byTime(all []Utterance) []Utterance {
	slices.SortStableFunc(all, func(a, b Utterance) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Start, b.Start))
	})
	return all
}

// eachLine calls do for every line that is neither empty nor a comment, numbered from 1 and
// trimmed, until one is wrong.
func eachLine(r io.Reader, do func(n int, line string) error) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ";;") {
			continue
		}
		if err := do(n, line); err != nil {
			return err
		}
	}
	return nil
}
