package transcribe

import (
	"fmt"
	"time"

	"lydhor/pipeline"
)

const (
	danish = "da"

	// Danish is told from its neighbours with difficulty: another language must be sure.
	sureOther = 0.8
	notDanish = 0.1

	languageProbe = 30 * time.Second // of sound, which is what whisper looks at
)

// language is what sound is heard in, "" where whisper is to detect it in each piece. Where
// nobody chose, that is Danish, unless the model can tell languages and is sure that another
// is spoken; then the notice says so.
func (t *Transcriber) language(sound pipeline.Sound) (language, notice string, err error) {
	switch {
	case t.o.Language == "auto":
		return "", "", nil
	case t.o.Language != "":
		return t.o.Language, "", nil
	case !t.o.Model.Languages:
		return danish, "", nil
	}
	var heard []map[string]float64
	for _, quarter := range []time.Duration{1, 2, 3} {
		at := max(0, pipeline.Dur(sound)*quarter/4-languageProbe/2)
		likely, err := t.languages(sound, pipeline.Span{Start: at, End: at + languageProbe})
		if err != nil {
			return "", "", err
		}
		if likely != nil {
			heard = append(heard, likely)
		}
	}
	if language = spoken(heard); language != danish {
		notice = otherLanguage(language)
	}
	return language, notice, nil
}

// languages is how likely each language is in span of sound, nil where no voice is.
func (t *Transcriber) languages(sound pipeline.Sound, span pipeline.Span) (map[string]float64, error) {
	voice, err := t.voice(sound, span)
	if err != nil || len(voice) == 0 {
		return nil, err
	}
	state, err := t.model.State()
	if err != nil {
		return nil, err
	}
	defer state.Close()
	if err := t.listen(state, sound, span, t.o.Threads); err != nil {
		return nil, err
	}
	return state.Languages(t.o.Threads)
}

// spoken is the language of a recording in which each language was heard to be so likely.
func spoken(heard []map[string]float64) string {
	mean, best := map[string]float64{}, danish
	for _, likely := range heard {
		for language, p := range likely {
			mean[language] += p / float64(len(heard))
		}
	}
	for language, p := range mean {
		if p > mean[best] {
			best = language
		}
	}
	if mean[best] < sureOther || mean[danish] > notDanish {
		return danish
	}
	return best
}

// otherLanguage tells people that a recording is not in Danish.
func otherLanguage(language string) string {
	name, english := language, language
	if n, known := languageNames[language]; known {
		name, english = n[0], n[1]
	}
	return fmt.Sprintf("Der tales ikke dansk, lyder det til, men %s, og udskriften er på det sprog. Er det forkert, så udskriv igen med `--language da`. "+
		"/ What is spoken does not sound like Danish but like %s, and was transcribed as that. Where this is wrong, transcribe again with `--language da`.", name, english)
}

// languageNames are those met most in Danish job centres, in Danish and English.
var languageNames = map[string][2]string{
	"ar": {"arabisk", "Arabic"}, "bs": {"bosnisk", "Bosnian"}, "de": {"tysk", "German"}, "en": {"engelsk", "English"},
	"fa": {"persisk", "Persian"}, "no": {"norsk", "Norwegian"}, "pl": {"polsk", "Polish"}, "ro": {"rumænsk", "Romanian"},
	"so": {"somali", "Somali"}, "sv": {"svensk", "Swedish"}, "tr": {"tyrkisk", "Turkish"}, "uk": {"ukrainsk", "Ukrainian"},
}
