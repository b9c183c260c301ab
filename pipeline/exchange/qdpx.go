package exchange

import (
	"archive/zip"
	"cmp"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"lydhor/pipeline"
)

// The parts of a REFI-QDA project that we read and write, in the order the schema wants
// them (QDA-XML 1.0, 18 March 2019).
type (
	qdaProject struct {
		XMLName   xml.Name     `xml:"urn:QDA-XML:project:1.0 Project"`
		Name      string       `xml:"name,attr"`
		Origin    string       `xml:"origin,attr"`
		User      string       `xml:"creatingUserGUID,attr,omitempty"`
		Created   string       `xml:"creationDateTime,attr,omitempty"`
		Base      string       `xml:"basePath,attr"` // where relative paths begin: empty, but QualCoder wants it
		Users     []qdaNamed   `xml:"Users>User"`
		CodeBook  *qdaCodeBook `xml:"CodeBook"`
		Variables []qdaColumn  `xml:"Variables>Variable"`
		Cases     *qdaCases    `xml:"Cases"`
		Sources   qdaSources   `xml:"Sources"`
		Links     *qdaLinks    `xml:"Links"`
	}
	qdaCodeBook struct {
		Codes []qdaCode `xml:"Codes>Code"`
	}
	qdaCases struct {
		Cases []qdaCase `xml:"Case"`
	}
	qdaLinks struct {
		Links []qdaLink `xml:"Link"`
	}
	qdaNamed struct {
		GUID string `xml:"guid,attr"`
		Name string `xml:"name,attr"`
	}
	qdaCode struct {
		qdaNamed
		Codable bool      `xml:"isCodable,attr"`
		Under   []qdaCode `xml:"Code"`
	}
	qdaColumn struct {
		qdaNamed
		Type string `xml:"typeOfVariable,attr"`
	}
	qdaCase struct {
		qdaNamed
		Values []qdaValue `xml:"VariableValue"`
	}
	qdaValue struct {
		Variable qdaTarget `xml:"VariableRef"`
		Text     string    `xml:"TextValue"`
	}
	qdaTarget struct {
		GUID string `xml:"targetGUID,attr"`
	}
	qdaSources struct {
		Texts []qdaText  `xml:"TextSource"`
		Audio []qdaMedia `xml:"AudioSource"`
		Video []qdaMedia `xml:"VideoSource"`
	}
	qdaText struct {
		qdaNamed
		Path       string         `xml:"plainTextPath,attr,omitempty"`
		User       string         `xml:"creatingUser,attr,omitempty"`
		Created    string         `xml:"creationDateTime,attr,omitempty"`
		Content    string         `xml:"PlainTextContent,omitempty"`
		Selections []qdaSelection `xml:"PlainTextSelection"`
		Values     []qdaValue     `xml:"VariableValue"`
	}
	qdaSelection struct {
		qdaNamed
		Start       int         `xml:"startPosition,attr"`
		End         int         `xml:"endPosition,attr"`
		User        string      `xml:"creatingUser,attr,omitempty"`
		Created     string      `xml:"creationDateTime,attr,omitempty"`
		Description string      `xml:"Description,omitempty"`
		Codings     []qdaCoding `xml:"Coding"`
	}
	qdaCoding struct {
		GUID    string    `xml:"guid,attr"`
		User    string    `xml:"creatingUser,attr,omitempty"`
		Created string    `xml:"creationDateTime,attr,omitempty"`
		Code    qdaTarget `xml:"CodeRef"`
	}
	qdaMedia struct {
		qdaNamed
		Path        string          `xml:"path,attr,omitempty"`
		User        string          `xml:"creatingUser,attr,omitempty"`
		Created     string          `xml:"creationDateTime,attr,omitempty"`
		Transcripts []qdaTranscript `xml:"Transcript"`
	}
	qdaTranscript struct {
		qdaNamed
		Path       string         `xml:"plainTextPath,attr,omitempty"`
		User       string         `xml:"creatingUser,attr,omitempty"`
		Created    string         `xml:"creationDateTime,attr,omitempty"`
		Content    string         `xml:"PlainTextContent,omitempty"`
		Points     []qdaPoint     `xml:"SyncPoint"`
		Selections []qdaTimedPart `xml:"TranscriptSelection"`
	}
	qdaPoint struct {
		GUID     string `xml:"guid,attr"`
		Time     int64  `xml:"timeStamp,attr"` // milliseconds
		Position int    `xml:"position,attr"`
	}
	qdaTimedPart struct {
		Name        string      `xml:"name,attr"`
		From        string      `xml:"fromSyncPoint,attr"`
		To          string      `xml:"toSyncPoint,attr"`
		Description string      `xml:"Description"`
		Codings     []qdaCoding `xml:"Coding"`
	}
	qdaLink struct {
		qdaNamed
		Direction string `xml:"direction,attr"`
		Origin    string `xml:"originGUID,attr"`
		Target    string `xml:"targetGUID,attr"`
	}
)

// Names of ours in a project: code groups, variables, and the link to a deciding turn.
const (
	qdaOutcomes = "outcome"
	qdaThemes   = "theme"
	qdaRole     = "role"
	qdaKind     = "kind"
	qdaLanguage = "language"
	qdaDecided  = "decided by"
)

// qdaDate stands wherever programs want to know when: the epoch, so that one transcript
// always gives the same file.
const qdaDate = "1970-01-01T00:00:00Z"

// A Coded is a transcript as one coder coded it, a person or a machine.
type Coded struct {
	Coder string
	*pipeline.Transcript
}

// WriteQDPX writes t as a REFI-QDA project of one text, coded by its analysing run.
func WriteQDPX(w io.Writer, t *pipeline.Transcript) error {
	coder := "Lydhør"
	for _, run := range t.Runs {
		if run.Stage == pipeline.Analyse {
			coder = strings.TrimSpace("Lydhør " + cmp.Or(run.Model, run.Code))
		}
	}
	return WriteProject(w, cmp.Or(t.Title, t.ID, "Lydhør"), []Coded{{coder, t}})
}

// WriteProject writes a REFI-QDA project, which ATLAS.ti, MAXQDA, NVivo and QualCoder open.
// It has for every transcript a text with a turn to a line, "[clock] speaker (role): text",
// and every code and outcome on the text of its turn, the note as the selection's
// description; a link from a turn to the one that decides its outcome; a case for every
// speaker; and an audio source with the same text, where two sync points tell each line's
// start and end. Every coder is a user; transcripts of the same ID and the same text are
// one text that several users coded.
//
// Positions count Unicode code points, as ATLAS.ti's own exports do; a program that counts
// UTF-16 units is off by one behind every emoji. It cannot carry words, probabilities,
// evidence, confidence, music, runs and the rest of the head, line breaks within a turn, nor the
// sound: the project says where it was, "relative:///ID.wav".
func WriteProject(w io.Writer, name string, all []Coded) error {
	p := newQDAWriter(name)
	for _, c := range all {
		p.transcript(c)
	}
	zw := zip.NewWriter(w)
	part, err := zw.Create("project.qde")
	if err != nil {
		return err
	}
	p.project.dropEmpty()
	if _, err := io.WriteString(part, xml.Header); err != nil {
		return err
	}
	if err := xml.NewEncoder(part).Encode(p.project); err != nil {
		return err
	}
	for i, text := range p.texts {
		part, err := zw.Create("Sources/" + p.project.Sources.Texts[i].GUID + ".txt")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, text); err != nil {
			return err
		}
	}
	return zw.Close()
}

// A qdaWriter makes a project of transcripts.
type qdaWriter struct {
	project *qdaProject
	texts   []string             // of the text sources
	ids     map[[2]string]string // GUID of codes by group and name, and of the rest by what it is and name
}

func newQDAWriter(name string) *qdaWriter {
	p := newQDAProject()
	p.Name, p.Origin, p.Created = name, "Lydhør", qdaDate
	return &qdaWriter{project: p, ids: map[[2]string]string{}}
}

// transcript adds a transcript, or what its coder adds to a text that is there.
func (w *qdaWriter) transcript(c Coded) {
	name := cmp.Or(c.ID, "Lydhør")
	text := w.layOut(c)
	w.project.User = cmp.Or(w.project.User, text.user)
	for i, other := range w.project.Sources.Texts {
		if other.Name == name && w.texts[i] == text.String() {
			source := &w.project.Sources.Texts[i]
			source.Selections = append(source.Selections, text.selections...)
			return
		}
	}
	id := func(what string) string { return guid(c.ID, len(w.texts), what) }
	source := qdaText{qdaNamed: qdaNamed{id("source"), name}, Path: internal + id("source") + ".txt", User: text.user, Created: qdaDate, Selections: text.selections}
	source.value(w.variable(qdaKind), string(c.Kind))
	source.value(w.variable(qdaLanguage), c.Language)
	file := name + ".wav"
	transcript := qdaTranscript{qdaNamed: qdaNamed{id("transcript"), file + " transcript"}, Path: source.Path, User: text.user, Created: qdaDate, Points: text.points}
	w.project.Sources.Texts = append(w.project.Sources.Texts, source)
	w.project.Sources.Audio = append(w.project.Sources.Audio, qdaMedia{qdaNamed: qdaNamed{id("audio"), file},
		Path: "relative:///" + url.PathEscape(file), User: text.user, Created: qdaDate, Transcripts: []qdaTranscript{transcript}})
	w.texts = append(w.texts, text.String())
	for _, turn := range c.Turns {
		w.speaker(c.ID, turn)
	}
}

// once gives the GUID of a thing and says whether it is new to the project.
func (w *qdaWriter) once(what, name string) (id string, isNew bool) {
	key := [2]string{what, name}
	if id := w.ids[key]; id != "" {
		return id, false
	}
	w.ids[key] = guid(what, name)
	return w.ids[key], true
}

// variable gives the GUID of a text variable.
func (w *qdaWriter) variable(name string) string {
	id, isNew := w.once("a variable", name)
	if isNew {
		w.project.Variables = append(w.project.Variables, qdaColumn{qdaNamed{id, name}, "Text"})
	}
	return id
}

func (s *qdaText) value(variable, text string) {
	if text != "" {
		s.Values = append(s.Values, qdaValue{qdaTarget{variable}, text})
	}
}

// speaker adds a case for the speaker of a turn; labels are local to a recording.
func (w *qdaWriter) speaker(recording string, turn pipeline.Turn) {
	name := strings.TrimSpace(recording + " " + turn.Speaker)
	id, isNew := w.once("a case", name)
	if isNew {
		role := qdaValue{qdaTarget{w.variable(qdaRole)}, string(turn.Role)}
		w.project.Cases.Cases = append(w.project.Cases.Cases, qdaCase{qdaNamed{id, name}, []qdaValue{role}})
	}
}

// user gives the GUID of a coder.
func (w *qdaWriter) user(name string) string {
	id, isNew := w.once("a user", name)
	if isNew {
		w.project.Users = append(w.project.Users, qdaNamed{id, name})
	}
	return id
}

// code gives the GUID of a code; group is "" or the name of the code it stands under.
func (w *qdaWriter) code(group, name string) string {
	id, isNew := w.once("a code of "+group, name)
	if isNew {
		list := &w.project.CodeBook.Codes
		if group != "" {
			list = w.group(group)
		}
		*list = append(*list, qdaCode{qdaNamed: qdaNamed{id, name}, Codable: true})
	}
	return id
}

func (w *qdaWriter) group(name string) *[]qdaCode {
	id, isNew := w.once("a group", name)
	codes := &w.project.CodeBook.Codes
	if isNew {
		*codes = append(*codes, qdaCode{qdaNamed: qdaNamed{id, name}})
	}
	i := slices.IndexFunc(*codes, func(c qdaCode) bool { return c.GUID == id })
	return &(*codes)[i].Under
}

// A qdaLayout is a transcript laid out as text, and what stands where in it.
type qdaLayout struct {
	strings.Builder
	user       string
	selections []qdaSelection
	points     []qdaPoint
	at         int // code points written
}

func (l *qdaLayout) write(s string) {
	s = strings.ToValidUTF8(s, "\ufffd")
	l.WriteString(s)
	l.at += utf8.RuneCountInString(s)
}

// layOut writes the turns, one to a line; a turn's text is selected where it is coded,
// noted or decides an outcome.
func (w *qdaWriter) layOut(c Coded) *qdaLayout {
	l := &qdaLayout{user: w.user(c.Coder)}
	themes := themesOf(c.Transcript)
	deciding := map[int]bool{}
	for _, turn := range c.Turns {
		deciding[turn.OutcomeTurn] = true
	}
	id := func(what string, n int) string { return guid(c.ID, c.Coder, len(w.texts), what, n) }
	for _, turn := range c.Turns {
		l.points = append(l.points, qdaPoint{id("start", turn.N), turn.Start.Milliseconds(), l.at})
		l.write(fmt.Sprintf("[%s] %s (%s): ", clock(turn.Start), oneLine(turn.Speaker), cmp.Or(turn.Role, pipeline.Unknown)))
		s := qdaSelection{qdaNamed: qdaNamed{id("turn", turn.N), fmt.Sprint("turn ", turn.N)},
			Start: l.at, User: l.user, Created: qdaDate, Description: turn.Note}
		l.write(oneLine(turn.Text))
		s.End = l.at
		l.points = append(l.points, qdaPoint{id("end", turn.N), turn.End.Milliseconds(), l.at})
		l.write("\n")
		for _, code := range w.codesOf(turn, themes[turn.N]) {
			s.Codings = append(s.Codings, qdaCoding{id(code, turn.N), l.user, qdaDate, qdaTarget{code}})
		}
		if len(s.Codings) > 0 || turn.Note != "" || deciding[turn.N] {
			l.selections = append(l.selections, s)
		}
		if turn.OutcomeTurn > 0 {
			w.project.Links.Links = append(w.project.Links.Links, qdaLink{qdaNamed{id("link", turn.N), qdaDecided}, "OneWay", s.GUID, id("turn", turn.OutcomeTurn)})
		}
	}
	return l
}

// codesOf gives the GUIDs of a turn's codes, themes and outcome.
func (w *qdaWriter) codesOf(turn pipeline.Turn, themes []string) []string {
	var ids []string
	for _, code := range turn.Codes {
		ids = append(ids, w.code("", string(code)))
	}
	for _, theme := range themes {
		ids = append(ids, w.code(qdaThemes, theme))
	}
	if turn.Outcome != "" {
		ids = append(ids, w.code(qdaOutcomes, string(turn.Outcome)))
	}
	return ids
}

func newQDAProject() *qdaProject {
	return &qdaProject{CodeBook: new(qdaCodeBook), Cases: new(qdaCases), Links: new(qdaLinks)}
}

// dropEmpty leaves out lists with nothing in them, which the schema refuses.
func (p *qdaProject) dropEmpty() {
	if len(p.CodeBook.Codes) == 0 {
		p.CodeBook = nil
	}
	if len(p.Cases.Cases) == 0 {
		p.Cases = nil
	}
	if len(p.Links.Links) == 0 {
		p.Links = nil
	}
}

// guid makes the same identifier of the same parts: a UUID of version 5 (RFC 9562).
func guid(parts ...any) string {
	h := sha1.Sum(fmt.Appendf([]byte("lydhor"), "%q", parts))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
