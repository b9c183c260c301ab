package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	marks         map[pipeline.Role][]string
}

// RoleWords are phrases by which roles give themselves away. They begin words.
type RoleWords map[pipeline.Role][]string

// usualRoleWords tell roles where manners do not: who records or looks on, who answers for
// figures and places, who is there for another.
var usualRoleWords = RoleWords{
	pipeline.Researcher: {"båndoptager", "båndet", "optagelse", "forskningsprojekt", "sidder bare"},
	pipeline.Leader: {"udvalg", "direktion", "budget", "puljen", "pladser", "økonomi", "procent", "klynge", "kvartal",
		"målet", "nøgletal", "bevilling", "ledelse", "medarbejder"},
	pipeline.Relative: {"bisidder", "pårørende", "er med som", "far ", "mor ", "min søn", "min datter"},
}

// RoleWordsIn are those of the words that tell roles which somebody of the role says in talks.
func RoleWordsIn(talks []*pipeline.Transcript) RoleWords {
	found := RoleWords{}
	for role, marks := range usualRoleWords {
		for _, mark := range marks {
			if slices.ContainsFunc(talks, func(t *pipeline.Transcript) bool { return saidBy(t, role, mark) }) {
				found[role] = append(found[role], mark)
			}
		}
	}
	return found
}

// saidBy reports whether a turn of role has a word that mark begins.
func saidBy(t *pipeline.Transcript, role pipeline.Role, mark string) bool {
	return slices.ContainsFunc(t.Turns, func(turn pipeline.Turn) bool {
		return turn.Role == role && strings.Contains(said(tokens(turn.Text)), " "+mark)
	})
}

// said is words with a space on each side.
func said(words []string) string { return " " + strings.Join(words, " ") + " " }

// ByRoleWords is the coder knowing these words that tell roles and no others.
func (c *Coder) ByRoleWords(w RoleWords) *Coder {
	other := *c
	other.roleWords = w
	return &other
}

// ProposeRoles proposes who the speakers are from how they talk, where that is unknown. What
// a person confirmed stays. Proposals are marked as such, with a confidence and reasons.
//
// In a conversation the professional is who asks and speaks for the institution; of the
// others the citizen is who talks most of what matters to her or him, and who says little is
// a relative or an observing researcher by what is said. At a FLIP or a meeting nobody is a
// citizen: a leader is who speaks of figures and places, the researcher who speaks of the
// recording, or opens and asks at a FLIP; the others are practitioners, but leaders where the
// whole meeting is about figures.
func (c *Coder) ProposeRoles(t *pipeline.Transcript) {
	open := slices.IndexFunc(t.Turns, func(turn pipeline.Turn) bool { return turn.Role == pipeline.Unknown || turn.Role == "" }) >= 0
	if !open {
		return
	}
	manners := c.manners(t)
	slices.SortStableFunc(manners, func(a, b manner) int { return -cmp.Compare(a.leads(), b.leads()) })
	figures := 0 // said in the whole room
	for _, m := range manners {
		figures += len(m.marks[pipeline.Leader])
	}
	talk := t.Kind == pipeline.Conversation || t.Kind == pipeline.Interview || t.Kind == ""
	for i, m := range manners {
		sure := confidence(manners, i)
		var role pipeline.Role
		switch {
		case m.label == pipeline.UnknownSpeaker:
			role = pipeline.Unknown
		case talk && i == 0:
			role = pipeline.Professional
		case talk:
			role = citizenOr(m, manners[1:])
		default:
			role = groupRole(m, i == 0 && t.Kind == pipeline.FLIP, t.Kind == pipeline.Meeting && figures >= len(manners))
		}
		if n := len(m.marks[role]); n > 0 {
			sure = logistic(float64(n))
		}
		c.propose(t, m, role, sure)
	}
}

// groupRole is the role of m at a FLIP or a meeting, which m may lead and which may be about
// figures.
func groupRole(m manner, leads, ofFigures bool) pipeline.Role {
	looksOn, answers := len(m.marks[pipeline.Researcher]), len(m.marks[pipeline.Leader])
	switch {
	case looksOn > 0 && looksOn >= answers, leads:
		return pipeline.Researcher
	case answers > 1, ofFigures:
		return pipeline.Leader
	}
	return pipeline.Practitioner
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
// who says little beside is whom the own words tell, or only a person can.
func citizenOr(m manner, others []manner) pipeline.Role {
	for _, o := range others {
		if o.words <= m.words {
			continue
		}
		for _, role := range []pipeline.Role{pipeline.Relative, pipeline.Researcher} {
			if len(m.marks[role]) > 0 {
				return role
			}
		}
		return pipeline.Unknown
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
			list = append(list, manner{label: h.Speaker, opens: i == 0, marks: map[pipeline.Role][]string{}})
		}
		m := &list[i]
		m.turns++
		m.words += len(h.words)
		m.mark(c.roleWords, h.words)
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

// mark notes the phrases of words that give a role away.
func (m *manner) mark(telling RoleWords, words []string) {
	all := said(words)
	for role, marks := range telling {
		for _, mark := range marks {
			if strings.Contains(all, " "+mark) {
				m.marks[role] = append(m.marks[role], strings.TrimSpace(mark))
			}
		}
	}
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
		if said := m.marks[role]; len(said) > 0 {
			s.Evidence = append(s.Evidence, pipeline.Evidence{Group: "rollens ord", Text: strings.Join(said, ", "), Weight: float64(len(said))})
		}
	}
	for i := range t.Turns {
		if turn := &t.Turns[i]; turn.Speaker == m.label && (turn.Role == pipeline.Unknown || turn.Role == "") {
			turn.Role = s.Role
		}
	}
}
