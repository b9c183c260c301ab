// Package chattest holds CHAT files against the rules of the CHAT manual (MacWhinney, Tools for
// Analyzing Talk, part 1), for tests. No program that reads CHAT comes with Debian, npm or as a Go
// module: TalkBank's own validator, chatter, is none of them. The rules are numbered as that
// validator numbers them in its documentation (github.com/TalkBank/chatter, spec/errors and
// book), and written anew and apart from our writer and reader. That they are rules and no more
// is seen by TalkBank's reference files, which they let pass, and by files that break one each.
package chattest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	lineIs   = regexp.MustCompile(`^(@[A-Z][A-Za-z0-9_ ]*:\t\S.*|@(UTF8|Begin|End)|\*[A-Z0-9_'-]{1,7}:\t\S.*|%[a-z]+:\t\S.*|\t\S.*)$`)
	bulletIs = regexp.MustCompile("\x15([0-9]+)_([0-9]+)\x15")
	endIs    = regexp.MustCompile(`(^| )(\.|\?|!|\+\.\.\.|\+\.\.\?|\+/\.|\+//\.|\+/\?|\+//\?|\+!\?|\+"/\.|\+"\.|\+\.)( \[\+ [^\]]+\])*( \x15[0-9]+_[0-9]+\x15)?$`)
	pauseIs  = regexp.MustCompile(`^\((\.{1,3}|[0-9]+:?[0-9]*\.[0-9]*)\)$`)
)

// roleNames are the roles of depfile that the manual lists.
var roleNames = strings.Fields("Target_Child Target_Adult Child Mother Father Brother Sister Sibling Grandmother Grandfather Relative Participant Investigator Partner " +
	"Boy Girl Adult Teenager Male Female Visitor Friend Playmate Caretaker Environment Group Unidentified Uncertain Other Text Media PlayRole LENA Justice Attorney Doctor Nurse Patient Client " +
	"Subject Informant Student Teacher Host Guest Leader Member Narrator Speaker Audience ENVIRONMENT Narr")

// A file is what the rules look at, and what they find.
type file struct {
	lines    []string
	faults   []string
	declared []string
	roles    map[string]string
	ca       bool
	media    string
}

// Faults lists what in a file is against the rules, by line; name is what it is called, without
// its ending.
func Faults(name, text string) []string {
	f := &file{lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n"), roles: map[string]string{}}
	f.ca = strings.Contains(text, "\n@Options:\tCA")
	f.frame(text)
	f.heads(name)
	f.tiers()
	return f.faults
}

func (f *file) fault(line int, format string, args ...any) {
	f.faults = append(f.faults, fmt.Sprintf("line %d: ", line+1)+fmt.Sprintf(format, args...))
}

// frame: what every line looks like, and what the file begins and ends with (E501-E503, E747).
func (f *file) frame(text string) {
	if strings.Contains(text, "\r") || strings.Contains(text, "\ufffd") {
		f.fault(0, "carriage returns, or bytes that are no text (E101)")
	}
	for i, line := range f.lines {
		if !lineIs.MatchString(line) || strings.HasSuffix(line, " ") {
			f.fault(i, "%q is no line of CHAT (E101, E302, E747)", line)
		}
	}
	for name, at := range map[string]int{"@UTF8": 0, "@Begin": 1, "@End": len(f.lines) - 1} {
		if n := slices.Index(f.lines, name); n != at || strings.Count("\n"+text, "\n"+name+"\n") != 1 {
			f.fault(max(n, 0), "%s stands once, in its place (E501, E502, E503)", name)
		}
	}
}

// heads: the headers in their order, and whom they declare (E504, E505, E514, E522, E531, E532, E549).
func (f *file) heads(name string) {
	order := []string{"@UTF8", "@Begin", "@Languages", "@Participants", "@Options", "@ID", "@Media"}
	last, seen := 0, map[string]int{}
	var ids []string
	for _, l := range f.logical() {
		i, line := l.n, l.text
		head, content, _ := strings.Cut(line, ":\t")
		if !strings.HasPrefix(line, "@") {
			continue
		}
		if seen[head]++; seen[head] > 1 && slices.Contains(order, head) && head != "@ID" {
			f.fault(i, "%s stands twice (E501)", head)
		}
		if at := slices.Index(order, head); at >= 0 && at < last {
			f.fault(i, "%s comes after %s (E547, CHECK 125)", head, order[last])
		} else if at > last {
			last = at
		}
		switch head {
		case "@Languages":
			for code := range strings.SplitSeq(content, ", ") {
				if len(code) != 3 || strings.ToLower(code) != code {
					f.fault(i, "%q is no ISO 639-3 code (E519)", code)
				}
			}
		case "@Participants":
			for entry := range strings.SplitSeq(content, ", ") {
				words := strings.Fields(entry)
				if len(words) < 2 || len(words) > 3 || !slices.Contains(roleNames, words[len(words)-1]) {
					f.fault(i, "%q is no code, name and role of the manual (E532)", entry)
					continue
				}
				if f.roles[words[0]] != "" {
					f.fault(i, "%s is declared twice (E549)", words[0])
				}
				f.declared, f.roles[words[0]] = append(f.declared, words[0]), words[len(words)-1]
			}
		case "@ID":
			fields := strings.Split(content, "|")
			if len(fields) != 11 || fields[10] != "" || fields[1] == "" || fields[7] != f.roles[fields[2]] {
				f.fault(i, "%q is not language|corpus|code|age|sex|group|SES|role|education|custom| of a participant (E505, E514)", content)
				continue
			}
			ids = append(ids, fields[2])
		case "@Media":
			file, kind, both := strings.Cut(content, ", ")
			f.media = file
			if !both || strings.ContainsAny(file, " \"") || !slices.Contains([]string{"audio", "video", "audio, missing", "audio, unlinked", "video, unlinked", "video, missing"}, kind) {
				f.fault(i, "%q is no file and kind (E767, E768)", content)
			}
			if name != "" && !strings.EqualFold(file, name) {
				f.fault(i, "%q is not called as the file is, %q (E531)", file, name)
			}
		}
	}
	if len(f.declared) == 0 || !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(f.declared))) {
		f.fault(3, "got @ID of %v, want one for each of %v (E504, E522)", ids, f.declared)
	}
}

// tiers: utterances of declared speakers, each ended, with times in milliseconds, and what
// depends on them (E301, E305, E308, E401, E701, E704, E748, E752, E756).
func (f *file) tiers() {
	var under map[string]bool
	starts, ends := map[string]int{}, map[string]int{}
	for _, l := range f.logical() {
		i, line := l.n, l.text
		head, content, _ := strings.Cut(line, ":\t")
		switch {
		case strings.HasPrefix(line, "*"):
			under = map[string]bool{}
			code := head[1:]
			if f.roles[code] == "" {
				f.fault(i, "%s is declared nowhere (E308)", code)
			}
			if !f.ca && !endIs.MatchString(content) { // @Options: CA frees from it
				f.fault(i, "%q does not end (E305)", content)
			}
			for _, m := range bulletIs.FindAllStringSubmatch(content, -1) {
				start, _ := strconv.Atoi(m[1])
				end, _ := strconv.Atoi(m[2])
				switch {
				case f.media == "":
					f.fault(i, "a time without @Media (E752)")
				case strconv.Itoa(start) != m[1] || strconv.Itoa(end) != m[2] || end < start:
					f.fault(i, "%q is no time (E748)", m[0])
				case !f.ca && (start < starts[code] || start < ends[code]-500):
					f.fault(i, "%s speaks before having spoken (E701, E704)", code)
				}
				starts[code], ends[code] = start, end
			}
		case strings.HasPrefix(line, "%"):
			if under == nil || under[head] {
				f.fault(i, "%s depends on nothing, or stands twice (E401)", head)
				continue
			}
			under[head] = true
		}
		if strings.Count(line, "\x15")%2 != 0 || strings.Count(line, "\x15") != 2*len(bulletIs.FindAllString(line, -1)) {
			f.fault(i, "a bullet that is none in %q (E748)", line)
		}
	}
}

// A numberedLine is one with those that go on with it.
type numberedLine struct {
	n    int
	text string
}

func (f *file) logical() (all []numberedLine) {
	for i, line := range f.lines {
		if strings.HasPrefix(line, "\t") && len(all) > 0 {
			all[len(all)-1].text += " " + line[1:]
			continue
		}
		all = append(all, numberedLine{i, line})
	}
	return all
}

// WordFaults lists what in the utterances of a file of ours is no plain word, pause or mark:
// a sign that means something in CHAT, a digit (E220), a curly quote (E242, E256), an ellipsis
// or what lies in U+E000-U+FFFF but for its exemptions (E243), a mark within (E305), a linker
// within (E766); and a %wor with other words than the utterance above it (E714, E715).
func WordFaults(text string) (faults []string) {
	lines := strings.Split(text, "\n")
	words := 0
	for i, line := range lines {
		head, content, _ := strings.Cut(line, ":\t")
		if !strings.HasPrefix(line, "*") && head != "%wor" {
			continue
		}
		tokens := strings.Fields(bulletIs.ReplaceAllString(content, ""))
		n := 0
		for j, token := range tokens {
			switch {
			case token == "+<" && j == 0, token == "0" && len(tokens) == 1, token == ",", token == ";", pauseIs.MatchString(token) && head != "%wor":
			case strings.Contains(".?!", token):
				if j < len(tokens)-1 {
					faults = append(faults, fmt.Sprintf("line %d: %q ends what goes on (E305)", i+1, token))
				}
			case !isWord(token):
				faults = append(faults, fmt.Sprintf("line %d: %q is no word", i+1, token))
			default:
				n++
			}
		}
		if head == "%wor" && n != words {
			faults = append(faults, fmt.Sprintf("line %d: %d words, and %d above (E714, E715)", i+1, n, words))
		}
		words = n
	}
	return faults
}

func isWord(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool {
		return strings.ContainsRune("<>[](){}&+@*%$#^=_~\\/|\":.,;?!0123456789‘’“”…", r) || r >= 0xe000 && r <= 0xffff && (r < 0xff01 || r > 0xff5e) && (r < 0xf170 || r > 0xf264) || r < ' '
	}) && !strings.HasPrefix(token, "-") && !strings.HasSuffix(token, "-")
}
