package chat

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// The prompt, and its version, which is part of the coder's name: another prompt is another
// coder. A prompt that was used is never edited.
const promptVersion = "1"

//go:embed prompts/1.txt
var prompt string

// schema is the form of an answer, as JSON schema.
var schema = map[string]any{
	"type": "object", "additionalProperties": false, "required": []string{"turns"},
	"properties": map[string]any{"turns": map[string]any{"type": "array", "items": map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"turn", "quote", "outcome", "deciding_turn", "deciding_quote", "reason"},
		"properties": map[string]any{
			"turn": map[string]any{"type": "integer"}, "quote": map[string]any{"type": "string"},
			"outcome":       map[string]any{"type": "string", "enum": pipeline.Outcomes},
			"deciding_turn": map[string]any{"type": "integer"}, "deciding_quote": map[string]any{"type": "string"},
			"reason": map[string]any{"type": "string"},
		},
	}}},
}

// A claim is what the model says of one turn. It counts when its quotes stand in the turns.
type claim struct {
	Turn          int              `json:"turn"`
	Quote         string           `json:"quote"`
	Outcome       pipeline.Outcome `json:"outcome"`
	DecidingTurn  int              `json:"deciding_turn"` // 0 for none
	DecidingQuote string           `json:"deciding_quote"`
	Reason        string           `json:"reason"`
}

// A Mark is a turn that the model takes for citizen meaning.
type Mark struct {
	Turn     int
	Outcome  pipeline.Outcome
	Deciding int // turn; 0 for none
	Reason   string
}

// A Coding is what the model says of a conversation. Dropped counts claims that do not hold:
// about a turn that is not the citizen's, with a quote that does not stand in it, and such.
type Coding struct {
	Marks   []Mark
	Dropped int
}

// A question is about so many turns, with some before it, and some after in which to look for
// what came of them.
const (
	turnsAsked  = 40
	turnsBefore = 10
	turnsAfter  = 20
)

// mostReason is how many letters of a reason are kept.
const mostReason = 500

// Code asks for the coding of t, a stretch at a time. An error is about all of it: there is
// no half coding.
func (c *Coder) Code(ctx context.Context, t *pipeline.Transcript) (*Coding, error) {
	coding := &Coding{}
	for from := 0; from < len(t.Turns); from += turnsAsked {
		to := min(from+turnsAsked, len(t.Turns))
		if !slices.ContainsFunc(t.Turns[from:to], func(turn pipeline.Turn) bool { return turn.Role == pipeline.Citizen }) {
			continue
		}
		claims, err := c.ask(ctx, question(t, from, to))
		if err != nil {
			return nil, fmt.Errorf("turns %d to %d: %w", from+1, to, err)
		}
		coding.add(t, from, to, claims)
	}
	return coding, nil
}

// question shows the turns from index from to index to, with what stands around them.
func question(t *pipeline.Transcript, from, to int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Code the turns %d to %d.\n\n", from+1, to)
	for _, turn := range t.Turns[max(0, from-turnsBefore):min(len(t.Turns), to+turnsAfter)] {
		fmt.Fprintf(&b, "[%d] %s: %s\n", turn.N, turn.Role, strings.Join(strings.Fields(turn.Text), " "))
	}
	return b.String()
}

// add keeps the claims that hold.
func (c *Coding) add(t *pipeline.Transcript, from, to int, claims []claim) {
	for _, claim := range claims {
		again := slices.ContainsFunc(c.Marks, func(m Mark) bool { return m.Turn == claim.Turn })
		if again || claim.Turn <= from || claim.Turn > to || !claim.holds(t) {
			c.Dropped++
			continue
		}
		mark := Mark{Turn: claim.Turn, Outcome: claim.Outcome, Deciding: claim.DecidingTurn, Reason: shortened(claim.Reason)}
		if mark.Outcome == pipeline.Open {
			mark.Deciding = 0
		}
		c.Marks = append(c.Marks, mark)
	}
	slices.SortFunc(c.Marks, func(a, b Mark) int { return cmp.Compare(a.Turn, b.Turn) })
}

// holds reports whether a claim is about a citizen's turn and what came later, in words that
// were said there.
func (c claim) holds(t *pipeline.Transcript) bool {
	turn, deciding := t.Turn(c.Turn), t.Turn(c.DecidingTurn)
	if turn == nil || turn.Role != pipeline.Citizen || !slices.Contains(pipeline.Outcomes, c.Outcome) || !stands(c.Quote, turn.Text) {
		return false
	}
	if c.Outcome == pipeline.Open {
		return true
	}
	return deciding != nil && deciding.N > turn.N && deciding.Role != pipeline.Citizen && stands(c.DecidingQuote, deciding.Text)
}

// stands reports whether a quote stands in a text, whatever the case and the spaces.
func stands(quote, text string) bool {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	quote = strings.Trim(plain(quote), `"'”“»«.… `)
	return quote != "" && strings.Contains(plain(text), quote)
}

func shortened(s string) string {
	letters := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "))
	return string(letters[:min(len(letters), mostReason)])
}
