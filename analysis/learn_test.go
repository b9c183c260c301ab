package analysis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"lydhor/pipeline"
)

// lessons are n talks in which people take questions for citizen meaning, and nothing else:
// not what the starter does.
func lessons(n int) []Lesson {
	var list []Lesson
	for i := range n {
		t := talk(
			"P: Hvordan går det med dig?",
			fmt.Sprintf("B: Hvornår skal jeg møde på plads nummer %d?", i),
			"P: Det skriver jeg i planen.",
			"B: Jeg savner mine kolleger og det at køre truck, det gjorde mig glad.",
			"P: Nå, det var godt. Vi skal også have udfyldt skemaet.",
			"B: Skal jeg selv tage brevet med til lægen?",
			"P: Ja, det skal du.",
			"B: Det var i fireoghalvfems på havnen.",
			"P: Så siger vi det.",
		)
		t.ID = fmt.Sprintf("talk %d", i)
		list = append(list, Lesson{t, map[int]Said{
			2: {Meaning: true, Outcome: pipeline.Gripped}, 4: {}, 6: {Meaning: true, Outcome: pipeline.Gripped}, 8: {}}})
	}
	return list
}

func TestLearnFollowsPeople(t *testing.T) {
	c := inDanish(t)
	got, err := c.Learn(lessons(40), c)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Better || got.New.F1() <= got.Present.F1() || got.New.MeanLoss() >= got.Present.MeanLoss() || got.Fresh != 40 || got.Turns != 160 {
		t.Errorf("got %+v, want what was learned to be better on 40 talks and 160 turns", got)
	}
	unseen := lessons(41)[40].Transcript
	c.With(got.Model).Analyse(unseen)
	if !unseen.Turns[1].Has(pipeline.CitizenMeaning) || unseen.Turns[3].Has(pipeline.CitizenMeaning) {
		t.Errorf("got codes %v and %v on another talk, want as people said", unseen.Turns[1].Codes, unseen.Turns[3].Codes)
	}
	if before := len(c.model.Trained.Conversations); len(got.Model.Trained.Conversations) != before+40 {
		t.Errorf("got %d conversations, want %d", len(got.Model.Trained.Conversations), before+40)
	}
}

// A model is weights of what the codebook and the program name, ids, and words that professionals say in many talks:
// nothing that one talk alone or a citizen said.
func TestModelsHoldNoWords(t *testing.T) {
	c := inDanish(t)
	learned, err := c.Learn(lessons(40), c)
	if err != nil {
		t.Fatal(err)
	}
	var coded []*pipeline.Transcript
	for i, l := range lessons(leastTalks + 1) {
		if i < leastTalks-1 {
			l.Turns[8].Text = "Så siger vi det på kontoret."
		}
		c.Analyse(l.Transcript)
		coded = append(coded, l.Transcript)
	}
	trained, err := c.Train(coded)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{"learned": learned.Model, "trained": trained} {
		file, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(file, []byte("talk 3")) {
			t.Errorf("the model %s does not say what it was trained on", name)
		}
		for _, said := range []string{"kolleger", "truck", "fireoghalvfems", "havnen", "lægen", "plads nummer", "kontor"} {
			if bytes.Contains(file, []byte(said)) {
				t.Errorf("the model %s holds %q", name, said)
			}
		}
	}
	if trained.lexicon()["plan"] == "" {
		t.Errorf("got the words %v, want what professionals said in every talk", trained.lexicon())
	}
}

// What a model was trained on does not tell whether another is better than it.
func TestLearnComparesOnFreshTalksOnly(t *testing.T) {
	c := inDanish(t)
	first, err := c.Learn(lessons(6), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Learn(lessons(8), c.With(first.Model)); !errors.Is(err, ErrFewFresh) {
		t.Errorf("two fresh talks: got %v, want %v", err, ErrFewFresh)
	}
	got, err := c.Learn(lessons(9), c.With(first.Model))
	if err != nil || got.Fresh != 3 || got.Present.Turns != 12 {
		t.Errorf("got %+v, error %v, want a comparison on the three fresh talks", got, err)
	}
}

func TestLearnKeepsOnlyWhatIsBetter(t *testing.T) {
	for _, test := range []struct {
		name string
		new  Trial
		want bool
	}{
		{"surer and as good", Trial{Turns: 10, Loss: 1, There: 4, Found: 4, Right: 3, AsPeople: 2}, true},
		{"less sure", Trial{Turns: 10, Loss: 3, There: 4, Found: 4, Right: 4, AsPeople: 2}, false},
		{"surer, and finds less", Trial{Turns: 10, Loss: 1, There: 4, Found: 4, Right: 2, AsPeople: 2}, false},
		{"surer, and worse outcomes", Trial{Turns: 10, Loss: 1, There: 4, Found: 4, Right: 3, AsPeople: 1}, false},
	} {
		if got := test.new.betterThan(Trial{Turns: 10, Loss: 2, There: 4, Found: 4, Right: 3, AsPeople: 2}); got != test.want {
			t.Errorf("%s: got %t, want %t", test.name, got, test.want)
		}
	}
}

func TestLearnRefuses(t *testing.T) {
	c := inDanish(t)
	if _, err := c.Learn(nil, c); !errors.Is(err, ErrFewFresh) {
		t.Errorf("no lessons: got %v", err)
	}
	alike := lessons(5)
	for _, l := range alike {
		for n := range l.Says {
			l.Says[n] = Said{}
		}
	}
	if _, err := c.Learn(alike, c); !errors.Is(err, ErrOneAnswer) {
		t.Errorf("no citizen meaning: got %v, want %v", err, ErrOneAnswer)
	}
	if _, err := c.With(nil).Learn(lessons(5), c); !errors.Is(err, ErrNoModel) {
		t.Errorf("no model: got %v, want %v", err, ErrNoModel)
	}
}

// With few turns the weights stay where they were; the fit is at the prior without any.
func TestFitNearStaysNear(t *testing.T) {
	was := &Regression{Bias: -1, Threshold: -0.5, Weights: map[string]float64{"x": 2, "y": 1}}
	got := fitNear(observed(1, 0, 1), was, 30)
	if d := was.Weights["x"] - got.Weights["x"]; d <= 0 || d > 0.1 || got.Weights["y"] != 1 || got.Threshold != -0.5 {
		t.Errorf("got %+v, want nearly %+v", got, was)
	}
}
