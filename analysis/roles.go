package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"lydhor/pipeline"
)

// A manner is how one speaker talks in one recording.
type manner struct {
	label         string
	turns, words  int
	questions     float64 // share of turns that ask
	institutional float64 // points of the code's cues, a turn
	meaning       float64 // likewise of citizen meaning
	opens         bool    // speaks first
}

// ProposeRoles proposes who the speakers are from how they talk, where that is unknown. What
// a person confirmed stays. Proposals are marked as such, with a confidence and reasons.
//
// In a conversation the professional is who asks and speaks for the institution; of the
// others the citizen is who talks most of what matters to her or him. At a FLIP or a meeting
// the researcher is who opens and asks, and nobody is a citizen.
func (c *Coder) ProposeRoles(t *pipeline.Transcript) {
	open := slices.IndexFunc(t.Turns, func(turn pipeline.Turn) bool { return turn.Role == pipeline.Unknown || turn.Role == "" }) >= 0
	if !open {
		return
	}
	manners := c.manners(t)
	slices.SortStableFunc(manners, func(a, b manner) int { return -cmp.Compare(a.leads(), b.leads()) })
	for i, m := range manners {
		role := pipeline.Practitioner
		talk := t.Kind == pipeline.Conversation || t.Kind == pipeline.Interview || t.Kind == ""
		switch {
		case m.label == pipeline.UnknownSpeaker:
			role = pipeline.Unknown
		case talk && i == 0:
			role = pipeline.Professional
		case talk:
			role = citizenOr(m, manners[1:])
		case i == 0:
			role = pipeline.Researcher
		}
		c.propose(t, m, role, confidence(manners, i))
	}
}

// leads is how much m talks like the one who conducts the talk.
func (m manner) leads() float64 {
	lead := 2*m.questions + m.institutional - m.meaning
	if m.opens {
		lead += 0.5
	}
	return lead
}

// citizenOr is the role of one who does not conduct a conversation: the citizen talks most;
// who says little beside is a companion or an observing researcher, which only a person can
// tell.
func citizenOr(m manner, others []manner) pipeline.Role {
	for _, o := range others {
		if o.words > m.words {
			return pipeline.Unknown
		}
	}
	return pipeline.Citizen
}

// confidence is how far manner i stands from the line between conducting and not.
func confidence(manners []manner, i int) float64 {
	if len(manners) < 2 {
		return 0.5
	}
	other := manners[0].leads()
	if i == 0 {
		other = manners[1].leads()
	}
	return logistic(2 * max(other-manners[i].leads(), manners[i].leads()-other))
}

func (c *Coder) manners(t *pipeline.Transcript) []manner {
	var list []manner
	at := map[string]int{}
	for _, h := range c.hear(t) {
		i, known := at[h.Speaker]
		if !known {
			i = len(list)
			at[h.Speaker] = i
			list = append(list, manner{label: h.Speaker, opens: i == 0})
		}
		m := &list[i]
		m.turns++
		m.words += len(h.words)
		if h.asks {
			m.questions++
		}
		for _, e := range c.book.Codes {
			switch pipeline.Code(e.ID) {
			case pipeline.Institutional:
				m.institutional += min(2, max(0, points(c.hits(e, &h, nil))))
			case pipeline.CitizenMeaning:
				m.meaning += min(2, max(0, points(c.hits(e, &h, nil))))
			}
		}
	}
	for i := range list {
		n := float64(list[i].turns)
		list[i].questions /= n
		list[i].institutional /= n
		list[i].meaning /= n
	}
	return list
}

// propose gives the speaker the role unless it is known, and its turns with it.
func (c *Coder) propose(t *pipeline.Transcript, m manner, role pipeline.Role, confidence float64) {
	s := t.Speaker(m.label)
	if s == nil {
		t.Speakers = append(t.Speakers, pipeline.Speaker{Label: m.label, Role: pipeline.Unknown})
		s = t.Speaker(m.label)
	}
	if s.Role == pipeline.Unknown || s.Role == "" || s.Proposed {
		s.Role, s.Proposed, s.Confidence = role, true, confidence
		s.Evidence = []pipeline.Evidence{
			{Group: "spørger", Text: fmt.Sprintf("%.0f %% af turene", 100*m.questions), Weight: 2 * m.questions},
			{Group: "institutionens ord", Text: fmt.Sprintf("%.1f point pr. tur", m.institutional), Weight: m.institutional},
			{Group: "taler om sit eget", Text: fmt.Sprintf("%.1f point pr. tur", m.meaning), Weight: -m.meaning},
		}
	}
	for i := range t.Turns {
		if turn := &t.Turns[i]; turn.Speaker == m.label && (turn.Role == pipeline.Unknown || turn.Role == "") {
			turn.Role = s.Role
		}
	}
}
