package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"lydhor/analysis/score"
)

// An asrScore is how far texts are from their references. CP and Speakers are good only
// where every utterance names its speaker.
type asrScore struct {
	Words      score.WER
	Characters score.CER
	Parts      []score.WER // stretches, for the band
	CP         score.WER
	Speakers   score.WDER
	spoken     bool
}

// add sums s and t up; speakers count only where both have them.
func (s asrScore) add(t asrScore) asrScore {
	return asrScore{
		Words:      s.Words.Add(t.Words),
		Characters: s.Characters.Add(t.Characters),
		Parts:      append(s.Parts, t.Parts...),
		CP:         s.CP.Add(t.CP),
		Speakers:   s.Speakers.Add(t.Speakers),
		spoken:     s.spoken && t.spoken,
	}
}

// compareTexts scores hyp against ref: utterance by utterance in trn files, session by
// session in others.
func compareTexts(ref, hyp text, opt score.TRNOptions) (asrScore, error) {
	sum := asrScore{spoken: true}
	refs, hyps := ref.split(hyp), hyp.split(ref)
	for _, name := range slices.Sorted(maps.Keys(hyps)) {
		if _, ok := refs[name]; !ok {
			return sum, fmt.Errorf("%q stands in the text to score only", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		part, ok := hyps[name]
		if !ok {
			return sum, fmt.Errorf("%q stands in the reference only: give an empty text where nothing was recognised", name)
		}
		s, err := comparePart(refs[name], part, opt)
		if err != nil {
			return sum, fmt.Errorf("%q: %w", name, err)
		}
		sum = sum.add(s)
	}
	return sum, nil
}

// split gives the utterances that are compared with each other under one name: those of an
// id where both files have ids, of a session where one of them has several, otherwise all.
func (t text) split(other text) map[string]text {
	parts := map[string]text{}
	name := func(u score.Utterance) string { return u.Session }
	switch {
	case t.format == ".trn" && other.format == ".trn":
		name = func(u score.Utterance) string { return u.ID }
	case t.sessions() <= 1 && other.sessions() <= 1:
		return map[string]text{"": t}
	}
	for _, u := range t.utterances {
		parts[name(u)] = text{t.format, append(parts[name(u)].utterances, u)}
	}
	return parts
}

func (t text) sessions() int {
	seen := map[string]bool{}
	for _, u := range t.utterances {
		seen[u.Session] = true
	}
	return len(seen)
}

func comparePart(ref, hyp text, opt score.TRNOptions) (asrScore, error) {
	pairs, err := score.AlignLattices(ref.lattice(opt), hyp.lattice(opt))
	if err != nil {
		return asrScore{}, err
	}
	s := asrScore{Words: score.Words(pairs), Characters: score.Characters(pairs), Parts: score.Stretches(pairs)}
	refSaid, refSpoken := ref.said(opt.Normaliser)
	hypSaid, hypSpoken := hyp.said(opt.Normaliser)
	if refSpoken && hypSpoken {
		s.spoken = true
		s.CP, _ = score.CPWER(bySpeaker(refSaid), bySpeaker(hypSaid))
		s.Speakers = score.SpeakerWords(refSaid, hypSaid)
	}
	return s, nil
}

// lattice joins the words of all utterances; only trn files have alternatives.
func (t text) lattice(opt score.TRNOptions) score.Lattice {
	var texts []string
	for _, u := range t.utterances {
		texts = append(texts, u.Text)
	}
	joined := strings.Join(texts, " ")
	if t.format == ".trn" {
		return score.ParseLattice(joined, opt)
	}
	return score.Chain(opt.Normaliser.Words(joined))
}

// said gives the words of each utterance with their speaker; false where one has none.
func (t text) said(n score.Normaliser) ([]score.Said, bool) {
	var all []score.Said
	for _, u := range t.utterances {
		if u.Speaker == "" {
			return nil, false
		}
		all = append(all, score.Said{Speaker: u.Speaker, Words: n.Words(u.Text)})
	}
	return all, true
}

func bySpeaker(said []score.Said) map[string][]string {
	words := map[string][]string{}
	for _, s := range said {
		words[s.Speaker] = append(words[s.Speaker], s.Words...)
	}
	return words
}

// asrJSON is what eval asr --json writes: shares, and counts of words.
type asrJSON struct {
	WER        *float64         `json:"wer"`
	Band       []float64        `json:"wer_band,omitempty"` // 95 % bootstrap
	CER        *float64         `json:"cer"`
	Sub        int              `json:"sub"`
	Ins        int              `json:"ins"`
	Del        int              `json:"del"`
	Ref        int              `json:"ref"`
	CPWER      *float64         `json:"cpwer,omitempty"`
	WDER       *float64         `json:"wder,omitempty"`
	FirstWords *float64         `json:"wder_first_words,omitempty"`
	Normaliser score.Normaliser `json:"normaliser"`
}

func (s asrScore) json(n score.Normaliser) asrJSON {
	j := asrJSON{
		WER: defined(s.Words.Rate()), CER: defined(s.Characters.Rate()),
		Sub: s.Words.Sub, Ins: s.Words.Ins, Del: s.Words.Del, Ref: s.Words.Ref,
		Normaliser: n,
	}
	if low, high := score.Band(s.Parts); defined(low) != nil {
		j.Band = []float64{low, high}
	}
	if s.spoken {
		j.CPWER, j.WDER, j.FirstWords = defined(s.CP.Rate()), defined(s.Speakers.Rate()), defined(s.Speakers.FirstRate())
	}
	return j
}

func (s asrScore) print(w io.Writer, n score.Normaliser) error {
	low, high := score.Band(s.Parts)
	fmt.Fprintf(w, "WER    %s (95 %% band %s to %s): %d substitutions, %d insertions, %d deletions, %d words\n",
		percent(s.Words.Rate()), percent(low), percent(high), s.Words.Sub, s.Words.Ins, s.Words.Del, s.Words.Ref)
	fmt.Fprintf(w, "CER    %s of %d letters\n", percent(s.Characters.Rate()), s.Characters.Ref)
	if s.spoken {
		fmt.Fprintf(w, "cpWER  %s\n", percent(s.CP.Rate()))
		fmt.Fprintf(w, "WDER   %s of %d recognised words, %s of %d first words of turns\n",
			percent(s.Speakers.Rate()), s.Speakers.Words, percent(s.Speakers.FirstRate()), s.Speakers.First)
	}
	_, err := fmt.Fprintf(w, "words made comparable by %s\n", n)
	return err
}
