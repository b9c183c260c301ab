package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// starterVersion is that of the codebook that comes with the program.
var starterVersion = func() string {
	coder, err := analysis.Starter("da")
	if err != nil {
		panic(err)
	}
	return coder.Book().Version
}()

// book is a codebook that hears citizen meaning in one word alone.
func book(version, word string) string {
	return `schema: lises-codebook/1
language: da
version: "` + version + `"
codes:
- id: citizen_meaning
  roles: [citizen]
  threshold: 1
  cues:
  - group: g
    weight: 1
    phrases: [` + word + `]
`
}

// heard codes one turn by the project's codebook and by cues alone, and gives whether it is
// citizen meaning, and the codebook that the run names.
func heard(t *testing.T, c *store.Coders, project string) (bool, string) {
	t.Helper()
	coding, err := c.Of(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	talk := &pipeline.Transcript{Language: "da", Turns: []pipeline.Turn{{N: 1, Speaker: "A", Role: pipeline.Citizen, Text: "Kragefugl og stær."}}}
	run := coding.Starters["da"].With(nil).Analyse(talk)
	return talk.Turns[0].Has(pipeline.CitizenMeaning), run.Params["codebook"]
}

func TestProjectCodesByTheCodebookItChose(t *testing.T) {
	db, project := setup(t)
	other, err := store.Project(ctx, db, "another")
	if err != nil {
		t.Fatal(err)
	}
	coders, err := store.NewCoders(db)
	if err != nil {
		t.Fatal(err)
	}
	if is, named := heard(t, coders, project); is || named != "da "+starterVersion {
		t.Errorf("before any choice: got %t by %q, want none by the starter", is, named)
	}
	if _, err := store.UseCodebook(ctx, db, project, book("p2", "kragefugl"), "eva"); err != nil {
		t.Fatal(err)
	}
	if is, named := heard(t, coders, project); !is || named != "da p2" {
		t.Errorf("got %t by %q, want the word heard by p2", is, named)
	}
	if is, _ := heard(t, coders, other); is {
		t.Error("another project codes by it")
	}
	if _, err := store.UseCodebook(ctx, db, project, book("p3", "musvit"), "eva"); err != nil {
		t.Fatal(err)
	}
	if is, named := heard(t, coders, project); is || named != "da p3" {
		t.Errorf("got %t by %q, want none by p3", is, named)
	}
	for _, test := range []struct{ to, want string }{{"p2", "da p2"}, {"", "da " + starterVersion}} {
		if err := store.Choose(ctx, db, project, store.Choice{What: store.Codebooks, Language: "da", Version: test.to, By: "eva"}); err != nil {
			t.Fatal(err)
		}
		if _, named := heard(t, coders, project); named != test.want {
			t.Errorf("back to %q: got %q, want %q", test.to, named, test.want)
		}
	}
	if err := store.Choose(ctx, db, other, store.Choice{What: store.Codebooks, Language: "da", Version: "p2", By: "eva"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another project's version: got %v, want %v", err, store.ErrNotFound)
	}
	list, err := store.CodebooksOf(ctx, db, project)
	if err != nil || len(list) != 2 || list[0].Version != "p3" || list[1].By != "eva" {
		t.Errorf("got %v, error %v, want p3 and p2", list, err)
	}
}

func TestUseCodebookRefuses(t *testing.T) {
	db, project := setup(t)
	if _, err := store.UseCodebook(ctx, db, project, book("p2", "kragefugl"), "eva"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.UseCodebook(ctx, db, project, book("p2", "kragefugl"), "eva"); err != nil {
		t.Errorf("the same text again: got %v", err)
	}
	for _, test := range []struct{ name, yaml, want string }{
		{"another text of the same version", book("p2", "musvit"), "version p2 is another text already"},
		{"the starter's version", book(starterVersion, "musvit"), "version " + starterVersion + " is another text already"},
		{"no version", book("", "musvit"), "version is empty"},
		{"unknown language", strings.Replace(book("1", "musvit"), "language: da", "language: tlh", 1), `language is "tlh"`},
		{"unknown field", book("1", "musvit") + "codez: []\n", `line 12: unknown field "codez", did you mean "codes"?`},
		{"nothing", "", "it is empty"},
	} {
		_, err := store.UseCodebook(ctx, db, project, test.yaml, "eva")
		if _, bad := errors.AsType[store.BadCodebook](err); !bad || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q in it", test.name, err, test.want)
		}
	}
	if list, err := store.CodebooksOf(ctx, db, project); err != nil || len(list) != 1 {
		t.Errorf("got %v, error %v, want the one that was good", list, err)
	}
}

func TestModelVersionsCountUp(t *testing.T) {
	db, project := setup(t)
	coders, err := store.NewCoders(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1", "2"} {
		m := &analysis.Model{Language: "da", Codes: map[pipeline.Code]*analysis.Regression{pipeline.CitizenMeaning: {Bias: 9, Weights: map[string]float64{}}}}
		in(t, db, func(tx pgx.Tx) error {
			got, err := store.AddModel(ctx, tx, project, m, map[string]int{"n": 1}, "eva")
			if got != want {
				t.Errorf("got version %q, want %q", got, want)
			}
			return err
		})
	}
	coding, err := coders.Of(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	talk := &pipeline.Transcript{Language: "da", Turns: []pipeline.Turn{{N: 1, Speaker: "A", Role: pipeline.Citizen, Text: "Stær."}}}
	run := coding.Analyse(talk)
	if !talk.Turns[0].Has(pipeline.CitizenMeaning) || run.Params["project_model"] != "2" {
		t.Errorf("got codes %v and run %v, want those of model 2", talk.Turns[0].Codes, run)
	}
}
