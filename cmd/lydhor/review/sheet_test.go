package review

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lydhor/pipeline"
)

func sheetShelf(t *pipeline.Transcript) *shelf {
	return &shelf{transcript: t, recordings: []Recording{
		{ID: "r1", Title: "Prøvesamtale", Kind: pipeline.Conversation, State: Done},
		{ID: "flip1", Title: "FLIP om samtalen", Kind: pipeline.FLIP, State: Done, Meta: map[string]string{"date": "2026-11-20"}},
	}}
}

// post sends a form and gives the page that answers.
func post(t *testing.T, address string, form url.Values) (int, string) {
	t.Helper()
	resp, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestSheetShowsThePickedSequencesWithoutNames(t *testing.T) {
	tr := talk()
	tr.Speakers[0].Label, tr.Turns[0].Speaker, tr.Turns[2].Speaker = "Kirsten", "Kirsten", "Kirsten"
	tr.Turns[1].Text = "Jeg kunne godt lide Villads’ blomster, og Villads <b>også</b>, og smeden."
	s := testServer(t, sheetShelf(tr).config())
	status, body := post(t, s.URL+"/recordings/r1/sheet", url.Values{"turn": {"2"}, "names": {"[navn 1] = Mads\r\n\r\nsmeden = bageren\r\n"}, "flip": {"flip1"}})
	if status != http.StatusOK {
		t.Fatalf("got status %d, want 200", status)
	}
	doc := page(t, body)
	if got := len(all(doc, "section.excerpt")); got != 1 {
		t.Errorf("got %d excerpts, want the one that was picked", got)
	}
	if got, want := text(one(t, doc, "p.marked")), "Borger Jeg kunne godt lide Mads’ blomster, og Mads <b>også</b>, og bageren."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	sheet := text(one(t, doc, "main"))
	for _, never := range []string{"Kirsten", "Villads", "Overhalet"} {
		if strings.Contains(sheet, never) {
			t.Errorf("got %q on the sheet", never)
		}
	}
	if !strings.Contains(sheet, "FLIP flip1, 2026-11-20") || len(all(doc, "a[href=/recordings/flip1]")) != 1 {
		t.Errorf("got %q, want it to name the FLIP and link to it", sheet)
	}
}

func TestSheetFormKeepsWhatWasWritten(t *testing.T) {
	s := testServer(t, sheetShelf(talk()).config())
	for _, test := range []struct {
		name, turn, names, want string
	}{
		{"nothing picked", "", "Villads = Mads", "Vælg mindst én sekvens"},
		{"a turn that is no flag", "3", "Villads = Mads", "Vælg mindst én sekvens"},
		{"no replacement", "2", "Villads =", "”Villads =” kan ikke læses"},
		{"no name", "2", "= <b>", "”= <b>” kan ikke læses"},
	} {
		status, body := post(t, s.URL+"/recordings/r1/sheet", url.Values{"turn": {test.turn}, "names": {test.names}, "flip": {"flip1"}})
		doc := page(t, body)
		if status != http.StatusUnprocessableEntity || !strings.Contains(text(one(t, doc, "p.problem")), test.want) {
			t.Errorf("%s: got status %d and %q, want 422 and %q", test.name, status, text(one(t, doc, "p.problem")), test.want)
		}
		if got := text(one(t, doc, "textarea#names")); got != test.names {
			t.Errorf("%s: got names %q, want %q", test.name, got, test.names)
		}
		if got := len(all(doc, "option[value=flip1]")); got != 1 {
			t.Errorf("%s: got %d options for the FLIP, want 1", test.name, got)
		}
	}
}

func TestSheetOffersNoUtteranceThatAPersonRefused(t *testing.T) {
	shelf := sheetShelf(talk())
	shelf.decisions = []pipeline.Decision{{Key: "k", Coder: "anna", Turn: shelf.transcript.Turns[1].Span}}
	_, body := get(t, testServer(t, shelf.config()).URL+"/recordings/r1/sheet")
	if got := all(page(t, body), "input[name=turn]"); len(got) != 1 || attr(got[0], "value") != "4" {
		t.Errorf("got %d sequences, want that of turn 4 alone", len(got))
	}
}

func TestExcerptReachesALateGrip(t *testing.T) {
	tr := manyFlags(10)
	tr.Turns[2].OutcomeTurn = 12
	c := newConversation(tr, nil)
	lines := newExcerpt(c, c.Flags[1], nil).Lines // turn 3: turns 1 to 7, and 12
	if len(lines) != 8 || !lines[2].Marked || lines[6].Skips || !lines[7].Skips {
		t.Errorf("got %d lines %+v, want 7 and a late one", len(lines), lines)
	}
	if lines = newExcerpt(c, c.Flags[9], nil).Lines; len(lines) != 4 { // turn 19: turns 17 to 20
		t.Errorf("at the end: got %d lines, want 4", len(lines))
	}
}

func TestSpeakersOfOneRoleAreToldApart(t *testing.T) {
	c := newConversation(&pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Speaker: "Bo", Role: pipeline.Practitioner}, {N: 2, Speaker: "Ea", Role: pipeline.Researcher}, {N: 3, Speaker: "Ib", Role: pipeline.Practitioner},
	}}, nil)
	var got []string
	for i := range c.Turns {
		got = append(got, newLine(c, i, nil, false).Letter)
	}
	if want := []string{"A", "", "B"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamesAreReplaced(t *testing.T) {
	list, err := parseNames("Bo = Per\nBo Madsen = Per Holm\nAarhus=en by\nÅse = Eva")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"whole word", "Bo bor i Aarhus.", "Per bor i en by."},
		{"inside a word", "Boligen og Nybo", "Boligen og Nybo"},
		{"genitive", "Bos hus", "Pers hus"},
		{"longest name first", "Bo Madsen og Bo", "Per Holm og Per"},
		{"one after the other", "Bo Bo, BO!", "Per Per, Per!"},
		{"Danish letters in other case", "åse", "Eva"},
		{"a replacement is not replaced", "Per", "Per"},
		{"not UTF-8", "Bo\xff", "Per\xff"},
		{"empty", "", ""},
	} {
		if got := list.replace(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSheetInBrowser(t *testing.T) {
	b := openBrowser(t)
	shelf := sheetShelf(talk())
	shelf.sound = tone(10 * time.Second)
	c := shelf.config()
	c.Account = "/account"
	s := testServer(t, c)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/recordings/r1/sheet"), chromedp.WaitVisible(chromedp.CSS(".pick")))
	b.do(chromedp.Focus(chromedp.CSS("input[name=turn]")))
	b.press(" ")
	b.do(chromedp.SetValue(chromedp.CSS("#names"), "blomsterne = planterne"), chromedp.SetValue(chromedp.CSS("#flip"), "flip1"))
	b.shoot("sheet-form")
	b.accessible()
	b.do(chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitVisible(chromedp.CSS(".excerpt")))
	b.is(`document.querySelector(".marked .said").textContent === "Jeg kunne godt lide planterne."`)
	b.shoot("sheet")
	b.accessible()

	b.do(chromedp.Navigate(s.URL+"/recordings/r1/sheet"), chromedp.WaitVisible(chromedp.CSS(".pick")))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("input[name=turn]").forEach((box) => { box.checked = true; })`))
	b.do(chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitVisible(chromedp.CSS(".excerpt")))
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(pdf, []byte("/Type /Page\n")); got != 2 {
		t.Errorf("got %d pages, want one for each of 2 excerpts", got)
	}
}

func TestSheetRemembersItsFLIP(t *testing.T) {
	s := testServer(t, sheetShelf(talk()).config())
	post(t, s.URL+"/recordings/r1/sheet", url.Values{"turn": {"4"}, "flip": {"flip1"}})
	_, body := get(t, s.URL+"/recordings/r1/sheet?flip=flip1")
	for _, box := range all(page(t, body), "input[name=turn]") {
		if _, checked := attrIs(box, "checked"); checked != (attr(box, "value") == "4") {
			t.Errorf("turn %s: got checked %v", attr(box, "value"), checked)
		}
	}
	for address, want := range map[string]string{
		"/recordings/r1":    "/recordings/flip1",
		"/recordings/flip1": "/recordings/r1/sheet?flip=flip1",
	} {
		_, body := get(t, s.URL+address)
		if got := attr(one(t, one(t, page(t, body), "ul.taken"), "a"), "href"); got != want {
			t.Errorf("%s: got a link to %q, want %q", address, got, want)
		}
	}
}

func TestClipIsOfTheExcerptAndHidesNames(t *testing.T) {
	tr := manyFlags(10)
	tr.Turns[4].Text = "Jeg hedder Villads Holm." // 4 to 5 s
	shelf := sheetShelf(tr)
	s := testServer(t, shelf.config())
	_, body := get(t, s.URL+"/recordings/r1/clips/5") // turns 3 to 9
	if body != "{2s 9s}" {
		t.Errorf("got a clip of %s, want {2s 9s}", body)
	}
	if len(shelf.hidden) != 1 || shelf.hidden[0] != tr.Turns[4].Span {
		t.Errorf("got %v hidden, want turn 5: its words have no times", shelf.hidden)
	}
	for _, n := range []string{"0", "21", "x"} {
		if resp, _ := get(t, s.URL+"/recordings/r1/clips/"+n); resp.StatusCode != http.StatusNotFound {
			t.Errorf("turn %s: got status %d, want 404", n, resp.StatusCode)
		}
	}
}
