package diarise

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// An example is what is heard of a recording beside what is true.
type example struct {
	set, name string
	samples   pipeline.Samples
	odds      []float32
	length    time.Duration
	spoken    []pipeline.Span
	parts     []segment
	voiced    []*frame
	several   func() []float32 // as features.several; not asked for in training
	speakers  pipeline.Speakers
	ref       []pipeline.SpeakerTurn
	region    []pipeline.Span
}

// A clustering makes clusters of stretches of speech, one a speaker; a resegmentation moves their
// borders.
type (
	clustering     func(stretches []cluster, least, most int) []cluster
	resegmentation func(frames []*frame, who []int, speakers int) []int
)

// who gives the blocks of the recording to speakers, as features.turns does.
func (e *example) who(c clustering, r resegmentation) []int {
	least, most := bounds(e.speakers)
	clusters := c(singles(e.parts), least, most)
	who := begin(e.parts, clusters, len(e.voiced))
	if len(clusters) > 1 && r != nil {
		who = r(e.voiced, who, len(clusters))
	}
	return who
}

// turns are those of who holds the blocks; several speak where that is likelier than certain, nowhere where that is 2.
func (e *example) turns(who []int, overlap time.Duration, certain float32) []pipeline.SpeakerTurn {
	turns := numbers{overlap: overlap}.named(byLoudness.within(e.spoken, e.odds, e.length), who, e.odds)
	several := byNetwork
	several.likely, several.certain = certain, certain
	sure := surely
	sure.certain = max(sure.certain, certain)
	_, most := bounds(e.speakers)
	return manyAtOnce(turns, several.speech(e.several(), e.length), sure.speech(e.several(), e.length), most)
}

func (e *example) der(turns []pipeline.SpeakerTurn) score.DER {
	return score.Diarisation(e.ref, turns, score.DEROptions{Region: e.region})
}

// viterbi is resegment alone.
func (k numbers) viterbi(frames []*frame, who []int, speakers int) []int {
	return k.resegment(frames, who, speakers, 3)
}

// BenchmarkClusterings prints what clusterings, each with several resegmentations, make of the
// development recordings, and what numbers make of recordings that they were not chosen on.
func BenchmarkClusterings(b *testing.B) {
	all := examples(b)
	fmt.Println("| clustering | resegmentation | set | DER | missed | false alarm | confusion |\n|---|---|---|---|---|---|---|")
	for _, c := range []struct {
		name string
		of   clustering
	}{{"BIC", usual.byLikelihood}, {"Ward by means, then BIC", usual.speakersOf}} {
		for _, r := range []struct {
			name string
			of   resegmentation
		}{{"none", nil}, {"Viterbi", usual.viterbi}, {"Bayesian", usual.bayesian}, {"Viterbi, then Bayesian", usual.settle}} {
			total := map[string]score.DER{}
			for _, e := range all {
				total[e.set] = total[e.set].Add(e.der(e.turns(e.who(c.of, r.of), usual.overlap, byNetwork.certain)))
			}
			for _, set := range sets(all) {
				fmt.Printf("| %s | %s | %s | %s |\n", c.name, r.name, set, parts(total[set]))
			}
		}
	}
	heldOut(all)
}

func parts(d score.DER) string {
	return fmt.Sprintf("%.2f %% | %.2f s | %.2f s | %.2f s", 100*d.Rate(), d.Missed.Seconds(), d.FalseAlarm.Seconds(), d.Confusion.Seconds())
}

// A choice of numbers and resegmentation, and what it makes of each example.
type choice struct {
	name string
	ders []score.DER
}

// choices tries numbers around the usual ones.
func choices(all []*example) []choice {
	var tried []choice
	for _, voice := range []float64{1, 1.2, 1.5} {
		k := numbers{voice: voice}
		for _, r := range []struct {
			name   string
			change float64
			of     func(numbers) resegmentation
		}{
			{"Viterbi", 60, func(k numbers) resegmentation { return k.viterbi }},
			{"Bayesian", 60, func(k numbers) resegmentation { return k.bayesian }},
			{"both", 30, func(k numbers) resegmentation { return k.settle }},
			{"both", 60, func(k numbers) resegmentation { return k.settle }},
			{"both", 90, func(k numbers) resegmentation { return k.settle }},
		} {
			k.change = r.change
			held := make([][]int, len(all))
			for i, e := range all {
				held[i] = e.who(k.speakersOf, r.of(k))
			}
			for overlap := time.Duration(0); overlap <= 400*time.Millisecond; overlap += 100 * time.Millisecond {
				for _, certain := range []float32{0.3, 0.5, 0.7, 2} { // never two at 2
					c := choice{name: fmt.Sprintf("%s, voice %v, change %v, overlap %v, several at %v", r.name, k.voice, k.change, overlap, certain)}
					for i, e := range all {
						c.ders = append(c.ders, e.der(e.turns(held[i], overlap, certain)))
					}
					tried = append(tried, c)
				}
			}
		}
	}
	return tried
}

// heldOut prints for each set what the choice that is best on the two others makes of it, and the
// choices that are best on the other recordings of it, each time.
func heldOut(all []*example) {
	tried := choices(all)
	best := func(on func(*example) bool) choice {
		return slices.MinFunc(tried, func(a, b choice) int { return cmp.Compare(a.sum(all, on).Rate(), b.sum(all, on).Rate()) })
	}
	fmt.Println("\n| set | chosen on | choice | DER | missed | false alarm | confusion |\n|---|---|---|---|---|---|---|")
	for _, set := range sets(all) {
		own := func(e *example) bool { return e.set == set }
		c := best(own)
		fmt.Printf("| %s | itself | %s | %s |\n", set, c.name, parts(c.sum(all, own)))
		c = best(func(e *example) bool { return e.set != set })
		fmt.Printf("| %s | the other sets | %s | %s |\n", set, c.name, parts(c.sum(all, own)))
		var total score.DER
		names := map[string]bool{}
		for i, out := range all {
			if out.set == set {
				c := best(func(e *example) bool { return e.set == set && e != out })
				total, names[c.name] = total.Add(c.ders[i]), true
			}
		}
		fmt.Printf("| %s | its other recordings | %d choices | %s |\n", set, len(names), parts(total))
	}
}

// sum is of the examples that on names.
func (c choice) sum(all []*example, on func(*example) bool) (total score.DER) {
	for i, e := range all {
		if on(e) {
			total = total.Add(c.ders[i])
		}
	}
	return total
}

func sets(all []*example) []string {
	var names []string
	for _, e := range all {
		if !slices.Contains(names, e.set) {
			names = append(names, e.set)
		}
	}
	return names
}

// examples are the development recordings that are there.
func examples(b *testing.B) []*example {
	var all []*example
	for _, set := range []string{"ami", "simulated"} {
		files, _ := filepath.Glob("../../../shared/audio/diarisation/" + set + "/*.flac")
		if len(files) == 0 {
			b.Skipf("no development recordings in ../shared/audio/diarisation/%s", set)
		}
		for _, file := range files {
			e := listenTo(b, set, file)
			bare := strings.TrimSuffix(file, ".flac")
			e.ref = only(b, bare+".rttm", pipeline.ReadRTTM)
			e.region = only(b, bare+".uem", pipeline.ReadUEM)
			all = append(all, e)
		}
	}
	golds, _ := filepath.Glob("../demo/recordings/*.json")
	for _, file := range golds {
		bare := strings.TrimSuffix(file, ".json")
		for _, ending := range []string{".wav", ".flac", ".ogg"} {
			if _, err := os.Stat(bare + ending); err == nil {
				e := listenTo(b, "demo", bare+ending)
				e.ref = gold(b, file)
				e.speakers = pipeline.Conversation.Speakers()
				if strings.HasPrefix(e.name, "flip") {
					e.speakers = pipeline.FLIP.Speakers()
				}
				all = append(all, e)
			}
		}
	}
	return all
}

func listenTo(tb testing.TB, set, file string) *example {
	tb.Helper()
	sound, err := pipeline.Decode(tb.Context(), file, tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	defer sound.Close()
	f, err := listen(tb.Context(), sound, func(float64) {})
	if err != nil {
		tb.Fatal(err)
	}
	odds := rises(f.level)
	voiced(odds, f.periodic)
	samples, err := pipeline.Read(sound, pipeline.Span{End: pipeline.Dur(sound)})
	if err != nil {
		tb.Fatal(err)
	}
	e := &example{set: set, name: filepath.Base(file), samples: samples, odds: odds, length: pipeline.Dur(sound)}
	e.spoken = byLoudness.speech(odds, e.length)
	e.parts, e.voiced = segments(f, e.spoken), f.voicedFrames(e.spoken)
	e.several = sync.OnceValue(func() []float32 { return f.several(hearsOverlap(), e.spoken) })
	return e
}

// only is what file holds for the one recording in it.
func only[T any](tb testing.TB, file string, read func(io.Reader) (map[string]T, error)) T {
	tb.Helper()
	r, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	all, err := read(r)
	if err != nil || len(all) != 1 {
		tb.Fatalf("%s: %d recordings, error %v", file, len(all), err)
	}
	for _, one := range all {
		return one
	}
	panic("unreachable")
}
