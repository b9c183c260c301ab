package exchange

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func writeTextGrid(t *testing.T, tr *pipeline.Transcript) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTextGrid(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteTextGrid(t *testing.T) {
	golden(t, "sample.TextGrid", writeTextGrid(t, sample()))
}

func TestTextGridRoundTrip(t *testing.T) {
	for name, tr := range dialogues(t) {
		got, err := ReadTextGrid(bytes.NewReader(writeTextGrid(t, tr)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := *tr // a TextGrid has no head
		want.ID, want.Kind, want.Language, want.Title, want.Synthetic = "", "", "", "", false
		same(t, name, &want, got)
	}
}

func TestTextGridTiersHaveNoGapsAndOverlaps(t *testing.T) {
	p := praatReader{text: string(writeTextGrid(t, awkward())), line: 1}
	for _, tier := range p.grid() {
		for i, m := range filled(tier.marks, 0)[1:] {
			if before := filled(tier.marks, 0)[i]; m.Start != before.End || m.End <= m.Start {
				t.Errorf("%s: got %v after %v", tier.name, m.Span, before.Span)
			}
		}
	}
}

const shortGrid = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n3\n<exists>\n2\n" +
	"\"IntervalTier\"\n\"Ida\"\n0\n3\n2\n0\n1.2345\n\"\"\n1.2345\n3\n\"hun sagde \"\"nå\"\"\"\n" +
	"\"TextTier\"\n\"klik\"\n0\n3\n1\n2\n\"dør\"\n"

func TestReadTextGridForms(t *testing.T) {
	const want = "00:00:01.235 00:00:03.000 Ida: hun sagde \"nå\"\n00:00:02.000 00:00:02.000 klik: dør"
	units := utf16.Encode([]rune(shortGrid))
	big, little := []byte{0xfe, 0xff}, []byte{0xff, 0xfe}
	for _, u := range units {
		big = append(big, byte(u>>8), byte(u))
		little = append(little, byte(u), byte(u>>8))
	}
	for name, data := range map[string][]byte{
		"short":                []byte(shortGrid),
		"byte order mark":      []byte("\ufeff" + shortGrid),
		"line ends of Windows": []byte(strings.ReplaceAll(shortGrid, "\n", "\r\n")),
		"with comments":        []byte(strings.Replace(shortGrid, "<exists>", "! 5 \"x\"\n<exists>", 1)),
		"UTF-16 big-endian":    big,
		"UTF-16 little-endian": little,
		"Latin-1":              []byte(strings.NewReplacer("å", "\xe5", "ø", "\xf8").Replace(shortGrid)),
	} {
		got, err := ReadTextGrid(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, texts(got)); diff != "" {
			t.Errorf("%s: turns differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadTextGridSamples(t *testing.T) {
	for name, data := range shared(t, "textgrid/*.TextGrid") {
		got, err := ReadTextGrid(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		has := map[string]string{
			"praatio-bobby_words.TextGrid":                        "00:00:00.065 00:00:00.412 word: BOBBY",
			"praatio-bobby_words_with_newlines_longfile.TextGrid": "00:00:00.065 00:00:00.412 \"word\": \"\"\"BOBBY\"\"\"\nNoun",
			"kylebgorman-long_format.TextGrid":                    "00:22:41.893 00:22:42.013 phone: R",
			"kylebgorman-short_format.TextGrid":                   "00:22:41.893 00:22:42.013 phone: R",
			"praatio-bobby_phones_elan.TextGrid":                  "00:00:00.065 00:00:00.084 phone: B",
			"praatio-mary.TextGrid":                               "00:00:00.315 00:00:00.385 phone: m",
			"ina-musanmix.TextGrid":                               "00:00:00.000 00:00:22.480 inaSpeechSegmenter: music",
		}[name]
		if !strings.Contains(texts(got), has) {
			t.Errorf("%s: got no %q in\n%s", name, has, texts(got))
		}
	}
}

func TestReadTextGridErrors(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"another file":     {"hej", "not a Praat text file"},
		"another object":   {`"ooTextFile" "Pitch" 0 1`, "not a TextGrid"},
		"binary":           {"ooBinaryFile\x08TextGrid", "binary form"},
		"text for number":  {strings.Replace(shortGrid, "1.2345\n3", "\"x\"\n3", 1), "line 16: a number is due here"},
		"number for text":  {strings.Replace(shortGrid, `"Ida"`, "7", 1), "line 9: a text in quotes is due here"},
		"no end":           {shortGrid[:len(shortGrid)-4], "does not end"},
		"missing interval": {strings.Replace(shortGrid, "3\n2\n0", "3\n3\n0", 1), "is due here"},
		"count too big":    {strings.Replace(shortGrid, "3\n2\n0", "3\n1e18\n0", 1), "is due here"},
		"ends before start": {strings.Replace(shortGrid, "1.2345\n3", "1.2345\n1", 1),
			"line 18: runs from 1.2345 to 1 seconds"},
		"no such class":    {strings.Replace(shortGrid, "TextTier", "Tier", 1), "another class"},
		"codes of nothing": {strings.Replace(strings.Replace(shortGrid, "Ida", "A (citizen)", 1), "klik", "A codes", 1), ""},
		"codes in silence": {strings.Replace(strings.Replace(strings.Replace(shortGrid, "Ida", "A (citizen)", 1), "klik", "A codes", 1), "1\n2\n", "1\n1\n", 1), "under no turn of A"},
	} {
		_, err := ReadTextGrid(strings.NewReader(test.data))
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func FuzzReadTextGrid(f *testing.F) {
	var b bytes.Buffer
	if err := WriteTextGrid(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(shortGrid))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tr, err := ReadTextGrid(bytes.NewReader(data)); err == nil {
			writeAndReadAgain(t, tr, WriteTextGrid, ReadTextGrid)
		}
	})
}
