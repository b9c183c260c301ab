package exchange

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"lydhor/pipeline"
)

// A part is one file of a zip.
type part struct{ name, text string }

// writeParts begins a zip (ECMA-376, part 2) with the given files.
func writeParts(w io.Writer, parts ...part) (*zip.Writer, error) {
	zw := zip.NewWriter(w)
	for _, p := range parts {
		f, err := zw.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(f, xml.Header+p.text); err != nil {
			return nil, err
		}
	}
	return zw, nil
}

// Names of the parts of an Office document (ECMA-376, part 1).
const (
	officeTypes  = "http://schemas.openxmlformats.org/package/2006/content-types"
	officeLinks  = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeIs     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	officeSheets = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	officeText   = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	officeIsA    = "application/vnd.openxmlformats-officedocument."
)

// contentTypes says of which type each part is, by pairs of name and type.
func contentTypes(pairs ...string) part {
	var b strings.Builder
	fmt.Fprintf(&b, `<Types xmlns="%s"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`, officeTypes)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<Override PartName="/%s" ContentType="%s%s+xml"/>`, pairs[i], officeIsA, pairs[i+1])
	}
	return part{"[Content_Types].xml", b.String() + "</Types>"}
}

// links says what belongs to a part, by pairs of kind and target.
func links(name string, pairs ...string) part {
	var b strings.Builder
	fmt.Fprintf(&b, `<Relationships xmlns="%s">`, officeLinks)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i/2+1, officeIs, pairs[i], pairs[i+1])
	}
	return part{name, b.String() + "</Relationships>"}
}

// cellLetters is how many letters a cell of Excel holds.
const cellLetters = 32767

// WriteXLSX writes t as a workbook of one sheet: the table of WriteCSV, its numbers as
// numbers and all else as text, so that nothing is taken for a formula. A text longer than
// a cell holds goes on in the row below.
func WriteXLSX(w io.Writer, t *pipeline.Transcript) error {
	zw, err := writeParts(w,
		contentTypes("xl/workbook.xml", "spreadsheetml.sheet.main", "xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
		links("_rels/.rels", "officeDocument", "xl/workbook.xml"),
		part{"xl/workbook.xml", fmt.Sprintf(`<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="turns" sheetId="1" r:id="rId1"/></sheets></workbook>`, officeSheets, officeIs)},
		links("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"))
	if err != nil {
		return err
	}
	f, err := zw.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	fmt.Fprintf(b, `%s<worksheet xmlns="%s"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`, xml.Header, officeSheets)
	writeRow(b, tableHead[:], false)
	themes := themesOf(t)
	for _, turn := range t.Turns {
		for row := tableRow(turn, themes[turn.N]); row != nil; {
			row = writeRow(b, row, true)
		}
	}
	fmt.Fprint(b, `</sheetData></worksheet>`)
	if err := b.Flush(); err != nil {
		return err
	}
	return zw.Close()
}

// numbersIn are the columns of numbers.
var numbersIn = map[string]bool{"turn": true, "start": true, "end": true, "outcome_turn": true}

// writeRow writes a row and gives the row that takes up what its cells do not hold, nil
// for none.
func writeRow(b *bufio.Writer, cells []string, numbers bool) []string {
	var rest []string
	fmt.Fprint(b, "<row>")
	for i, cell := range cells {
		switch {
		case cell == "":
			fmt.Fprint(b, "<c/>")
		case numbers && numbersIn[tableHead[i]]:
			fmt.Fprintf(b, "<c><v>%s</v></c>", cell)
		default:
			at := cut(cell, cellLetters)
			if at < len(cell) {
				if rest == nil {
					rest = make([]string, len(cells))
					rest[0] = cells[0]
				}
				rest[i] = cell[at:]
			}
			fmt.Fprint(b, `<c t="inlineStr"><is><t xml:space="preserve">`)
			xml.EscapeText(b, []byte(cell[:at]))
			fmt.Fprint(b, "</t></is></c>")
		}
	}
	fmt.Fprint(b, "</row>")
	return rest
}

// cut is where the first letters of s end, counted as Excel does in UTF-16 units.
func cut(s string, letters int) int {
	for i, r := range s {
		if letters--; r > 0xffff {
			letters--
		}
		if letters < 0 {
			return i
		}
	}
	return len(s)
}
