package review

import (
	"net/http"
	"time"

	"lydhor/pipeline"
)

// picture draws a conversation's course as an SVG file for print: who speaks when, the
// citizen-meaning utterances with what came of them, and how the floor is shared as the
// conversation goes on. It describes the event; nothing in it adds up to a figure for a
// person.
func (s *server) picture(w http.ResponseWriter, r *http.Request) error {
	t, err := s.shown(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	made, err := s.Decisions.Decisions(r.Context(), r.PathValue("id"), s.Coder(r))
	if err != nil {
		return err
	}
	a := newAnswer(w, r, http.StatusOK, "image/svg+xml")
	return a.end(s.pages[languageOf(r)].ExecuteTemplate(a, "picture", newDrawing(newConversation(t, pipeline.Standing(t, made)))))
}

// A drawing places a conversation on paper; lengths are in SVG's user units.
type drawing struct {
	*conversation
	Ticks  []tick
	Floor  []share
	Bottom int // where the lanes end
}

// The lanes' place on the paper.
const (
	drawingLeft  = 130 // room for the roles
	drawingWidth = 850
	laneHeight   = 18
	lanesTop     = 40
	floorHeight  = 60
	floorParts   = 10
)

// A tick is a mark on the time axis.
type tick struct {
	X  float64
	At time.Duration
}

// A share is how much of the talk in one part of the conversation has one role.
type share struct {
	pipeline.Role
	X, Y, Width, Height float64
}

func newDrawing(c *conversation) drawing {
	d := drawing{conversation: c, Bottom: lanesTop + laneHeight*len(c.Lanes)}
	for at := time.Duration(0); at <= c.Length; at += tickEvery(c.Length) {
		d.Ticks = append(d.Ticks, tick{d.X(at), at})
	}
	d.Floor = floorShares(c, float64(d.Bottom+40))
	return d
}

// X is the place of a time.
func (d drawing) X(at time.Duration) float64 {
	return drawingLeft + drawingWidth*float64(at)/float64(max(d.Length, 1))
}

// Wide is the length of a span, a hair's breadth at least.
func (d drawing) Wide(s pipeline.Span) float64 { return max(d.X(s.End)-d.X(s.Start), 0.5) }

// LaneY is the top of lane i.
func (d drawing) LaneY(i int) int { return lanesTop + laneHeight*i }

// LaneEnd is where the roles' names end.
func (d drawing) LaneEnd() int { return drawingLeft - 10 }

// FloorY is the top of the floor shares, Height that of the whole paper.
func (d drawing) FloorY() int { return d.Bottom + 40 }
func (d drawing) Height() int { return d.FloorY() + floorHeight + 50 }

// tickEvery gives between five and ten ticks, a round time apart.
func tickEvery(length time.Duration) time.Duration {
	for _, every := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute} {
		if length <= 10*every {
			return every
		}
	}
	return time.Hour
}

// floorShares cuts the conversation into parts of equal length and shares the height of
// each between the roles by how long they speak in it.
func floorShares(c *conversation, top float64) []share {
	var shares []share
	for part := range floorParts {
		span := pipeline.Span{Start: c.Length * time.Duration(part) / floorParts, End: c.Length * time.Duration(part+1) / floorParts}
		spoken := map[pipeline.Role]time.Duration{}
		var all time.Duration
		for _, lane := range c.Lanes {
			for _, s := range lane.Spans {
				spoken[lane.Role] += s.Overlap(span)
				all += s.Overlap(span)
			}
		}
		y := top
		for _, role := range pipeline.Roles {
			if spoken[role] == 0 {
				continue
			}
			height := floorHeight * float64(spoken[role]) / float64(all)
			width := float64(drawingWidth) / floorParts
			shares = append(shares, share{role, drawingLeft + width*float64(part), y, width - 2, height})
			y += height
		}
	}
	return shares
}

// ink is the colour of a role or an outcome on paper, as in lydhor.css.
func ink(of any) string {
	switch of {
	case pipeline.Citizen:
		return "#b4653a"
	case pipeline.Professional:
		return "#4c6b8a"
	case pipeline.Practitioner:
		return "#4f7f79"
	case pipeline.Leader:
		return "#7d6aa0"
	case pipeline.Gripped:
		return "#0b6b61"
	case pipeline.GrippedLate:
		return "#28589c"
	case pipeline.Overheard:
		return "#855600"
	case pipeline.Overridden:
		return "#7a2e73"
	case pipeline.Open:
		return "#59636c"
	}
	return "#8a8578"
}
