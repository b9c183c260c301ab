package exchange

import (
	"bytes"
	"lydhor/pipeline"
	"strings"
	"testing"
)

func TestFormatsWriteAnyTranscript(t *testing.T) {
	for _, f := range Formats() {
		for _, tr := range []*pipeline.Transcript{{}, exported()} {
			var b bytes.Buffer
			if err := f.Write(&b, tr); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			if b.Len() == 0 && f.Name != "srt" {
				t.Errorf("%s: got an empty file", f.Name)
			}
		}
	}
}

func TestParseFormat(t *testing.T) {
	if f, err := ParseFormat("eaf"); err != nil || f.Name != "eaf" {
		t.Errorf("got %q and error %v, want eaf", f.Name, err)
	}
	if _, err := ParseFormat("doc"); err == nil || !strings.Contains(err.Error(), "textgrid") {
		t.Errorf("got error %v, want one that names the formats", err)
	}
}
