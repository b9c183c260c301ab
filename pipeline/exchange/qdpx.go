package exchange

import (
	"archive/zip"
	"cmp"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
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

// WriteQDPX writes t as a REFI-QDA project, which ATLAS.ti, MAXQDA, NVivo and QualCoder
// open: a text with a turn to a line, "[clock] speaker (role): text", and every code and
// outcome on the text of its turn, the note as the selection's description; a link from a
// turn to the one that decides its outcome; a case for every speaker; and an audio source
// with the same text, where two sync points tell each line's start and end. The user who
// coded is called after the analysing run.
//
// Positions count Unicode code points, as ATLAS.ti's own exports do; a program that counts
// UTF-16 units is off by one behind every emoji. It cannot carry words, probabilities,
// evidence, confidence, runs and the rest of the head, line breaks within a turn, nor the
// sound: the project says where it was, "relative:///ID.wav".
func WriteQDPX(w io.Writer, t *pipeline.Transcript) error {
	text, project := qdaOf(t)
	zw := zip.NewWriter(w)
	part, err := zw.Create("project.qde")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, xml.Header); err != nil {
		return err
	}
	if err := xml.NewEncoder(part).Encode(project); err != nil {
		return err
	}
	part, err = zw.Create("Sources/" + project.Sources.Texts[0].GUID + ".txt")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return err
	}
	return zw.Close()
}

// A qdaWriter lays turns out as text and keeps what stands where.
type qdaWriter struct {
	t       *pipeline.Transcript
	project *qdaProject
	source  *qdaText
	points  []qdaPoint
	codes   map[[2]string]string // GUID by group and name
	text    strings.Builder
	at      int // code points written
}

func qdaOf(t *pipeline.Transcript) (string, *qdaProject) {
	name := cmp.Or(t.ID, "Lydhør")
	user := qdaNamed{guid(t.ID, "user"), qdaCoder(t)}
	project := newQDAProject()
	project.Name, project.Origin, project.Created = cmp.Or(t.Title, name), "Lydhør", qdaDate
	project.User, project.Users = user.GUID, []qdaNamed{user}
	source := qdaText{qdaNamed: qdaNamed{guid(t.ID, "source"), name}, User: user.GUID, Created: qdaDate}
	source.Path = "internal://" + source.GUID + ".txt"
	w := &qdaWriter{t: t, project: project, source: &source, codes: map[[2]string]string{}}
	source.value(w.variable(qdaKind), string(t.Kind))
	source.value(w.variable(qdaLanguage), t.Language)
	deciding := map[int]bool{}
	for _, turn := range t.Turns {
		deciding[turn.OutcomeTurn] = true
	}
	themes := themesOf(t)
	cases := map[string]bool{}
	for _, turn := range t.Turns {
		w.turn(turn, themes[turn.N], deciding[turn.N])
		if !cases[turn.Speaker] {
			cases[turn.Speaker] = true
			role := qdaValue{qdaTarget{w.variable(qdaRole)}, string(turn.Role)}
			project.Cases.Cases = append(project.Cases.Cases, qdaCase{qdaNamed{guid(t.ID, "case", turn.Speaker), turn.Speaker}, []qdaValue{role}})
		}
	}
	project.Sources.Texts = []qdaText{source}
	file := name + ".wav"
	transcript := qdaTranscript{qdaNamed: qdaNamed{guid(t.ID, "transcript"), file + " transcript"}, Path: source.Path, User: user.GUID, Created: qdaDate, Points: w.points}
	project.Sources.Audio = []qdaMedia{{qdaNamed: qdaNamed{guid(t.ID, "audio"), file}, Path: "relative:///" + url.PathEscape(file),
		User: user.GUID, Created: qdaDate, Transcripts: []qdaTranscript{transcript}}}
	project.dropEmpty()
	return w.text.String(), project
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

// qdaCoder names who coded t.
func qdaCoder(t *pipeline.Transcript) string {
	for _, run := range t.Runs {
		if run.Stage == pipeline.Analyse {
			return strings.TrimSpace("Lydhør " + cmp.Or(run.Model, run.Code))
		}
	}
	return "Lydhør"
}

// variable gives the GUID of a text variable, which it adds to the project.
func (w *qdaWriter) variable(name string) string {
	id := guid(w.t.ID, "variable", name)
	for _, v := range w.project.Variables {
		if v.GUID == id {
			return id
		}
	}
	w.project.Variables = append(w.project.Variables, qdaColumn{qdaNamed{id, name}, "Text"})
	return id
}

func (s *qdaText) value(variable, text string) {
	if text != "" {
		s.Values = append(s.Values, qdaValue{qdaTarget{variable}, text})
	}
}

func (w *qdaWriter) write(s string) {
	s = strings.ToValidUTF8(s, "\ufffd")
	w.text.WriteString(s)
	w.at += utf8.RuneCountInString(s)
}

// turn writes a line; its text is selected where it is coded, noted or decides an outcome.
func (w *qdaWriter) turn(turn pipeline.Turn, themes []string, decides bool) {
	w.point(turn.N, "start", turn.Start.Milliseconds())
	w.write(fmt.Sprintf("[%s] %s (%s): ", clock(turn.Start), oneLine(turn.Speaker), cmp.Or(turn.Role, pipeline.Unknown)))
	selection := qdaSelection{qdaNamed: qdaNamed{w.selected(turn.N), fmt.Sprint("turn ", turn.N)},
		Start: w.at, User: w.source.User, Created: qdaDate, Description: turn.Note}
	w.write(oneLine(turn.Text))
	selection.End = w.at
	w.point(turn.N, "end", turn.End.Milliseconds())
	w.write("\n")
	add := func(group, name string) {
		selection.Codings = append(selection.Codings, qdaCoding{guid(w.t.ID, "coding", turn.N, group, name), w.source.User, qdaDate, qdaTarget{w.code(group, name)}})
	}
	for _, code := range turn.Codes {
		add("", string(code))
	}
	for _, theme := range themes {
		add(qdaThemes, theme)
	}
	if turn.Outcome != "" {
		add(qdaOutcomes, string(turn.Outcome))
	}
	if len(selection.Codings) > 0 || turn.Note != "" || decides {
		w.source.Selections = append(w.source.Selections, selection)
	}
	if turn.OutcomeTurn > 0 {
		w.project.Links.Links = append(w.project.Links.Links, qdaLink{qdaNamed{guid(w.t.ID, "link", turn.N), qdaDecided}, "OneWay", selection.GUID, w.selected(turn.OutcomeTurn)})
	}
}

func (w *qdaWriter) selected(turn int) string { return guid(w.t.ID, "turn", turn) }

func (w *qdaWriter) point(turn int, end string, ms int64) {
	w.points = append(w.points, qdaPoint{guid(w.t.ID, "point", turn, end), ms, w.at})
}

// code gives the GUID of a code, which it adds to the codebook; group is "" or the name of
// the code it stands under.
func (w *qdaWriter) code(group, name string) string {
	key := [2]string{group, name}
	if id := w.codes[key]; id != "" {
		return id
	}
	code := qdaCode{qdaNamed: qdaNamed{guid("code", group, name), name}, Codable: true}
	w.codes[key] = code.GUID
	list := &w.project.CodeBook.Codes
	if group != "" {
		list = w.group(group)
	}
	*list = append(*list, code)
	return code.GUID
}

func (w *qdaWriter) group(name string) *[]qdaCode {
	id := guid("group", name)
	for i := range w.project.CodeBook.Codes {
		if w.project.CodeBook.Codes[i].GUID == id {
			return &w.project.CodeBook.Codes[i].Under
		}
	}
	w.project.CodeBook.Codes = append(w.project.CodeBook.Codes, qdaCode{qdaNamed: qdaNamed{id, name}})
	return &w.project.CodeBook.Codes[len(w.project.CodeBook.Codes)-1].Under
}

// guid makes the same identifier of the same parts: a UUID of version 5 (RFC 9562).
func guid(parts ...any) string {
	h := sha1.Sum(fmt.Appendf([]byte("lydhor"), "%q", parts))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
