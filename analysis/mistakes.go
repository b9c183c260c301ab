package analysis

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	strayField = regexp.MustCompile(`^line (\d+): field (.+) not found in type analysis\.(\w+)$`)
	wrongKind  = regexp.MustCompile("^line (\\d+): cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.+)$")
)

// mistakes says err in the words of who writes a codebook, a line for each mistake; yaml says it in types of this program.
func mistakes(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty; begin with a copy of the starter")
	}
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return err
	}
	said := make([]string, len(wrong.Errors))
	for i, e := range wrong.Errors {
		said[i] = mistake(e)
	}
	return errors.New(strings.Join(said, "\n"))
}

func mistake(e string) string {
	if m := strayField.FindStringSubmatch(e); m != nil {
		return "line " + m[1] + ": " + unknown("field", m[2], fieldsOf(reflect.TypeFor[Codebook](), m[3]))
	}
	if m := wrongKind.FindStringSubmatch(e); m != nil {
		return fmt.Sprintf("line %s: %s is wanted here, and there stands %s", m[1], wantedKind(m[4]), strings.TrimSpace(wantedKind(m[2])+" "+m[3]))
	}
	return e
}

// wantedKind is what yaml or Go calls so, to a writer of YAML.
func wantedKind(name string) string {
	switch {
	case name == "float64" || strings.HasPrefix(name, "int") || name == "float":
		return "a number"
	case name == "bool":
		return "true or false"
	case name == "seq" || strings.HasPrefix(name, "[]"):
		return "a list"
	case name == "map" || strings.HasPrefix(name, "*") || strings.HasPrefix(name, "analysis."):
		return "fields (name: value)"
	case name == "null":
		return "nothing"
	}
	return "text"
}

// unknown says that there is no such thing of that name, and which name is nearest.
func unknown[T ~string](what string, name T, names []T) string {
	there := make([]string, len(names))
	for i, n := range names {
		there[i] = string(n)
	}
	return fmt.Sprintf("unknown %s %q, did you mean %q? There are %s", what, name, nearest(string(name), there), strings.Join(there, ", "))
}

// fieldsOf are the YAML names of the fields of the type of that name, in t or under it.
func fieldsOf(t reflect.Type, name string) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	if t.Name() == name {
		return fields(t)
	}
	for _, f := range reflect.VisibleFields(t) {
		if under := fieldsOf(f.Type, name); under != nil {
			return under
		}
	}
	return nil
}

// fields are the YAML names of the fields of a struct.
func fields(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		switch tag := f.Tag.Get("yaml"); tag {
		case "":
		case ",inline":
			names = append(names, fields(f.Type)...)
		default:
			names = append(names, tag)
		}
	}
	return names
}

// oneOf reads a name of a closed list.
func oneOf[T ~string](into *T, n *yaml.Node, what string, names ...string) error {
	if !slices.Contains(names, n.Value) {
		return fmt.Errorf("line %d: %s", n.Line, unknown(what, n.Value, names))
	}
	*into = T(n.Value)
	return nil
}

// nearest is the name with the fewest letters to change, the first of several.
func nearest(to string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int { return edits(to, a) - edits(to, b) })
}

// edits is the Levenshtein distance of a and b in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substituted := diagonal + int(number(a[i] != b[j]))
			diagonal = row[j+1]
			row[j+1] = min(substituted, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
