package exchange

import (
	"archive/zip"
	"cmp"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"lydhor/pipeline"
	"strings"
	"unicode/utf8"
)

// The parts of a REFI-QDA project that we write (QDA-XML 1.0, 18 March 2019).
type (
	qdaProject struct {
		XMLName xml.Name    `xml:"urn:QDA-XML:project:1.0 Project"`
		Name    string      `xml:"name,attr"`
		Origin  string      `xml:"origin,attr"`
		User    string      `xml:"creatingUserGUID,attr"`
		Users   []qdaNamed  `xml:"Users>User"`
		Codes   *qdaCodes   `xml:"CodeBook>Codes"`
		Sources []qdaSource `xml:"Sources>TextSource"`
	}
	qdaNamed struct {
		GUID string `xml:"guid,attr"`
		Name string `xml:"name,attr"`
	}
	qdaCodes struct {
		Codes []qdaCode `xml:"Code"`
	}
	qdaCode struct {
		qdaNamed
		Codable bool `xml:"isCodable,attr"`
	}
	qdaSource struct {
		qdaNamed
		Path       string         `xml:"plainTextPath,attr"`
		Selections []qdaSelection `xml:"PlainTextSelection"`
	}
	qdaSelection struct {
		qdaNamed
		Start       int         `xml:"startPosition,attr"`
		End         int         `xml:"endPosition,attr"`
		User        string      `xml:"creatingUser,attr"`
		Description string      `xml:"Description,omitempty"`
		Codings     []qdaCoding `xml:"Coding"`
	}
	qdaCoding struct {
		GUID string `xml:"guid,attr"`
		User string `xml:"creatingUser,attr"`
		Code struct {
			Target string `xml:"targetGUID,attr"`
		} `xml:"CodeRef"`
	}
)

// WriteQDPX writes t as a REFI-QDA project, which ATLAS.ti, MAXQDA, NVivo and QualCoder
// open: the turns as a text, one to a line, and every code and outcome on its turn.
// Positions count Unicode code points. The same transcript always gives the same file.
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
	part, err = zw.Create("Sources/" + project.Sources[0].GUID + ".txt")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return err
	}
	return zw.Close()
}

// qdaOf lays the turns out as text and puts the codes where they stand in it.
func qdaOf(t *pipeline.Transcript) (string, *qdaProject) {
	user := qdaNamed{guid(t.ID, "user"), "Lydhør"}
	source := qdaSource{qdaNamed: qdaNamed{guid(t.ID, "source"), cmp.Or(t.Title, t.ID, "Lydhør")}}
	source.Path = "internal://" + source.GUID + ".txt"
	project := &qdaProject{Name: source.Name, Origin: "Lydhør", User: user.GUID, Users: []qdaNamed{user}}
	var text strings.Builder
	var at int // code points written
	write := func(s string) {
		text.WriteString(s)
		at += utf8.RuneCountInString(s)
	}
	codes := map[string]string{}
	for _, turn := range t.Turns {
		write(fmt.Sprintf("[%s] %s (%s): ", clock(turn.Start), oneLine(turn.Speaker), cmp.Or(string(turn.Role), string(pipeline.Unknown))))
		selection := qdaSelection{qdaNamed: qdaNamed{guid(t.ID, "turn", turn.N), fmt.Sprint("turn ", turn.N)}, Start: at, User: user.GUID, Description: turn.Note}
		write(strings.ToValidUTF8(oneLine(turn.Text), "\ufffd"))
		selection.End = at
		write("\n")
		for _, code := range codesOf(turn) {
			if codes[code] == "" {
				codes[code] = guid("code", code)
				if project.Codes == nil {
					project.Codes = new(qdaCodes)
				}
				project.Codes.Codes = append(project.Codes.Codes, qdaCode{qdaNamed{codes[code], code}, true})
			}
			coding := qdaCoding{GUID: guid(t.ID, turn.N, code), User: user.GUID}
			coding.Code.Target = codes[code]
			selection.Codings = append(selection.Codings, coding)
		}
		if len(selection.Codings) > 0 {
			source.Selections = append(source.Selections, selection)
		}
	}
	project.Sources = []qdaSource{source}
	return text.String(), project
}

// guid makes the same identifier of the same parts: a UUID of version 5 (RFC 9562).
func guid(parts ...any) string {
	h := sha1.Sum(fmt.Append([]byte("lydhor"), parts...))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
