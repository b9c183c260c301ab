package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.csv", b.Bytes())
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"5", "9.000", "10.000", "S2", "citizen", "'=1+1 er to", "citizen_meaning", "", "open", "", ""}
	if diff := cmp.Diff(want, rows[5]); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
}

// cells reads the sheet of a workbook: numbers as they stand, texts with a quote in front.
func cells(t *testing.T, data []byte) [][]string {
	t.Helper()
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Type  string `xml:"t,attr"`
				Value string `xml:"v"`
				Text  string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal(zipPart(t, data, "sheet1.xml"), &sheet); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, r := range sheet.Rows {
		var row []string
		for _, c := range r.Cells {
			if c.Type == "inlineStr" {
				c.Value = `"` + c.Text
			}
			row = append(row, c.Value)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestWriteXLSX(t *testing.T) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, sample()); err != nil {
		t.Fatal(err)
	}
	want := []string{"5", "9.000", "10.000", `"S2`, `"citizen`, `"=1+1 er to`, `"citizen_meaning`, "", `"open`, "", ""}
	if diff := cmp.Diff(want, cells(t, b.Bytes())[5]); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
}

func TestXLSXTextLongerThanACellGoesOnBelow(t *testing.T) {
	long := strings.Repeat("å", cellLetters-1) + "🙂slut" // the emoji counts as two letters
	var b bytes.Buffer
	if err := WriteXLSX(&b, &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Speaker: "S1", Text: long}}}); err != nil {
		t.Fatal(err)
	}
	rows := cells(t, b.Bytes())
	if len(rows) != 3 || rows[2][0] != "1" || rows[2][5] != `"🙂slut` {
		t.Errorf("got %d rows, the last %q, want 3 and one of turn 1 with what is left", len(rows), rows[len(rows)-1])
	}
}

func TestWriteDOCX(t *testing.T) {
	var b bytes.Buffer
	if err := WriteDOCX(&b, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.docx.xml", bytes.ReplaceAll(zipPart(t, b.Bytes(), "document.xml"), []byte("</w:p>"), []byte("</w:p>\n")))
	for _, name := range []string{"Content_Types].xml", "_rels/.rels", "document.xml.rels", "styles.xml"} {
		dec := xml.NewDecoder(bytes.NewReader(zipPart(t, b.Bytes(), name)))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
