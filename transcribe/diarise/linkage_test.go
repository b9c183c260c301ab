package diarise

import (
	"math"
	"slices"
	"testing"
)

// at is points on a line, so that distances are differences.
func at(places ...float32) []point {
	all := make([]point, len(places))
	for i, p := range places {
		all[i] = point{[]float32{p}, 1}
	}
	return all
}

func TestCentres(t *testing.T) {
	// 0 and 1 join at 1 (centre 0.5), 10 and 12 at 2 (centre 11), those two at 10.5, and 30 at
	// 30 - 5.75 = 24.25.
	points := at(0, 10, 1, 12, 30)
	for _, test := range []struct {
		name         string
		apart, small float64
		least, most  int
		want         [][]int
	}{
		{"all alone", 0.5, 0, 1, 20, [][]int{{0}, {1}, {2}, {3}, {4}}},
		{"nearest two", 1.5, 0, 1, 20, [][]int{{0, 2}, {1}, {3}, {4}}},
		{"three", 5, 0, 1, 20, [][]int{{0, 2}, {1, 3}, {4}}},
		{"a lone point is noise", 5, 2, 1, 20, [][]int{{0, 2}, {1, 3}}},
		{"two at most", 5, 0, 1, 2, [][]int{{0, 2, 1, 3}, {4}}},
		{"one at most", 5, 0, 1, 1, [][]int{{0, 2, 1, 3, 4}}},
		{"four at least", 100, 0, 4, 20, [][]int{{0, 2}, {1}, {3}, {4}}},
		{"two that count at least", 100, 2, 2, 20, [][]int{{0, 2}, {1, 3}}},
		{"more than there are", 5, 0, 9, 20, [][]int{{0}, {1}, {2}, {3}, {4}}},
		{"one that counts at least", 0.5, 2, 1, 20, [][]int{{0, 2}}},
		{"none counts", 0.5, 100, 1, 20, [][]int{{0}, {1}, {2}, {3}, {4}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got [][]int
			for _, c := range centres(points, test.apart, test.small, test.least, test.most) {
				got = append(got, c.members)
			}
			if !slices.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	if got := centres(nil, 1, 1, 1, 2); got != nil {
		t.Errorf("of nothing: got %v", got)
	}
}

func TestCentreIsWeightedMean(t *testing.T) {
	points := []point{{[]float32{0}, 3}, {[]float32{1}, 1}}
	got := centres(points, 2, 0, 1, 20)
	if len(got) != 1 || math.Abs(got[0].mean[0]-0.25) > 1e-9 || got[0].weight != 4 { // (3·0 + 1·1)/4
		t.Errorf("got %+v, want one at 0.25 of weight 4", got)
	}
}

// More points than are compared at once still come to their speakers.
func TestManyPoints(t *testing.T) {
	var places []float32
	for i := range 2*pointGroup + 7 {
		places = append(places, float32(i%3)*100+float32(i%10))
	}
	got := centres(at(places...), 20, 1, 1, 20)
	if len(got) != 3 {
		t.Fatalf("got %d centres, want 3", len(got))
	}
	for _, c := range got {
		for _, m := range c.members {
			if m%3 != c.members[0]%3 {
				t.Fatalf("point %d is with point %d", m, c.members[0])
			}
		}
	}
}
