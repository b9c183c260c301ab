package analysis

import "strings"

// measured are the features that are measured and not looked up, in both languages.
var measured = []Label{
	{"turens længde", "the length of the turn"},
	{"længere, end personen ellers taler", "longer than the person talks otherwise"},
	{"tre ord eller færre", "three words or fewer"},
	{"nævner tal", "mentions numbers"},
	{"lange ord", "long words"},
	{"abstrakte ord på -ing, -else, -hed", "abstract nouns"},
	{"passiv: skal udfyldes, bliver bevilget", "passive: to be filled in, is granted"},
	{"nævner navne", "mentions names"},
	{"svarer og siger mere", "answers and says more"},
	{"begynder med sig selv", "begins with I"},
	{"spørger", "asks"},
	{"spørger åbent", "asks an open question"},
	{"spørger som et skema", "asks as a form does"},
	{"holder inde", "halts"},
	{"retter sig selv", "repairs what he or she says"},
	{"citerer en borger", "quotes a citizen"},
	{"institutionens ord", "the institution's words"},
	{"taler om sit eget", "speaks of his or her own"},
	{"flere korte sætninger", "several short sentences"},
	{"slutter med okay eller godt", "ends with okay or good"},
	{"bringer noget nyt ind", "brings something new in"},
	{"i samtalens begyndelse", "early in the talk"},
	{"i samtalens slutning", "late in the talk"},
	{"svarer på et åbent spørgsmål", "answers an open question"},
	{"svarer på et spørgsmål", "answers a question"},
	{"gentager uden at spørge", "repeats without asking"},
	{"tager den andens ord op", "takes up the other's words"},
	{"taler videre efter et ja eller mm", "talks on after a yes or mm"},
	{"personens tur før ligner", "the same person's turn before is alike"},
	{"personens tur to før ligner", "the same person's turn two before is alike"},
	{"personens tur efter ligner", "the same person's turn after is alike"},
	{"personens tur to efter ligner", "the same person's turn two after is alike"},
	{"det, der svares på", "what is being answered"},
	{"tager borgerens ord op", "takes up the citizen's words"},
	{"gentager en stor del af borgerens ord", "repeats much of the citizen's words"},
	{"svaret er en institutionel tur", "the answer is an institutional turn"},
	{"begynder med så", "begins with so"},
	{"begynder med borgeren: du", "begins with the citizen: you"},
}

// Signs gives what an analyst reads for every name that evidence can have: the groups of the
// starter codebooks and the features of the models, by the name.
func Signs() (map[string]Label, error) {
	signs := map[string]Label{}
	for _, l := range measured {
		signs[l.DA] = l
	}
	for _, k := range kinds {
		signs[k.name] = Label{k.name, k.en}
	}
	for _, language := range []string{"da", "en"} {
		coder, err := Starter(language)
		if err != nil {
			return nil, err
		}
		coder.book.addSigns(signs)
		for w, name := range coder.lexicon {
			signs[name] = Label{name, "says: " + w}
		}
	}
	return signs, nil
}

func (b *Codebook) addSigns(signs map[string]Label) {
	for _, entries := range [][]Entry{b.Codes, b.Outcomes} {
		for _, e := range entries {
			signs[pointsOf+e.Label.DA] = Label{pointsOf + e.Label.DA, "the codebook's signs of " + e.Label.EN}
			for _, cue := range e.Cues {
				signs[cue.Group] = cue.label()
			}
		}
	}
}

// label is the name of the cue's group in both languages, the name itself where the codebook
// gives no other.
func (c *Cue) label() Label {
	l := c.Label
	if strings.TrimSpace(l.DA) == "" {
		l.DA = c.Group
	}
	if strings.TrimSpace(l.EN) == "" {
		l.EN = c.Group
	}
	return l
}
