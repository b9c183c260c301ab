package analysis

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

// observed makes n turns with a feature of that value, of which is carry the code.
func observed(n, is int, value float64) []observation {
	var list []observation
	for i := range n {
		list = append(list, observation{[]feature{{name: "x", value: value}}, i < is})
	}
	return list
}

func TestFitFindsTheLogOdds(t *testing.T) {
	// 20 of 80 without the feature and 60 of 80 with it: log(20/60) and log(60/20) - log(20/60).
	data := append(observed(80, 20, 0), observed(80, 60, 1)...)
	r := fit(data, 1e-6)
	if want := math.Log(20.0 / 60); math.Abs(r.Bias-want) > 0.002 {
		t.Errorf("got bias %v, want %v", r.Bias, want)
	}
	if want := 2 * math.Log(3); math.Abs(r.Weights["x"]-want) > 0.002 {
		t.Errorf("got weight %v, want %v", r.Weights["x"], want)
	}
	if held := fit(data, 20).Weights["x"]; held <= 0 || held >= r.Weights["x"] {
		t.Errorf("got weight %v with a penalty, want less than %v", held, r.Weights["x"])
	}
}

func TestFitOfWhatIsAlwaysSoStaysFinite(t *testing.T) {
	r := fit(append(observed(10, 0, 0), observed(10, 10, 1)...), 7)
	if math.IsNaN(r.Weights["x"]) || math.Abs(r.Weights["x"]) > 10 {
		t.Errorf("got weight %v", r.Weights["x"])
	}
}

func coded(lines ...string) *pipeline.Transcript {
	tr := talk(lines...)
	for i := range tr.Turns {
		if i%4 == 0 {
			tr.Turns[i].Codes = []pipeline.Code{pipeline.CitizenMeaning}
		}
		if i%4 == 1 {
			tr.Turns[i].Codes = []pipeline.Code{pipeline.Institutional}
		}
	}
	return tr
}

func TestTrainIsRepeatable(t *testing.T) {
	talks := []*pipeline.Transcript{coded("B: Jeg savner værkstedet.", "P: Der er et krav om praktik.", "B: Ja.", "P: Godt.",
		"B: Jeg er bange for det.", "P: Reglerne siger tolv uger.", "B: Okay.", "P: Skal du have kaffe?")}
	c := inDanish(t)
	first, err := c.Train(talks)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Train(talks)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second model differs:\n%s", diff)
	}
	if _, err := c.Train([]*pipeline.Transcript{talk("B: Ja.", "P: Nej.")}); err == nil {
		t.Error("trained on talk without any codes")
	}
}

func TestEvidenceAddsUpToConfidence(t *testing.T) {
	tr := talk("P: Hvad savner du?", "B: Altså, jeg savner mine kolleger og det at køre truck, det gjorde mig glad.")
	inDanish(t).Analyse(tr)
	turn := tr.Turns[1]
	if !turn.Has(pipeline.CitizenMeaning) {
		t.Fatalf("got codes %v", turn.Codes)
	}
	sum := inDanish(t).model.Codes[pipeline.CitizenMeaning].Bias
	for _, e := range turn.Evidence[string(pipeline.CitizenMeaning)] {
		sum += e.Weight
	}
	if got, want := turn.Confidence[string(pipeline.CitizenMeaning)], logistic(sum); math.Abs(got-want) > 0.1 {
		t.Errorf("got confidence %.2f, and reasons that add up to %.2f", got, want)
	}
}
