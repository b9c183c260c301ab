package pseudonym

import "strings"

// set is words written with spaces between them.
func set(words string) map[string]bool {
	s := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		s[w] = true
	}
	return s
}

// givenNames are common Danish first names, for the words that open a sentence, where the
// capital says nothing. A name that is also a common word is left out. The test holds each
// against the number of bearers.
var givenNames = set(`Anne Kirsten Mette Hanne Anna Helle Susanne Lene Maria Marianne Inge Karen Lone Bente
	Camilla Pia Louise Charlotte Jette Tina Gitte Lise Inger Birgit Sofie Ida Ulla Julie Rikke Emma Birthe Christina
	Dorthe Laura Caroline Line Heidi Annette Maja Anita Signe Birgitte Tove Cecilie Lisbeth Sarah Karin Rasmus
	Jytte Grethe Mathilde Katrine Michelle Nanna Trine Tanja Vibeke Winnie Lotte Mona Betina Anja
	Peter Michael Lars Thomas Jens Søren Henrik Niels Christian Martin Jørgen Hans Morten Jesper Anders Mads
	Ole Kim Erik Mikkel Poul Claus John Torben Frederik Henning Carsten Allan Kristian Brian Daniel
	Simon Jacob Jakob Christoffer Kasper Kenneth Leif Steen Finn Flemming Svend Emil Frank Tommy
	Bjarne Nikolaj Sebastian Mathias Magnus Oliver William Alexander Tobias Philip Johnny Kurt Bent Patrick
	Kaj Knud Karsten Ib Preben Jan Tom Keld`)

// publicNames are proper nouns that point to nobody.
var publicNames = set(`Danmark Jylland Fyn Sjælland Norden Europa EU Facebook Google Excel Word Windows
	Instagram YouTube Teams Outlook Jobnet NemID MitID Netto Gud Jul Påske Ramadan Corona Covid Dansk Engelsk
	Matematik Danskuddannelse De Dem Deres I Eders Jer Internettet Folketinget Borgerservice Jobcentret Jobcenteret
	Kommunen Bilka Føtex Rema Lidl Aldi Ikea Messenger Snapchat LinkedIn Zoom PowerPoint`)

// titles stand before a surname.
var titles = set("fru hr hr. herr frøken doktor dr. overlæge læge")

// before are the words whose next word tells its kind.
var (
	beforePlace    = set("i til nær ved omkring udenfor bag nede ude ovre")
	beforeEmployer = set("på hos for")
)

// Endings of street names, of workplaces, and of place names.
var (
	streetEndings   = []string{"vej", "vejen", "gade", "gaden", "allé", "alle", "stræde", "strædet", "vænget", "vænge", "bakken", "parken", "torv", "torvet", "vangen", "toften", "stien", "kajen", "kæret"}
	employerEndings = []string{"huset", "skolen", "gården", "centret", "centeret", "værket", "væsenet", "sporet", "lager", "fabrik", "fabrikken", "kantine", "forsikring", "fragt", "bryghus", "revision", "trælast", "avis", "stål", "hjemmet", "haven", "byg", "service", "transport", "kommune", "bageri", "auto", "rengøring", "hotel"}
	placeEndings    = []string{"by", "bjerg", "borg", "strup", "rup", "sted", "lund", "lev", "løse", "ager", "skov", "holm", "sø", "ø", "havn", "købing", "um", "bæk"}
)

// digitsOf counts the digits of a spoken number word: "nul" one, "toogfyrre" two; 0 for others.
func digitsOf(word string) int {
	word = strings.ToLower(word)
	if ones[word] {
		return 1
	}
	if tens[word] {
		return 2
	}
	for t := range tens {
		if one, found := strings.CutSuffix(word, "og"+t); found && ones[one] {
			return 2
		}
	}
	return 0
}

var (
	ones = set("nul en et to tre fire fem seks syv otte ni")
	tens = set(`ti elleve tolv tretten fjorten femten seksten sytten atten nitten tyve tredive fyrre halvtreds
		tres halvfjerds firs halvfems`)
)
