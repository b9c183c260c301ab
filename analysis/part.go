package analysis

import "slices"

// A Part is what of the features a model may look at, to see what each adds.
type Part int

const (
	Whole  Part = iota // all of it
	Turn               // cues, words and form of the turn by itself, without the turns around
	Cues               // the codebook's cues, weighed
	Length             // how long the turn is
)

// Only gives a coder like c that trains and weighs by a part of the features.
func (c *Coder) Only(p Part) *Coder {
	other := *c
	other.part = p
	return &other
}

// kept leaves out the features that c may not look at.
func (c *Coder) kept(list []feature) []feature {
	switch c.part {
	case Length:
		lengths := []string{"turens længde", "længere, end personen ellers taler", "tre ord eller færre"}
		return slices.DeleteFunc(list, func(f feature) bool { return !slices.Contains(lengths, f.name) })
	case Cues:
		signs := map[string]Label{}
		c.book.addSigns(signs)
		return slices.DeleteFunc(list, func(f feature) bool { return signs[f.name] == Label{} })
	}
	return list
}
