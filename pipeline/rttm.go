package pipeline

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReadRTTM reads who spoke when in each file of an RTTM (NIST RT-09 evaluation plan,
// appendix A): the SPEAKER lines, sorted by start. Other lines, empty ones and comments
// (;; or #) are passed over. Errors carry the line.
func ReadRTTM(r io.Reader) (map[string][]SpeakerTurn, error) {
	turns := map[string][]SpeakerTurn{}
	err := eachRow(r, "rttm", func(f []string) error {
		if f[0] != "SPEAKER" {
			return nil
		}
		if len(f) < 8 {
			return fmt.Errorf("%d fields: SPEAKER file channel start duration <NA> <NA> speaker are needed", len(f))
		}
		start, err := parseSeconds(f[3])
		if err != nil {
			return err
		}
		dur, err := parseSeconds(f[4])
		if err != nil {
			return err
		}
		turns[f[1]] = append(turns[f[1]], SpeakerTurn{Span{start, start + dur}, f[7]})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range turns {
		slices.SortStableFunc(t, func(a, b SpeakerTurn) int { return cmp.Compare(a.Start, b.Start) })
	}
	return turns, nil
}

// WriteRTTM writes one SPEAKER line for each turn of the file of that id. Spaces in the id
// and in labels, which RTTM has no place for, become underscores.
func WriteRTTM(w io.Writer, id string, turns []SpeakerTurn) error {
	b := bufio.NewWriter(w)
	for _, t := range turns {
		start, end := t.Seconds()
		fmt.Fprintf(b, "SPEAKER %s 1 %.3f %.3f <NA> <NA> %s <NA> <NA>\n", oneField(id), start, end-start, oneField(t.Speaker))
	}
	return b.Flush()
}

// ReadUEM reads which stretches of each file are scored: lines of file, channel, start and
// end. They come out sorted, stretches that meet as one. Errors carry the line.
func ReadUEM(r io.Reader) (map[string][]Span, error) {
	spans := map[string][]Span{}
	err := eachRow(r, "uem", func(f []string) error {
		if len(f) != 4 {
			return fmt.Errorf("%d fields: file channel start end are needed", len(f))
		}
		start, err := parseSeconds(f[2])
		if err != nil {
			return err
		}
		end, err := parseSeconds(f[3])
		if err != nil {
			return err
		}
		if end < start {
			return fmt.Errorf("ends at %s before it starts at %s", f[3], f[2])
		}
		spans[f[0]] = append(spans[f[0]], Span{start, end})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id := range spans {
		spans[id] = joinSpans(spans[id])
	}
	return spans, nil
}

// WriteUEM writes one line for each stretch of the file of that id.
func WriteUEM(w io.Writer, id string, spans []Span) error {
	b := bufio.NewWriter(w)
	for _, s := range spans {
		start, end := s.Seconds()
		fmt.Fprintf(b, "%s 1 %.3f %.3f\n", oneField(id), start, end)
	}
	return b.Flush()
}

// joinSpans sorts spans by start and makes one of those that touch or overlap.
func joinSpans(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var joined []Span
	for _, s := range spans {
		if n := len(joined); n > 0 && s.Start <= joined[n-1].End {
			joined[n-1].End = max(joined[n-1].End, s.End)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// eachRow calls do with the fields of each line that is neither empty nor a comment, and
// adds format and line to its error.
func eachRow(r io.Reader, format string, do func(fields []string) error) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], ";;") || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if err := do(fields); err != nil {
			return fmt.Errorf("%s line %d: %w", format, n, err)
		}
	}
	return nil
}

// parseSeconds reads a time from 0 to a hundred days, exact to the nanosecond.
func parseSeconds(s string) (time.Duration, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f < 100*24*3600) {
		return 0, fmt.Errorf("%q is no time in seconds", s)
	}
	return time.Duration(math.Round(f * 1e9)), nil
}

// oneField makes s one field of a line.
func oneField(s string) string {
	if fields := strings.Fields(s); len(fields) > 0 {
		return strings.Join(fields, "_")
	}
	return "_"
}
