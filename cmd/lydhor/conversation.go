package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"lydhor/pipeline"
)

// readConversation reads a transcript, or the reference beside a demo recording, which
// transcribe/demo/recipe/render.py writes: turns in order, words by segment.
func readConversation(data []byte) (*pipeline.Transcript, error) {
	var rendered struct {
		Audio string `json:"audio"`
		Turns []struct {
			Speaker  string             `json:"speaker"`
			Role     pipeline.Role      `json:"role"`
			Start    float64            `json:"start"`
			End      float64            `json:"end"`
			Text     string             `json:"text"`
			Segments []pipeline.Segment `json:"segments"`
		} `json:"turns"`
	}
	if err := json.Unmarshal(data, &rendered); err != nil || rendered.Audio == "" {
		return pipeline.ReadTranscript(bytes.NewReader(data))
	}
	t := &pipeline.Transcript{ID: rendered.Audio, Synthetic: true}
	for i, r := range rendered.Turns {
		turn := pipeline.Turn{N: i + 1, Speaker: r.Speaker, Role: r.Role, Span: pipeline.FromSeconds(r.Start, r.End), Text: r.Text}
		if turn.Start < 0 || turn.Dur() < 0 {
			return nil, fmt.Errorf("turn %d runs from %v to %v", turn.N, turn.Start, turn.End)
		}
		for _, s := range r.Segments {
			turn.Words = append(turn.Words, s.Words...)
		}
		t.Turns = append(t.Turns, turn)
	}
	return t, nil
}
