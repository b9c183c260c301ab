package score

import (
	"math"
	"testing"

	"lydhor/pipeline"
)

func TestCalibration(t *testing.T) {
	var c Calibration
	if !math.IsNaN(c.Error()) {
		t.Error("got an error of nothing")
	}
	// Two at 0.5, one of them right: true. Two at 0.9, one right: 0.4 off, for half of all.
	c.Count(0.5, true)
	c.Count(0.5, false)
	c.Count(0.9, true)
	c.Count(0.9, false)
	if got := c.Error(); math.Abs(got-0.2) > 1e-9 {
		t.Errorf("got %v, want 0.2", got)
	}
	c.Count(1, true)
	c.Count(0, false)
	if c[4].N != 3 || c[0].N != 1 {
		t.Errorf("got bins %v", c)
	}
}

func TestThemesOf(t *testing.T) {
	ref := &pipeline.Transcript{Themes: []pipeline.Themes{{Turn: 1, Themes: []string{"a", "b"}}, {Turn: 3, Themes: []string{"a"}}}}
	hyp := &pipeline.Transcript{Themes: []pipeline.Themes{{Turn: 1, Themes: []string{"a"}}, {Turn: 2, Themes: []string{"a"}}}}
	got := ThemesOf(ref, hyp)
	if got["a"] != (Hits{True: 1, False: 1, Missed: 1}) || got["b"] != (Hits{Missed: 1}) {
		t.Errorf("got %v", got)
	}
}
