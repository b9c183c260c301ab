package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"lydhor/pipeline"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exported has an overlap, a pause, quotes, a word without length, and two turns of one
// speaker that claim the same second.
func exported() *pipeline.Transcript {
	return &pipeline.Transcript{ID: "d01", Kind: pipeline.Conversation, Language: "da", Turns: []pipeline.Turn{
		{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(0, 1), Text: "Hvad siger du?"},
		{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(0.8, 3), Text: "\"Øl\",\nog <ro>.", Codes: []pipeline.Code{pipeline.CitizenMeaning, pipeline.LabourMarketPerspective},
			Outcome: pipeline.Overridden, OutcomeTurn: 3, Note: "=1+1", Words: []pipeline.Word{{Span: pipeline.FromSeconds(0.8, 1.2), Text: "\"Øl\","}, {Span: pipeline.FromSeconds(2, 2), Text: "og"}, {Span: pipeline.FromSeconds(2, 3), Text: "<ro>."}}},
		{N: 3, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(3, 4), Text: "Næste felt.", Codes: []pipeline.Code{pipeline.Institutional}},
		{N: 4, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(3.5, 4), Text: "Helbred."},
	}}
}

func TestWriteTextGrid(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTextGrid(&b, exported()); err != nil {
		t.Fatal(err)
	}
	// Turn 4 begins where turn 3 ends and, having no time left, lasts a millisecond.
	for _, want := range []string{
		"xmax = 4.001\ntiers? <exists>\nsize = 5\n",
		"        name = \"S1\"\n        xmin = 0\n        xmax = 4.001\n        intervals: size = 4\n",
		"        intervals [2]:\n            xmin = 1\n            xmax = 3\n            text = \"\"\n",
		"            xmin = 4\n            xmax = 4.001\n            text = \"Helbred.\"\n",
		"            xmin = 0.8\n            xmax = 3\n            text = \"\"\"Øl\"\", og <ro>.\"\n",
		"        name = \"S2 words\"",
		"            xmin = 2\n            xmax = 2.001\n            text = \"og\"\n",
		"            text = \"citizen_meaning; labour_market_perspective; overridden\"\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got no %q in:\n%s", want, b.String())
		}
	}
}

func TestWriteEAF(t *testing.T) {
	var b bytes.Buffer
	if err := WriteEAF(&b, exported()); err != nil {
		t.Fatal(err)
	}
	var doc eafDocument
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tier := range doc.Tiers {
		for _, a := range tier.Annotations {
			if a.Aligned != nil {
				got[a.Aligned.ID] = tier.ID + ": " + a.Aligned.Value
			} else {
				got[a.Ref.ID] = tier.ID + " of " + a.Ref.Of + ": " + a.Ref.Value
			}
		}
	}
	want := map[string]string{
		"a1": "S1: Hvad siger du?", "a2": `S2: "Øl", og <ro>.`, "a3": "S1: Næste felt.", "a4": "S1: Helbred.",
		"c2": "S2 codes of a2: citizen_meaning; labour_market_perspective; overridden", "c3": "S1 codes of a3: institutional",
		"w2-1": `S2 words: "Øl",`, "w2-2": "S2 words: og", "w2-3": "S2 words: <ro>.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("annotations differ (-want +got):\n%s", diff)
	}
}

// ELAN's own schema is the referee.
func TestEAFIsValid(t *testing.T) {
	schema := needSchema(t, "../../../shared/formats/elan/EAFv3.0.xsd")
	for _, tr := range []*pipeline.Transcript{{}, exported()} {
		var b bytes.Buffer
		if err := WriteEAF(&b, tr); err != nil {
			t.Fatal(err)
		}
		validate(t, schema, b.Bytes())
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, exported()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2", "0.800", "3.000", "S2", "citizen", "\"Øl\",\nog <ro>.", "citizen_meaning labour_market_perspective", "overridden", "3", " =1+1"}
	if diff := cmp.Diff(want, rows[2]); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
}

func FuzzExports(f *testing.F) {
	f.Add("S1", "Ja \"nej\"\n", 0.0, 1.0, "S1", "=2", 0.5, 0.5)
	f.Add("", "", 0.0, 0.0, "S2", "\x00\xff</ANNOTATION>", 1e6, 2e6)
	f.Fuzz(func(t *testing.T, speaker1, text1 string, start1, end1 float64, speaker2, text2 string, start2, end2 float64) {
		if !(0 <= start1 && start1 <= end1 && end1 < 1e7) || !(start1 <= start2 && start2 <= end2 && end2 < 1e7) {
			t.Skip("no times a transcript can have")
		}
		tr := &pipeline.Transcript{Turns: []pipeline.Turn{
			{N: 1, Speaker: speaker1, Span: pipeline.FromSeconds(start1, end1), Text: text1, Codes: []pipeline.Code{"x"}},
			{N: 2, Speaker: speaker2, Span: pipeline.FromSeconds(start2, end2), Text: text2, Words: []pipeline.Word{{Span: pipeline.FromSeconds(start2, end2), Text: text2}}},
		}}
		var eaf, grid, table bytes.Buffer
		if err := WriteEAF(&eaf, tr); err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(eaf.Bytes(), new(eafDocument)); err != nil {
			t.Errorf("read ELAN document again: %v", err)
		}
		if err := WriteTextGrid(&grid, tr); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(grid.String(), `"`); n%2 != 0 {
			t.Errorf("got %d quotes in the TextGrid, want an even number", n)
		}
		if err := WriteCSV(&table, tr); err != nil {
			t.Fatal(err)
		}
		if rows, err := csv.NewReader(&table).ReadAll(); err != nil || len(rows) != 3 {
			t.Errorf("got %d rows and error %v from the table, want 3", len(rows), err)
		}
		var project bytes.Buffer
		if err := WriteQDPX(&project, tr); err != nil {
			t.Fatal(err)
		}
		readQDPX(t, project.Bytes())
		for _, tier := range named(tiersOf(tr)) {
			at := time.Duration(0)
			for _, m := range filled(tier.Marks, time.Hour*1e4) {
				if m.Start != at || m.End <= m.Start {
					t.Fatalf("got %v after %v, want tiers without gaps and overlaps", m.Span, at)
				}
				at = m.End
			}
		}
	})
}
