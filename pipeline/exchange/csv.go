package exchange

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"lydhor/pipeline"
)

// tableHead are the columns of a table of turns.
var tableHead = [...]string{"turn", "start", "end", "speaker", "role", "text", "codes", "themes", "outcome", "outcome_turn", "note"}

// tableRow gives the cells of a turn; times are in seconds, lists are joined by "; ".
func tableRow(turn pipeline.Turn, themes []string) []string {
	var codes []string
	for _, code := range turn.Codes {
		codes = append(codes, string(code))
	}
	deciding := ""
	if turn.OutcomeTurn > 0 {
		deciding = strconv.Itoa(turn.OutcomeTurn)
	}
	start, end := turn.Seconds()
	return []string{strconv.Itoa(turn.N), strconv.FormatFloat(start, 'f', 3, 64), strconv.FormatFloat(end, 'f', 3, 64), turn.Speaker, string(turn.Role),
		turn.Text, strings.Join(codes, "; "), strings.Join(themes, "; "), string(turn.Outcome), deciding, turn.Note}
}

// WriteCSV writes t as a table (RFC 4180) with a heading and one turn to a row: its number,
// start and end in seconds, speaker, role, text, codes, themes, outcome, the turn that
// decides it, and the note. It begins with a byte order mark, without which Excel garbles
// Danish letters, and an apostrophe stands before what a spreadsheet would take for a
// formula (OWASP, CSV injection). The rest of t is not in it.
func WriteCSV(w io.Writer, t *pipeline.Transcript) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Write(tableHead[:])
	themes := themesOf(t)
	for _, turn := range t.Turns {
		row := tableRow(turn, themes[turn.N])
		for i, cell := range row {
			row[i] = plainCell(cell)
		}
		c.Write(row)
	}
	c.Flush()
	return c.Error()
}

func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
