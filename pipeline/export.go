package pipeline

import (
	"fmt"
	"io"
	"slices"
)

// A Format is a file format that a transcript can be written in.
type Format struct {
	Name      string // also the file's extension
	MediaType string
	Write     func(io.Writer, *Transcript) error
}

// Formats lists every Format.
func Formats() []Format {
	return []Format{
		{"json", "application/json", WriteTranscript},
		{"csv", "text/csv; charset=utf-8", WriteCSV},
		{"vtt", "text/vtt; charset=utf-8", func(w io.Writer, t *Transcript) error { return WriteVTT(w, t.Turns) }},
		{"srt", "application/x-subrip; charset=utf-8", func(w io.Writer, t *Transcript) error { return WriteSRT(w, t.Turns) }},
		{"eaf", "application/xml", WriteEAF},
		{"textgrid", "text/plain; charset=utf-8", WriteTextGrid},
		{"qdpx", "application/zip", WriteQDPX},
	}
}

// ParseFormat finds a Format by its name; the error names the ones there are.
func ParseFormat(name string) (Format, error) {
	i := slices.IndexFunc(Formats(), func(f Format) bool { return f.Name == name })
	if i >= 0 {
		return Formats()[i], nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown format %q: use one of %v", name, names)
}
