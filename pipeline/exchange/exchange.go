// Package exchange reads and writes transcripts in the formats of other programs, one file
// for each format.
package exchange

import (
	"fmt"
	"io"
	"lydhor/pipeline"
	"slices"
	"strings"
	"time"
)

// A Format is a file format that a transcript can be written in.
type Format struct {
	Name      string // also the file's extension
	MediaType string
	Write     func(io.Writer, *pipeline.Transcript) error
}

// Formats lists every Format.
func Formats() []Format {
	return []Format{
		{"json", "application/json", pipeline.WriteTranscript},
		{"csv", "text/csv; charset=utf-8", WriteCSV},
		{"vtt", "text/vtt; charset=utf-8", func(w io.Writer, t *pipeline.Transcript) error { return pipeline.WriteVTT(w, t.Turns) }},
		{"srt", "application/x-subrip; charset=utf-8", func(w io.Writer, t *pipeline.Transcript) error { return pipeline.WriteSRT(w, t.Turns) }},
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

// oneLine joins the fields of s with single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// clock writes hours:minutes:seconds.milliseconds.
func clock(d time.Duration) string {
	ms := d.Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}
