package exchange

import (
	"encoding/csv"
	"io"
	"lydhor/pipeline"
	"strconv"
	"strings"
)

// WriteCSV writes t as a table (RFC 4180) with a heading and one turn to a line: its
// number, start and end in seconds, speaker, role, text, codes, outcome, the turn that
// decides it, and the note. It begins with a byte order mark, without which Excel garbles
// Danish letters.
func WriteCSV(w io.Writer, t *pipeline.Transcript) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Write([]string{"turn", "start", "end", "speaker", "role", "text", "codes", "outcome", "outcome_turn", "note"})
	for _, turn := range t.Turns {
		var codes []string
		for _, code := range turn.Codes {
			codes = append(codes, string(code))
		}
		deciding := ""
		if turn.OutcomeTurn > 0 {
			deciding = strconv.Itoa(turn.OutcomeTurn)
		}
		start, end := turn.Seconds()
		c.Write([]string{strconv.Itoa(turn.N), strconv.FormatFloat(start, 'f', 3, 64), strconv.FormatFloat(end, 'f', 3, 64),
			plainCell(turn.Speaker), string(turn.Role), plainCell(turn.Text), strings.Join(codes, " "), string(turn.Outcome), deciding, plainCell(turn.Note)})
	}
	c.Flush()
	return c.Error()
}

// plainCell keeps a spreadsheet from taking text for a formula, by a space in front
// (OWASP, CSV injection).
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return " " + s
	}
	return s
}
