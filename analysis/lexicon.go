package analysis

import (
	"slices"
	"strings"
)

// A wordList is a set of words; one that ends in * stands for all that begin so.
type wordList struct {
	words    map[string]bool
	prefixes []string
}

func newWordList(words string) wordList {
	l := wordList{words: map[string]bool{}}
	for w := range strings.FieldsSeq(words) {
		if stem, open := strings.CutSuffix(w, "*"); open {
			l.prefixes = append(l.prefixes, stem)
			continue
		}
		l.words[w] = true
	}
	return l
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

// A kind is words of one kind that features count. Where inside, a word also counts by the
// parts of a compound that it ends in: handleplanen by planen.
type kind struct {
	name   string // as an analyst reads it
	en     string
	inside bool
	words  string
}

// kinds are made for this project from general knowledge of Danish and of its job centres,
// not from any conversation. There are 64 at most.
var kinds = []kind{
	{"siger jeg", "says I", false, `jeg mig min mit mine selv`},
	{"siger man", "says one", false, `man en ens`},
	{"siger du", "says you", false, `du dig din dit dine`},
	{"siger vi", "says we", false, `vi os vores`},
	{"taler om andre", "speaks of others", false, `han ham hans hun hende hendes de dem deres nogen ingen alle andre folk`},
	{"nægter", "denies", false, `ikke aldrig ingen intet ingenting heller nej hverken uden`},
	{"stiller op imod hinanden", "contrasts", false, `men selvom alligevel derimod bare kun mere mindre hellere snarere ellers`},
	{"begrunder", "gives a reason", false, `fordi derfor for så altså`},
	{"stiller en betingelse", "sets a condition", false, `når hvis hver gang mens indtil`},
	{"bruger små ord som jo og vel", "uses particles", false, `jo vel nok vist da sgu godt egentlig faktisk måske næsten`},
	{"tøver", "hesitates", false, `øh øhm æh altså ligesom sådan hm hmm`},
	{"siger, hvad det føles som", "says what it feels like", false, `tror synes føler føle følt føles følelse* mærker mærke mærkes tænker tænkte tænkt tanke* kender husker huske
		drømmer drømte drøm* håber håbede håb ønsker ønske ønskede lyst glæder glæde glæd* savner savnede savn elsker elskede kede keder ked trist* vred* bange
		nervøs urolig* bekymr* flov* skam* skyld stolt* tryg* utryg* ensom* alene lykkelig* glad glade tung tungt let svær svært hård hårdt rart rar dejlig* skøn*
		hyggelig* sjov* spænd* vild vildt fantastisk* forfærdelig* frygt* ubehag* irriter* frustrer* pres presset stress* træt* udmattet opgive* opgav magter
		orker overskue* overskud slås stole stoler tillid mistillid fortryd* fortrød skuffe* sår* såret ydmyg* ligeglad* gider tør turde tør klump`},
	{"vurderer", "judges", false, `god godt gode bedre bedst dårlig* værre værst forkert* rigtig* mening meningsløs* egnet dum dumt dumme fin fint fine pæn* vigtig* værd
		interessant* kedelig* sej nemt nem umulig* mulig mærkelig* underlig* sød søde uretfærdig* fair urimelig* latterlig* tåbelig* flot smuk* grim* varm varmt
		kold koldt hurtig* langsom* nok helst heldig* glip* fedt fed lækker* skidt lort* fjollet pinlig* nytteløs* ligegyldig* træls øv slem* skræmmende rolig*
		stille tom tomt mørkt tåler passer duer`},
	{"taler om krop og søvn", "speaks of body and sleep", false, `ondt smerte* ryg ryggen nakke* hoved* mave* søvn sove sover sov vågn* græd* græder tuder ryst* hjerte* hånd hånden hænder
		hænderne fod fødder knæ* skulder* piller medicin* træthed* syg syge rask krop* ånde* trækker`},
	{"taler om sine nærmeste", "speaks of those nearest", false, `mor far søn sønnen datter datteren børn børnene barn drengen drenge pigen piger kone konen mand manden kæreste* ven venner
		veninde* bror søster nabo* hund hunden kat katten familie* mormor farfar farmor morfar kollega* kolleger* svigermor bedste* barnebarn* børnebørn* forældre moster`},
	{"siger altid, aldrig, stadig", "says always, never, still", false, `altid aldrig stadig stadigvæk igen hele førhen dengang engang længe allerede pludselig morgen* aften* nat natten natte*
		dagen formiddag* eftermiddag* hver længere mere endnu`},
	{"fortæller", "tells a story", false, `var havde kom gik stod sad lå fik blev hørte kiggede grinede lo tog gav lavede begyndte prøvede så fandt holdt satte lagde løb ventede`},
	{"gengiver, hvad nogen sagde", "reports what someone said", false, `sagde siger spurgte spørger svarede svarer råbte råber skrev skriver fortalte kaldte kalder lovede`},
	{"sanser", "senses", false, `se ser høre hører lugte lugter dufte* duft* smage* smager røre rører stirrer kigge kigger lytte lytter lyd* lys lyset`},
	{"nævner arbejde og fag", "names work and trade", true, `job jobbet arbejde arbejder arbejdet arbejdede arbejds* fag faget lære lærling* uddann* kursus kurser butik* værksted*
		køkken* lager* truck* bage bager bageri* male maler* bygge bygger byggede tømrer* snedker* smed* svejs* mekaniker* cykel* cykler* haven have planter gartner* dyr
		dyrene heste* kontor* kunder kunderne børnehave* plejehjem* rengøring* kantine* køre kører kørte chauffør* hjælpe hjælper pædagog* sygepleje* frisør* salon*
		kok kokken bogholder* regnskab* reception* sy syr syede syning tegner tegne reparere* reparer* montør* elektriker* lærer underviser* skole* pleje* hospice*`},
	{"siger kan, vil, gerne", "says can, will, would like", false, `kan kunne vil ville gerne helst måtte måske hvis egentlig gider turde tør`},
	{"siger skal", "says must", false, `skal skulle må nødt bør kræver kræves`},
	{"bruger forvaltningens ord", "uses the authority's words", true, `plan planen planer indsatsplan* jobplan* handleplan* uddannelsesplan* skema skemaet skemaer regel reglen regler
		reglerne lov loven lovgivning* paragraf* lovkrav* krav kravet kravene pligt pligten pligter frist fristen frister deadline* team teamet rehab* indstil* visit*
		revisit* ydelse* sanktion* partshør* kontanthjælp* uddannelseshjælp* sygedagpenge* dagpenge* ressourceforløb* jobafklar* fleksjob* førtidspension* efterløn*
		revalider* seniorpension* løntilskud* nytteindsats* nyttejob* mentorstøtte* mentor praktik* virksomhedspraktik* tilbud tilbuddet tilbuddene aktivitet* aktiver*
		indsats* forløb forløbet forløbene samtykke* fuldmagt* erklæring* attest* lægeerklæring* lægeattest* speciallæge* helbredsattest* statusattest* mulighedserklæring*
		journal* sag sagen sagerne sager sagsbehandl* kommune* forvaltning* jobcent* afdeling* team* koordinator* koordiner* møde mødet møder mødepligt* indkald* noter*
		notat* registrer* indberet* dokument* underskriv* underskrift* system systemet cv cv'et jobnet* min-plan e-boks eboks joblog* jobmål* mitid nemid raskmeld* sygemeld*
		uarbejdsdygtig* rådighed* afklar* kontrakt* bevilg* bevilling* afgørelse* afgøre* klage* ankestyrelsen ankenævn* høring* vedtag* orienter* vejled* virksomhed*
		konsulent* løntimer* timetal* fremmøde* fravær* udebliv* udeblev* refusion* modregn* opkvalificer* a-kasse* jobparat* aktivitetsparat* uddannelsesparat* parathed*
		arbejdsevne* skånehensyn* funktions* progression* optrap* målgruppe* betingelse* formål* kriteri* godkend* ansøg* opfølg* revurder* forlæng* varighed* betaling*
		udbetal* satser satsen sats tillæg* fradrag* oplys* opfyld* forpligt* obligatorisk* bilag* blanket* rubrik* administr* kartotek* ressourceprofil* udfyld* legitimation*`},
	{"spørger til oplysninger", "asks for particulars", true, `cpr cpr-nummer personnummer adresse* postnummer* telefon telefonnummer* nummer nummeret mail mailen mailadresse kørekort* bil
		civilstand* civilstatus gift ugift samboende husstand* hjemmeboende bor statsborger* nationalitet* økonomi* indkomst* indtægt* formue* gæld* opsparing* bolig*
		fagforening* eksamen* karakter* sprogkund* præparat* dosis diagnos* dato datoer datoen datoerne kolonne* kryds krydser flueben felt felter feltet linje* boks
		side punkt punkter næste minimum maksimum procent cirka præcis præcist kontaktperson* stilling* antal kontonummer* skattekort* nemkonto certifikat* børn stadig`},
	{"hilser eller byder på noget", "greets or offers something", false, `hej goddag godmorgen farvel hejhej velkommen tak selvtak kaffe vand the te sæt hav vinduet døren`},
	{"svarer kort", "answers briefly", false, `ja nej jo okay nå mm mhm fint præcis netop jaja selvfølgelig jamen`},
	{"nævner dage, tider, penge", "names days, times, money", false, `mandag* tirsdag* onsdag* torsdag* fredag* lørdag* søndag* januar februar marts april maj juni juli august september
		oktober november december klokken uge uger ugen måned måneder måneden år kroner halv kvart minutter time timer timerne kilo meter kilometer første sidste`},
	{"bruger billeder", "uses images", false, `som ligesom agtig nærmest sætning ting sted stedet plads pladsen luft luften lys mørke ro roen fred stille larm sten himlen vej vejen`},
	{"siger, det bliver skrevet", "says that it is written down", false, `noterer noteret noter skriver skrevet skrives krydser registrerer sætter lægger taster indtaster printer sender gemmer scanner retter`},
	{"roser eller beklager", "praises or is sorry", false, `flot super dygtig dejligt godt fint perfekt desværre beklager undskyld stakkels`},
	{"åbner for mere", "invites more", false, `hvad hvordan hvorfor fortæl tænker oplever betyder`},
}

var (
	answers   = newWordList("ja nej jo okay jamen tak nå")
	selfFirst = newWordList("jeg mig min mit mine")
	closes    = newWordList("godt fint okay super ok perfekt noteret notat")
	opens     = newWordList("hvad hvordan hvorfor fortæl")
	modals    = newWordList("skal skulle kan kunne må bør vil bliver")
	hvWords   = newWordList("hvad hvordan hvorfor hvem hvornår hvor hvilken hvilket hvilke hvis")
	leads     = newWordList("og men så ja nej jo jamen nå okay godt fint altså øh hej tak super")
	finite    = newWordList(`er var har havde kan kunne skal skulle vil ville må måtte bør bliver blev får fik tager tog går gik står stod siger sagde tror ved synes
		kommer bor hedder gør gjorde tænker hører ser skriver mener kender føler lyder passer ligger sidder laver vidste turde tør gider søger starter`)
	subjects = newWordList("du i det der jeg vi han hun de man dit din")
)

// notPassive are words in -es that are none.
var notPassive = newWordList("deres vores jeres synes findes mindes trives lykkes mødes enes skyldes siges kaldes alles andres hendes moderes eventuelles")

// numerals are numbers in words; longer ones end like these.
var numerals = newWordList(`nul to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tyve tredive fyrre halvtreds
	tres halvfjerds firs halvfems hundrede tusind anden tredje fjerde femte sjette syvende ottende niende tiende ellevte tolvte fjortende femtende tyvende`)

var tens = []string{"ogtyve", "ogtredive", "ogfyrre", "oghalvtreds", "ogtres", "oghalvfjerds", "ogfirs", "oghalvfems", "hundrede", "tusind"}
