package exchange

import (
	"bufio"
	"fmt"
	"io"
	"lydhor/pipeline"
	"strings"
	"time"
)

// WriteTextGrid writes t as a Praat TextGrid in the long text form: for every speaker a
// tier of turns, one of words where their times are known, and one of codes. Praat wants
// tiers without gaps and overlaps: silence is an empty interval, and a mark that begins
// before the one in front of it ends is moved behind it.
func WriteTextGrid(w io.Writer, t *pipeline.Transcript) error {
	tiers := named(tiersOf(t))
	end := time.Millisecond
	for _, tier := range tiers {
		end = max(end, tier.Marks[len(tier.Marks)-1].End)
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = %v\ntiers? <exists>\nsize = %d\nitem []:\n", seconds(end), len(tiers))
	for i, tier := range tiers {
		marks := filled(tier.Marks, end)
		fmt.Fprintf(b, "    item [%d]:\n        class = \"IntervalTier\"\n        name = %s\n        xmin = 0\n        xmax = %v\n        intervals: size = %d\n",
			i+1, praatString(tier.Name), seconds(end), len(marks))
		for j, m := range marks {
			from, to := m.Seconds()
			fmt.Fprintf(b, "        intervals [%d]:\n            xmin = %v\n            xmax = %v\n            text = %s\n",
				j+1, from, to, praatString(m.Text))
		}
	}
	return b.Flush()
}

// filled puts empty marks between marks, so that they cover all time to end.
func filled(marks []mark, end time.Duration) []mark {
	var all []mark
	at := time.Duration(0)
	for _, m := range marks {
		if m.Start > at {
			all = append(all, mark{Span: pipeline.Span{Start: at, End: m.Start}})
		}
		all = append(all, m)
		at = m.End
	}
	if at < end {
		all = append(all, mark{Span: pipeline.Span{Start: at, End: end}})
	}
	return all
}

func praatString(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
