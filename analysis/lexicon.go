package analysis

import (
	"slices"
	"strings"
)

// A wordList is words of one kind; one that ends in * stands for all that begin so.
type wordList struct {
	name     string
	words    map[string]bool
	prefixes []string
}

func newWordList(name, words string) wordList {
	l := wordList{name: name, words: map[string]bool{}}
	for w := range strings.FieldsSeq(words) {
		if stem, open := strings.CutSuffix(w, "*"); open {
			l.prefixes = append(l.prefixes, stem)
			continue
		}
		l.words[w] = true
	}
	return l
}

// hits counts the words of the list, and gives the first.
func (l wordList) hits(words []string) (n float64, text string) {
	for _, w := range words {
		if l.has(w) {
			if n++; text == "" {
				text = w
			}
		}
	}
	return n, text
}

func (l wordList) hears(words []string) bool {
	return slices.ContainsFunc(words, l.has)
}

func (l wordList) has(w string) bool {
	if l.words[w] {
		return true
	}
	for _, p := range l.prefixes {
		if strings.HasPrefix(w, p) {
			return true
		}
	}
	return false
}

var openQuestion = newWordList("åbent spørgsmål", "hvad hvordan hvorfor fortæl")

var (
	answers   = newWordList("svar", "ja nej jo okay jamen tak")
	selfFirst = newWordList("jeg", "jeg mig min mit mine")
)

var closes = newWordList("lukker", "godt fint okay super ok jeg noteret notat")

// lexicon is the kinds of words that features count: made for this project from general
// knowledge of Danish, not from any conversation.
var lexicon = []wordList{
	newWordList("jeg", "jeg mig min mit mine selv"),
	newWordList("man", "man en ens"),
	newWordList("du", "du dig din dit dine"),
	newWordList("vi", "vi os vores"),
	newWordList("han, hun, de", "han ham hans hun hende hendes de dem deres"),
	newWordList("nægter", "ikke aldrig ingen intet ingenting heller nej"),
	newWordList("modstiller", "men selvom alligevel derimod bare kun"),
	newWordList("begrunder", "fordi derfor for så"),
	newWordList("partikler", "jo vel nok vist da sgu godt"),
	newWordList("fyld", "øh øhm altså ligesom sådan hm"),
	newWordList("tror og føler", `tror synes føler følt føles mærker mærke tænker tænkte tænkt kender husker drømmer drømte håber håbede
		ønsker ønske lyst glæder glæde savner savnede savn elsker elskede kede keder ked trist vred bange nervøs urolig bekymr* flov skam* skyld stolt
		tryg utryg ensom alene lykkelig glad tung let svært svær hård hårdt rart dejlig* skøn* hyggelig* sjov* spænd* vild* fantastisk
		forfærdelig* frygtelig* ubehagelig* irriter* frustrer* presset pres stress* træt udmattet opgive* opgav magter orker overskue* kæmpe* slås
		stole stoler tillid`),
	newWordList("vurderer", `god godt gode bedre bedst dårlig* værre værst forkert* rigtig* mening meningsløs* egnet dum dumt fin fint pæn* vigtig* værd
		interessant* kedelig* sej nemt nem umulig* mulig* mærkelig* sød søde rar rare uretfærdig* fair urimelig* latterlig* tåbelig* flot smuk* grim*
		varm varmt kold koldt hurtig* langsom* mere mindre nok helst hellere heldig* glip* fedt fed lækker* skidt lort*`),
	newWordList("krop", `ondt smerte* ryg ryggen nakke* hoved* mave* søvn sove sover sov vågn* græd* tuder ryst* hjerte* hånd hænder hænderne fødder knæ
		skulder* piller medicin træthed syg syge rask`),
	newWordList("nære", `mor far søn sønnen datter datteren børn børnene barn drengen pigen kone konen mand manden kæreste* ven venner veninde* bror søster
		nabo* hund* kat* familie* mormor farfar farmor morfar kollega* kolleger* chef* mester`),
	newWordList("tid og gentagelse", `altid aldrig stadig stadigvæk igen hele førhen dengang engang længe snart allerede pludselig lige nu morgen*
		aften* nat natten natte* dag dage dagen`),
	newWordList("fortæller", `var havde kom gik sagde stod sad lå fik blev så hørte spurgte kiggede så grinede lo tog gav lavede begyndte prøvede`),
	newWordList("arbejde", `job jobbet arbejde arbejder arbejdet arbejdede arbejds* fag faget lære lærling* uddann* kursus kurser butik* værksted* køkken*
		lager* truck* bage* bager* male* maler* bygge* cykel* cykler* haven have* planter dyr dyrene heste* kontor* kunder kunderne børnehave* plejehjem*
		rengøring* kantine* køre kører kørte chauffør* hjælpe hjælper`),
	newWordList("kan og vil", "kan kunne vil ville gerne helst måtte måske hvis egentlig gider turde tør"),
	newWordList("skal", "skal skulle må nødt bør"),
	newWordList("myndighed", `plan planen jobplan* skema* felt feltet regler reglerne regel lov loven krav kravet frist fristen team teamet rehab*
		indstill* visit* ydelse* sanktion* kontanthjælp* sygedagpenge* fleksjob* praktik* tilbud tilbuddet aktivitet* aktiver* indsats* forløb*
		samtykke* erklæring* attest* lægeerklæring* journal* sag sagen sagsbehandl* kommune* jobcenter* afdeling* møde mødet møder indkald* notere*
		noterer skriver skrive skrevet registrer* dokument* underskr* papir* system* cv* jobnet* e-boks eboks joblog* raskmeld* rådighed* afklar*
		kontrakt* aftale* bevilg* afgørelse* klage* partshør* ressourceforløb* mentor* konsulent* virksomhed* timer timetal løntimer`),
	newWordList("felter", `cpr* adresse* postnummer* telefon* nummer nummeret mail* kørekort* bil civilstand* gift ugift husstand* hjemmeboende bor* statsborger*
		nationalitet* økonomi* indkomst* formue* a-kasse fagforening* eksamen* karakter* sprogkund* it-kund* præparat* dosis diagnos* læge lægen varighed
		dato datoer datoen datoerne kolonne* rubrik* kryds* linje* boks* side bilag* punkt* næste minimum maks* procent kontaktperson* underskrift*
		stilling* ansøgt søgt antal`),
	newWordList("hilser", "hej goddag godmorgen farvel hejhej velkommen tak selvtak kaffe vand sæt hav"),
	newWordList("svarer kort", "ja nej jo okay nå mm mhm fint godt præcis rigtigt netop jaja"),
	newWordList("tal og dage", `mandag tirsdag onsdag torsdag fredag lørdag søndag januar februar marts april maj juni juli august september oktober
		november december klokken nul en to tre fire fem seks syv otte ni ti elleve tolv tyve tredive fyrre halvtreds tres uge uger måned måneder
		år`),
	newWordList("billeder", "som ligesom agtig nærmest sætning ting sted stedet plads pladsen luft luften lys mørkt ro roen fred stille larm"),
}
