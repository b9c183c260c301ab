package exchange

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func writeQDPX(t *testing.T, tr *pipeline.Transcript) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteQDPX(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipPart reads the first file of a zip whose name ends so.
func zipPart(t *testing.T, data []byte, ending string) []byte {
	t.Helper()
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files.File {
		if !strings.HasSuffix(f.Name, ending) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return part
	}
	t.Fatalf("no file %s", ending)
	return nil
}

// zipped makes a zip of files by name.
func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, text := range files {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readOneQDPX(r io.Reader) (*pipeline.Transcript, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	all, err := ReadQDPX(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func TestWriteQDPX(t *testing.T) {
	data := writeQDPX(t, sample())
	golden(t, "sample.qde", bytes.ReplaceAll(zipPart(t, data, ".qde"), []byte("><"), []byte(">\n<")))
	golden(t, "sample.qdpx.txt", zipPart(t, data, ".txt"))
	if !bytes.Equal(data, writeQDPX(t, sample())) {
		t.Error("got another file for the same transcript")
	}
}

func TestQDPXRoundTrip(t *testing.T) {
	for name, tr := range dialogues(t) {
		got, err := readOneQDPX(bytes.NewReader(writeQDPX(t, tr)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := *tr
		want.Synthetic, want.Music = false, nil
		want.Turns = nil
		for _, turn := range tr.Turns {
			turn.Words = nil
			want.Turns = append(want.Turns, turn)
		}
		same(t, name, &want, got)
	}
}

// REFI's own schema is the referee.
func TestQDPXIsValid(t *testing.T) {
	all := dialogues(t)
	all["empty"], all["awkward"] = &pipeline.Transcript{}, awkward()
	for name, tr := range all {
		valid(t, "refi-qda/Project.xsd", name, zipPart(t, writeQDPX(t, tr), ".qde"))
	}
}

func TestProjectOfTwoCoders(t *testing.T) {
	other := sample()
	other.Turns[0].Codes = []pipeline.Code{"ny"}
	corrected := sample()
	corrected.Turns[0].Text = "Hvad siger du?"
	var b bytes.Buffer
	if err := WriteProject(&b, "Studie", []Coded{{"Lydhør", sample()}, {"Ida", other}, {"Ida", corrected}}); err != nil {
		t.Fatal(err)
	}
	var p qdaProject
	if err := xml.Unmarshal(zipPart(t, b.Bytes(), ".qde"), &p); err != nil {
		t.Fatal(err)
	}
	users := map[string]string{}
	for _, u := range p.Users {
		users[u.GUID] = u.Name
	}
	got := map[string]int{}
	for _, s := range p.Sources.Texts[0].Selections {
		for _, c := range s.Codings {
			got[users[c.User]]++
		}
	}
	// The sample has 4 codes, 2 themes and 2 outcomes; Ida gave one code more.
	if diff := cmp.Diff(map[string]int{"Lydhør": 8, "Ida": 9}, got); diff != "" {
		t.Errorf("codings of the first text differ (-want +got):\n%s", diff)
	}
	all, err := ReadQDPX(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(all) != 2 || all[1].Turns[0].Text != "Hvad siger du?" {
		t.Fatalf("got %d texts and error %v, want the one that two coded and the corrected one", len(all), err)
	}
	want := sample()
	want.Synthetic, want.Title, want.Music = false, "Studie", nil
	want.Turns[0].Codes, want.Turns[1].Words = []pipeline.Code{"ny"}, nil
	same(t, "two coders", want, all[0])
	valid(t, "refi-qda/Project.xsd", "two coders", zipPart(t, b.Bytes(), ".qde"))
}

const (
	codeA = "0F8A1907-7E42-4739-8610-A676B4D1B69F"
	codeB = "D2C1E38E-5220-42FA-A442-908471CC7964"
	userA = "AD68FBE7-E1EE-4A82-A279-23CC698C89EB"
)

// foreign is a project as other programs write it: a text in the zip, a selection inside a
// line and one across two, and a film with a transcript of its own.
func foreign() map[string]string {
	return map[string]string{
		"Project.qde": `<Project xmlns="urn:QDA-XML:project:1.0" name="Studie">
<Users><User guid="` + userA + `" name="Ida"/></Users>
<CodeBook><Codes><Code guid="` + codeA + `" name="håb" isCodable="true"><Code guid="` + codeB + `" name="uro" isCodable="true"/></Code></Codes></CodeBook>
<Sources>
<TextSource guid="a" name="Samtale" plainTextPath="internal://1.txt">
 <PlainTextSelection guid="s1" startPosition="9" endPosition="14"><Description>se her</Description><Coding guid="c" creatingUser="` + userA + `"><CodeRef targetGUID="` + codeA + `"/></Coding></PlainTextSelection>
 <PlainTextSelection guid="s2" startPosition="4" endPosition="22"><Coding guid="c"><CodeRef targetGUID="` + codeB + `"/></Coding></PlainTextSelection>
</TextSource>
<VideoSource guid="v" name="film.mp4"><Transcript guid="t" name="Film"><PlainTextContent>Hej.
Farvel.</PlainTextContent>
 <SyncPoint guid="p1" position="0" timeStamp="1500"/><SyncPoint guid="p2" position="5" timeStamp="2500"/><SyncPoint guid="p3" position="12" timeStamp="4000"/>
 <TranscriptSelection guid="x" fromSyncPoint="p2" toSyncPoint="p3"><Coding guid="c"><CodeRef targetGUID="` + codeA + `"/></Coding></TranscriptSelection>
</Transcript></VideoSource>
</Sources></Project>`,
		"sources/1.txt": "Bo: 🙂 Jeg håber det.\r\n\r\nOg så ikke mere.\r\n",
	}
}

func TestReadQDPXOfOthers(t *testing.T) {
	data := zipped(t, foreign())
	got, err := ReadQDPX(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	// "Bo: 🙂 Jeg håber det." begins at 0 and its text at 4; code points 10 to 15 are "håber".
	want := []*pipeline.Transcript{
		{ID: "Samtale", Title: "Studie", Turns: []pipeline.Turn{
			{N: 1, Speaker: "Bo", Role: pipeline.Unknown, Text: "🙂 Jeg håber det.", Codes: []pipeline.Code{"håb", "uro"}, Note: "se her",
				Evidence: map[string][]pipeline.Evidence{"håb": {{Group: "Ida", Text: " håbe", Turn: 1}}}},
			{N: 2, Role: pipeline.Unknown, Text: "Og så ikke mere."},
		}},
		{ID: "Film", Title: "Studie", Turns: []pipeline.Turn{
			{N: 1, Role: pipeline.Unknown, Span: pipeline.FromSeconds(1.5, 1.5), Text: "Hej."},
			{N: 2, Role: pipeline.Unknown, Span: pipeline.FromSeconds(2.5, 4), Text: "Farvel.", Codes: []pipeline.Code{"håb"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transcripts differ (-want +got):\n%s", diff)
	}
}

// longText gives the text source of a project a thousand lines.
func longText(files map[string]string) map[string]string {
	files["sources/1.txt"] = strings.Repeat("a\n", 1000)
	return files
}

func TestReadQDPXErrors(t *testing.T) {
	with := func(name, text string) map[string]string {
		files := foreign()
		delete(files, name)
		if text != "" {
			files[name] = text
		}
		return files
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no project":      {with("Project.qde", ""), "no project.qde"},
		"not XML":         {with("Project.qde", "hej"), "Project.qde: EOF"},
		"another project": {with("Project.qde", "<Project/>"), "expected element"},
		"no text":         {with("sources/1.txt", ""), `source "Samtale": no Sources/1.txt`},
		"endless work": {longText(with("Project.qde", `<Project xmlns="urn:QDA-XML:project:1.0" name="x"><Sources><TextSource guid="a" name="A" plainTextPath="internal://1.txt">`+
			strings.Repeat(`<PlainTextSelection guid="s" startPosition="0" endPosition="9999999"/>`, 9000)+`</TextSource></Sources></Project>`)), "selections touch more than"},
		"zip bomb": {with("sources/1.txt", strings.Repeat("a", maxText+1)), "more than 64 MiB"},
	} {
		data := zipped(t, test.files)
		if _, err := ReadQDPX(bytes.NewReader(data), int64(len(data))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
	if _, err := ReadQDPX(strings.NewReader("PK"), 2); err == nil {
		t.Error("got no error for half a zip")
	}
}

// The shared project lacks its texts; the reader must say so, and read all that is there.
func TestReadQDPXSample(t *testing.T) {
	for name, data := range shared(t, "refi-qda/*.qdpx") {
		_, err := ReadQDPX(bytes.NewReader(data), int64(len(data)))
		if err == nil || !strings.Contains(err.Error(), "no Sources/") {
			t.Errorf("%s: got error %v, want one that names the missing text", name, err)
		}
		text := strings.Repeat("En linje af teksten.\n", 60)
		files := map[string]string{"project.qde": string(zipPart(t, data, ".qde"))}
		for _, part := range strings.Split(files["project.qde"], `plainTextPath="internal://`)[1:] {
			file, _, _ := strings.Cut(part, `"`)
			files["Sources/"+file] = text
		}
		data = zipped(t, files)
		all, err := ReadQDPX(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s with texts: %v", name, err)
			continue
		}
		codes := map[pipeline.Code]bool{}
		for _, tr := range all {
			for _, turn := range tr.Turns {
				for _, c := range turn.Codes {
					codes[c] = true
				}
			}
		}
		for _, code := range []pipeline.Code{"bacon and eggs", "Coke::diet Coke", "happiness", "cornflakes", "Feelings"} {
			if !codes[code] {
				t.Errorf("%s: code %q is lost, got %v", name, code, codes)
			}
		}
	}
}

func FuzzReadQDPX(f *testing.F) {
	f.Add(`<Project xmlns="urn:QDA-XML:project:1.0"/>`, "")
	f.Add(foreign()["Project.qde"], foreign()["sources/1.txt"])
	f.Fuzz(func(t *testing.T, project, text string) {
		data := zipped(t, map[string]string{"project.qde": project, "Sources/1.txt": text})
		all, err := ReadQDPX(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, tr := range all {
			writeAndReadAgain(t, tr, WriteQDPX, readOneQDPX)
		}
	})
}
