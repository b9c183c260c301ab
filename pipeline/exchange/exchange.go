// Package exchange reads and writes transcripts in the formats of other programs: ELAN,
// CLAN, Praat, the QDA programs, word processors and spreadsheets. One file holds one
// format, in the manner of encoding/csv; each says what it carries and what it cannot.
//
// A writer writes what it is given: whoever calls it decides about pseudonyms first. The
// same transcript always gives the same file.
package exchange

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// A Format is a file format that a transcript can be written in.
type Format struct {
	Name      string // what people and flags call it
	Ending    string // of the file's name, with the dot
	MediaType string
	Write     func(io.Writer, *pipeline.Transcript) error
}

// Formats lists every Format.
func Formats() []Format {
	return []Format{
		{"json", ".json", "application/json", pipeline.WriteTranscript},
		{"csv", ".csv", "text/csv; charset=utf-8", WriteCSV},
		{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", WriteXLSX},
		{"docx", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", WriteDOCX},
		{"vtt", ".vtt", "text/vtt; charset=utf-8", func(w io.Writer, t *pipeline.Transcript) error { return pipeline.WriteVTT(w, t.Turns) }},
		{"srt", ".srt", "application/x-subrip; charset=utf-8", func(w io.Writer, t *pipeline.Transcript) error { return pipeline.WriteSRT(w, t.Turns) }},
		{"rttm", ".rttm", "text/plain; charset=utf-8", writeRTTM},
		{"eaf", ".eaf", "application/xml", WriteEAF},
		{"cha", ".cha", "text/plain; charset=utf-8", WriteCHAT},
		{"textgrid", ".TextGrid", "text/plain; charset=utf-8", WriteTextGrid},
		{"qdpx", ".qdpx", "application/zip", WriteQDPX},
	}
}

// writeRTTM writes the turns as speaker turns of the recording t.ID.
func writeRTTM(w io.Writer, t *pipeline.Transcript) error {
	var turns []pipeline.SpeakerTurn
	for _, turn := range t.Turns {
		turns = append(turns, pipeline.SpeakerTurn{Span: turn.Span, Speaker: turn.Speaker})
	}
	return pipeline.WriteRTTM(w, cmp.Or(t.ID, "recording"), turns)
}

// ParseFormat finds a Format by its name; the error names the ones there are.
func ParseFormat(name string) (Format, error) {
	formats := Formats()
	if i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name }); i >= 0 {
		return formats[i], nil
	}
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown format %q: use one of %v", name, names)
}

// Read reads the conversations of a file whose format the ending of its name says: .eaf,
// .cha, .TextGrid, .json hold one, a .qdpx project may hold many.
func Read(name string, r io.ReaderAt, size int64) ([]*pipeline.Transcript, error) {
	var read func(io.Reader) (*pipeline.Transcript, error)
	switch ending := strings.ToLower(filepath.Ext(name)); ending {
	case ".qdpx":
		return ReadQDPX(r, size)
	case ".eaf":
		read = ReadEAF
	case ".cha":
		read = ReadCHAT
	case ".textgrid":
		read = ReadTextGrid
	case ".json":
		read = pipeline.ReadTranscript
	default:
		return nil, fmt.Errorf("cannot read a file ending in %q: use .eaf, .cha, .TextGrid, .qdpx or .json", ending)
	}
	t, err := read(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	return []*pipeline.Transcript{t}, nil
}

// maxText is how many bytes of text a reader takes: ten times a day of talk with its words.
const maxText = 64 << 20

// readAll reads r to its end, up to maxText.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err == nil && len(data) > maxText {
		err = fmt.Errorf("more than %d MiB of text", maxText>>20)
	}
	return data, err
}

// oneLine joins the fields of s with single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
