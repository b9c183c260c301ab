package review

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page parses what was rendered, so that tests ask for elements and not for bytes.
func page(t *testing.T, rendered string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(rendered))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// all finds the elements under n that match a selector of the form tag.class#id[attr=value],
// each part optional, in the order of the page.
func all(n *html.Node, selector string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && matches(d, selector) {
			found = append(found, d)
		}
	}
	return found
}

func matches(n *html.Node, selector string) bool {
	rest, attribute, _ := strings.Cut(strings.TrimSuffix(selector, "]"), "[")
	if attribute != "" {
		name, value, _ := strings.Cut(attribute, "=")
		if attr(n, name) != value {
			return false
		}
	}
	rest, id, _ := strings.Cut(rest, "#")
	if id != "" && attr(n, "id") != id {
		return false
	}
	parts := strings.Split(rest, ".")
	if parts[0] != "" && parts[0] != n.Data {
		return false
	}
	for _, class := range parts[1:] {
		if !strings.Contains(" "+attr(n, "class")+" ", " "+class+" ") {
			return false
		}
	}
	return true
}

func attr(n *html.Node, name string) string {
	value, _ := attrIs(n, name)
	return value
}

func attrIs(n *html.Node, name string) (value string, is bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is all text under n, spaces collapsed.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// one finds the only element that matches.
func one(t *testing.T, n *html.Node, selector string) *html.Node {
	t.Helper()
	found := all(n, selector)
	if len(found) != 1 {
		t.Fatalf("got %d elements %q, want 1", len(found), selector)
	}
	return found[0]
}
