package exchange

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
)

// ReadQDPX reads the texts of a REFI-QDA project, one transcript each: text sources, and
// transcripts of sound and film that are no text source as well. Every line that is not
// blank is a turn. Lines of WriteQDPX become what they were; in others "Name: text" names
// the speaker. Sync points give the times; without one, a turn takes its time from the
// turn before. A code stands on every turn that its selection touches, and where the
// selection is only a part of the turn, that part is kept as evidence, grouped by the
// coder's name. Where coders disagree about an outcome, the first stands and the other goes
// to the note. Descriptions of selections become notes.
//
// It cannot carry memos, sets, graphs, pictures, PDF and coded stretches of sound or film.
// Errors name the element that is wrong.
func ReadQDPX(r io.ReaderAt, size int64) ([]*pipeline.Transcript, error) {
	files, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("read REFI-QDA project: this is no whole .qdpx file, export the project again: %w", err)
	}
	q := qdaReading{files: files, project: newQDAProject()}
	all, err := q.transcripts()
	if err != nil {
		return nil, fmt.Errorf("read REFI-QDA project: %w", err)
	}
	return all, nil
}

type qdaReading struct {
	files   *zip.Reader
	read    int // bytes of text so far: a small zip may hold a lot
	coded   int // lines that selections touch: a small file may ask for a lot of work
	project *qdaProject
	codes   map[string]qdaCodeName // by GUID
	names   map[string]string      // of users and variables, by GUID
}

// maxCoded is how many lines the selections of a project may touch, all together.
const maxCoded = 1 << 22

type qdaCodeName struct{ group, name string }

func (q *qdaReading) transcripts() ([]*pipeline.Transcript, error) {
	i := slices.IndexFunc(q.files.File, func(f *zip.File) bool { return strings.HasSuffix(strings.ToLower(f.Name), ".qde") })
	if i < 0 {
		return nil, fmt.Errorf("no project.qde in it")
	}
	data, err := q.file(q.files.File[i].Name)
	if err != nil {
		return nil, err
	}
	if err := xml.Unmarshal(data, q.project); err != nil {
		return nil, fmt.Errorf("%s: %w", q.files.File[i].Name, err)
	}
	q.codes, q.names = map[string]qdaCodeName{}, map[string]string{}
	q.codebook("", q.project.CodeBook.Codes)
	for _, u := range q.project.Users {
		q.names[u.GUID] = u.Name
	}
	for _, v := range q.project.Variables {
		q.names[v.GUID] = v.Name
	}
	var all []*pipeline.Transcript
	for _, source := range q.texts() {
		t, err := q.transcript(source)
		if err != nil {
			return nil, fmt.Errorf("source %q: %w", source.Name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// file reads a file of the project, all of them together up to maxText.
func (q *qdaReading) file(name string) ([]byte, error) {
	f, err := q.files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("no %s in it", name)
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if q.read += len(data); q.read > maxText {
		return nil, fmt.Errorf("%s: more than %d MiB of text", name, maxText>>20)
	}
	return data, nil
}

func (q *qdaReading) codebook(group string, codes []qdaCode) {
	for _, c := range codes {
		q.codes[c.GUID] = qdaCodeName{group, c.Name}
		q.codebook(c.Name, c.Under)
	}
}

// A qdaReadable is a text with what is known of it.
type qdaReadable struct {
	qdaText
	points []qdaPoint
	timed  []qdaTimedPart
}

// texts lists the text sources and transcripts of the project; those of the same file are
// one.
func (q *qdaReading) texts() []qdaReadable {
	var all []qdaReadable
	of := map[string]int{}
	for _, s := range q.project.Sources.Texts {
		if s.Path != "" {
			of[s.Path] = len(all)
		}
		all = append(all, qdaReadable{qdaText: s})
	}
	for _, media := range slices.Concat(q.project.Sources.Audio, q.project.Sources.Video) {
		for _, t := range media.Transcripts {
			i, ok := of[t.Path]
			if !ok || t.Path == "" {
				i = len(all)
				named := qdaNamed{t.GUID, cmp.Or(t.Name, media.Name)}
				all = append(all, qdaReadable{qdaText: qdaText{qdaNamed: named, Path: t.Path, Content: t.Content}})
			}
			all[i].points = append(all[i].points, t.Points...)
			all[i].timed = append(all[i].timed, t.Selections...)
		}
	}
	return all
}

// internal is how paths into the zip begin.
const internal = "internal://"

func (q *qdaReading) transcript(source qdaReadable) (*pipeline.Transcript, error) {
	text := source.Content
	if name, ok := strings.CutPrefix(source.Path, internal); ok && text == "" {
		data, err := q.file(q.spelled("Sources/" + name))
		if err != nil {
			return nil, err
		}
		text = decodeText(data)
	}
	d := newDraft()
	d.ID, d.Title = source.Name, q.project.Name
	if d.Title == d.ID {
		d.Title = ""
	}
	for _, v := range source.Values {
		switch q.names[v.Variable.GUID] {
		case qdaKind:
			d.Kind = pipeline.Kind(v.Text)
		case qdaLanguage:
			d.Language = v.Text
		}
	}
	lines, roles := qdaLines(&d, text, source.points)
	selections := slices.Concat(source.Selections, timedSelections(source))
	places := map[string]int{} // number of the turn that a selection begins in
	for _, s := range selections {
		places[s.GUID] = q.selection(&d, lines, s)
		if q.coded > maxCoded {
			return nil, fmt.Errorf("selections touch more than %d lines", maxCoded)
		}
	}
	for _, link := range q.project.Links.Links {
		if from, by := places[link.Origin], places[link.Target]; link.Name == qdaDecided && from > 0 && by > 0 {
			d.Turns[from-1].OutcomeTurn = by
		}
	}
	d.roles(roles)
	return d.done()
}

// spelled finds a file whose folder some programs write small.
func (q *qdaReading) spelled(name string) string {
	for _, f := range q.files.File {
		if strings.EqualFold(f.Name, name) {
			return f.Name
		}
	}
	return name
}

// timedSelections gives the selections of a transcript their places in the text.
func timedSelections(source qdaReadable) []qdaSelection {
	at := map[string]int{}
	for _, p := range source.points {
		at[p.GUID] = p.Position
	}
	var all []qdaSelection
	for _, s := range source.timed {
		all = append(all, qdaSelection{Start: at[s.From], End: at[s.To], Description: s.Description, Codings: s.Codings})
	}
	return all
}

// A qdaLine is where a turn stands in the text, in code points: the line from Line on, its
// words from Start to End.
type qdaLine struct{ line, start, end int }

var (
	qdaOurLine   = regexp.MustCompile(`^\[(\d+):(\d\d):(\d\d)\.(\d{3})\] (.*?) \((` + roleNames() + `)\): (.*)$`)
	qdaNamedLine = regexp.MustCompile(`^([^\s:]+(?: [^\s:]+){0,2}):\s+(.*)$`)
)

func roleNames() string {
	var names []string
	for _, r := range pipeline.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, "|")
}

// qdaLines makes turns of the lines of text, and gives the roles that lines of ours name.
func qdaLines(d *draft, text string, points []qdaPoint) ([]qdaLine, map[string]pipeline.Role) {
	roles := map[string]pipeline.Role{}
	points = slices.SortedStableFunc(slices.Values(points), func(a, b qdaPoint) int { return cmp.Compare(a.Position, b.Position) })
	var lines []qdaLine
	at, now := 0, time.Duration(0)
	for line := range strings.Lines(text) {
		length := len([]rune(line))
		body := strings.TrimRight(line, "\r\n")
		place := qdaLine{line: at, end: at + len([]rune(body))}
		at += length
		if strings.TrimSpace(body) == "" {
			continue
		}
		turn := pipeline.Turn{Span: pipeline.Span{Start: now, End: now}, Text: body}
		if m := qdaOurLine.FindStringSubmatch(body); m != nil {
			turn.Speaker, turn.Text = m[5], m[7]
			roles[turn.Speaker] = pipeline.Role(m[6])
		} else if m := qdaNamedLine.FindStringSubmatch(body); m != nil {
			turn.Speaker, turn.Text = m[1], m[2]
		}
		place.start = place.end - len([]rune(turn.Text))
		for ; len(points) > 0 && points[0].Position <= place.line; points = points[1:] {
			turn.Start = milliseconds(points[0].Time)
		}
		turn.End = turn.Start
		for ; len(points) > 0 && points[0].Position <= place.end; points = points[1:] {
			turn.End = max(turn.Start, milliseconds(points[0].Time))
		}
		now = turn.End
		d.add(turn)
		lines = append(lines, place)
	}
	return lines, roles
}

// milliseconds is the time ms, within what can be meant.
func milliseconds(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), maxSeconds*1000)) * time.Millisecond
}

// selection puts what is said of a stretch of text on the turns it touches, and gives the
// number of the first.
func (q *qdaReading) selection(d *draft, lines []qdaLine, s qdaSelection) int {
	first, _ := slices.BinarySearchFunc(lines, s.Start, func(l qdaLine, at int) int { return cmp.Compare(l.end, at) })
	number := 0
	for i := first; i < len(lines) && (lines[i].line < s.End || lines[i].start == s.Start); i++ {
		q.coded++
		turn := &d.Turns[i]
		if lines[i].end == s.Start && lines[i].start < s.Start {
			continue // begins where the line ends
		}
		part := ""
		if from, to := max(s.Start, lines[i].start), min(s.End, lines[i].end); from < to && (from > lines[i].start || to < lines[i].end) {
			part = string([]rune(turn.Text)[from-lines[i].start : to-lines[i].start])
		}
		for _, c := range s.Codings {
			q.coding(d, turn, c, part)
		}
		if number == 0 {
			number = i + 1
			if s.Description != "" && !slices.Contains(d.notes[turn.N], s.Description) {
				d.attach(turn, underNote, s.Description)
			}
		}
	}
	return number
}

func (q *qdaReading) coding(d *draft, turn *pipeline.Turn, c qdaCoding, part string) {
	code := q.codes[c.Code.GUID]
	key := code.name
	switch {
	case code.name == "":
		return
	case code.group == qdaOutcomes && slices.Contains(pipeline.Outcomes, pipeline.Outcome(code.name)):
		if turn.Outcome != pipeline.Outcome(code.name) {
			d.attach(turn, underOutcome, code.name)
		}
		key = pipeline.OutcomeKey
	case code.group == qdaThemes:
		if !slices.Contains(d.themes[turn.N], code.name) {
			d.attach(turn, underThemes, code.name)
		}
	case !turn.Has(pipeline.Code(code.name)):
		d.attach(turn, underCodes, code.name)
	}
	if part == "" {
		return
	}
	if turn.Evidence == nil {
		turn.Evidence = map[string][]pipeline.Evidence{}
	}
	turn.Evidence[key] = append(turn.Evidence[key], pipeline.Evidence{Group: q.names[c.User], Text: part, Turn: turn.N})
}
