package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"lydhor/pipeline"
)

// readConversation reads a transcript, or turns that have no numbers: those of lydhor
// diarise --json, and of the reference beside a demo recording, which
// transcribe/demo/recipe/render.py writes, words by segment.
func readConversation(data []byte) (*pipeline.Transcript, error) {
	var plain struct {
		Turns []struct {
			N        int                `json:"n"`
			Speaker  string             `json:"speaker"`
			Role     pipeline.Role      `json:"role"`
			Start    float64            `json:"start"`
			End      float64            `json:"end"`
			Text     string             `json:"text"`
			Segments []pipeline.Segment `json:"segments"`
		} `json:"turns"`
	}
	if err := json.Unmarshal(data, &plain); err != nil || len(plain.Turns) == 0 || plain.Turns[0].N != 0 {
		return pipeline.ReadTranscript(bytes.NewReader(data))
	}
	t := &pipeline.Transcript{}
	for i, r := range plain.Turns {
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
