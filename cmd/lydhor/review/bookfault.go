package review

import (
	"regexp"
	"strings"
)

// bookFaults are what can be wrong with a codebook, as the program says it, and the text that
// tells people; what the pattern finds is put into the text.
var bookFaults = []struct {
	said *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`line (\d+): unknown \w+ ("[^"]*"), did you mean ("[^"]*")`), "fault name at line"},
	{regexp.MustCompile(`unknown \w+ ("[^"]*"), did you mean ("[^"]*")`), "fault name"},
	{regexp.MustCompile(`line (\d+): (?:pattern|regex) (".*"): `), "fault pattern"},
	{regexp.MustCompile(`line (\d+): .* is wanted here`), "fault kind of value"},
	{regexp.MustCompile(`^code (\d+) of \d+ has the id`), "fault id"},
	{regexp.MustCompile(`the feature has no name`), "fault feature"},
	{regexp.MustCompile(`line (\d+): language is (".*"): `), "fault language"},
	{regexp.MustCompile(`yaml: line (\d+): `), "fault yaml"},
	{regexp.MustCompile(`schema is ".*", and this program knows (".*")`), "fault schema"},
	{regexp.MustCompile(`version is empty`), "fault no version"},
	{regexp.MustCompile(`version (\S+) is another text already`), "fault version taken"},
	{regexp.MustCompile(`^it is empty`), "fault empty"},
	{regexp.MustCompile(`yaml: (?:control characters|invalid)`), "fault no text"},
}

// shownFaults is how many faults of a codebook are told at once.
const shownFaults = 5

// faultsOf says what is wrong with a codebook, line by line. What has no text of its own
// stands as the program says it.
func faultsOf(err error) (list []problem) {
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "read codebook: ")
		if line != "" && len(list) < shownFaults {
			list = append(list, faultOf(line))
		}
	}
	return list
}

func faultOf(line string) problem {
	for _, f := range bookFaults {
		found := f.said.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		p := problem{key: f.key}
		for _, part := range found[1:] {
			p.args = append(p.args, part)
		}
		return p
	}
	return problem{key: "fault", args: []any{line}}
}
