package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"lydhor/pipeline"
)

// A Model weighs the features of turns for each code, and of answers for each outcome, by
// logistic regression. It is a file that people read: a feature's weight times its value is
// its share in the log odds, and so the evidence.
type Model struct {
	Language string                           `json:"language"`
	Codebook string                           `json:"codebook"` // version that its cues are of
	Trained  Training                         `json:"trained"`
	Codes    map[pipeline.Code]*Regression    `json:"codes,omitempty"`    // a turn in its talk
	Alone    map[pipeline.Code]*Regression    `json:"alone,omitempty"`    // a turn by itself, which its neighbours look at
	Outcomes map[pipeline.Outcome]*Regression `json:"outcomes,omitempty"` // an answer to a turn
	Uptake   map[Uptake]*Regression           `json:"uptake,omitempty"`   // an answer in any talk
}

// Training says what a model was trained on.
type Training struct {
	Conversations []string `json:"conversations"`
}

// A Regression is the weights for one code or outcome. It is suggested above Threshold.
type Regression struct {
	Penalty   float64            `json:"penalty"` // of training, L2
	Threshold float64            `json:"threshold"`
	LeftOutF1 float64            `json:"left_out_f1,omitempty"` // the highest, of training talks by folds without them
	Bias      float64            `json:"bias"`
	Weights   map[string]float64 `json:"weights"`
}

// A feature is one thing heard or measured of a turn.
type feature struct {
	name  string
	value float64
	text  string // what was heard, where it was words
}

// logOdds is how much features speak for the code.
func (r *Regression) logOdds(features []feature) float64 {
	sum := r.Bias
	for _, f := range features {
		sum += r.Weights[f.name] * f.value
	}
	return sum
}

// probability is how likely the code is by its log odds.
func (r *Regression) probability(logOdds float64) float64 { return logistic(logOdds) }

// leastShare is the share in the log odds from which a feature is worth an analyst's eye.
const leastShare = 0.1

// evidence are the features that counted on the turn numbered n, the weightiest first.
func (r *Regression) evidence(features []feature, n int) []pipeline.Evidence {
	var list []pipeline.Evidence
	for _, f := range features {
		if share := r.Weights[f.name] * f.value; math.Abs(share) >= leastShare {
			list = append(list, pipeline.Evidence{Group: f.name, Text: f.text, Turn: n, Weight: math.Round(100*share) / 100})
		}
	}
	slices.SortStableFunc(list, func(a, b pipeline.Evidence) int { return -cmp.Compare(math.Abs(a.Weight), math.Abs(b.Weight)) })
	return list
}

// An observation is a turn as trained on.
type observation struct {
	features []feature
	is       bool
}

// fit finds the weights with the highest penalised likelihood by Newton's method (Hastie,
// Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed., 4.4.1 and 18.4):
// penalty is the L2 penalty on every weight, none on the bias. The same observations give
// the same weights.
func fit(data []observation, penalty float64) *Regression {
	return newton(data, &Regression{}, 0, penalty)
}

// fitNear is fit with the penalty on how far every weight, and the bias, moves from what it was.
func fitNear(data []observation, was *Regression, penalty float64) *Regression {
	return newton(data, was, penalty, penalty)
}

func newton(data []observation, was *Regression, onBias, penalty float64) *Regression {
	names := slices.AppendSeq(featureNames(data), maps.Keys(was.Weights))
	slices.Sort(names)
	names = slices.Compact(names)
	at := map[string]int{}
	prior, hold := make([]float64, len(names)+1), make([]float64, len(names)+1)
	prior[0], hold[0] = was.Bias, onBias
	for i, n := range names {
		at[n] = i + 1
		prior[i+1], hold[i+1] = was.Weights[n], penalty
	}
	w := slices.Clone(prior)
	for range 25 {
		step := newtonStep(data, at, w, prior, hold)
		largest := 0.0
		for i := range w {
			w[i] -= step[i]
			largest = max(largest, math.Abs(step[i]))
		}
		if largest < 1e-4 {
			break
		}
	}
	r := &Regression{Penalty: penalty, Threshold: was.Threshold, Bias: math.Round(w[0]*1000) / 1000, Weights: map[string]float64{}}
	for i, n := range names {
		r.Weights[n] = math.Round(w[i+1]*1000) / 1000
	}
	return r
}

func featureNames(data []observation) []string {
	seen := map[string]bool{}
	var names []string
	for _, o := range data {
		for _, f := range o.features {
			if !seen[f.name] {
				seen[f.name] = true
				names = append(names, f.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// newtonStep solves Hessian · step = gradient at w; hold is the penalty on moving each weight
// from its prior.
func newtonStep(data []observation, at map[string]int, w, prior, hold []float64) []float64 {
	n := len(w)
	gradient := make([]float64, n)
	hessian := make([][]float64, n)
	for i := range hessian {
		hessian[i] = make([]float64, i+1)
		hessian[i][i] = hold[i]
		gradient[i] = hold[i] * (w[i] - prior[i])
	}
	for _, o := range data {
		idx, val := []int{0}, []float64{1}
		z := w[0]
		for _, f := range o.features {
			i := at[f.name]
			idx, val = append(idx, i), append(val, f.value)
			z += w[i] * f.value
		}
		p := logistic(z)
		for a, i := range idx {
			gradient[i] += (p - number(o.is)) * val[a]
			slope := p * (1 - p) * val[a]
			for b, j := range idx {
				if j <= i {
					hessian[i][j] += slope * val[b]
				}
			}
		}
	}
	return solve(hessian, gradient)
}

// solve finds x of a · x = b by Cholesky's decomposition, in place; of the positive definite a
// it reads the lower triangle.
func solve(a [][]float64, b []float64) []float64 {
	for i, row := range a {
		for j, other := range a[:i+1] {
			sum := row[j] - dot(row[:j], other[:j])
			if i == j {
				row[i] = math.Sqrt(sum + 1e-9)
			} else {
				row[j] = sum / other[j]
			}
		}
		b[i] = (b[i] - dot(row[:i], b[:i])) / row[i]
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] /= a[i][i]
		for j, l := range a[i][:i] {
			b[j] -= l * b[i]
		}
	}
	return b
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
