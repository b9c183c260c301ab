package main

import (
	"testing"

	"lydhor/pipeline"
)

func TestCompared(t *testing.T) {
	print := func(recording, speaker string, x, y float32) pipeline.Voiceprint {
		return pipeline.Voiceprint{Recording: recording, Speaker: speaker, Kind: "k", Vector: []float32{x, y}, Least: 0.9}
	}
	same, other := compared([]pipeline.Voiceprint{
		print("r1", "anna", 1, 0), print("r1", "bo", 0, 1),
		print("r2", "anna", 1, 0), print("r2", "bo", 3, 4),
	})
	// Anna and Anna 1, Bo and Bo 0.8; Anna of r1 and Bo of r2 0.6, Bo of r1 and Anna of r2 0.
	if want := (likenesses{pairs: 2, proposed: 1, least: 0.8, most: 1}); !near(same, want) {
		t.Errorf("one voice: got %+v, want %+v", same, want)
	}
	if want := (likenesses{pairs: 2, proposed: 0, least: 0, most: 0.6}); !near(other, want) {
		t.Errorf("two voices: got %+v, want %+v", other, want)
	}
}

func near(a, b likenesses) bool {
	return a.pairs == b.pairs && a.proposed == b.proposed && max(a.least-b.least, b.least-a.least, a.most-b.most, b.most-a.most) < 1e-6
}
