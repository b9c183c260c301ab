package analysis

import (
	"math"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// An Uptake names what a pair of a turn and its answer is weighed for.
type Uptake string

const (
	// TakenUp is how far the answer builds on what was said, as in Demszky and others 2021.
	TakenUp Uptake = "uptake"
	// Reflected is whether the answer says it again in other words, as counselling calls a
	// reflection.
	Reflected Uptake = "reflection"
)

// A Pair is what one said and what another answered. Label is how much it was taken up in
// the judgement of people, Is whether that counts as yes; Talk is the conversation.
type Pair struct {
	Talk         string
	Said, Answer string
	Label        float64
	Is           bool
}

// Uptake gives how much p's answer takes up what was said, in log odds of that kind, or by
// the points of the codebook's cues for a grip where c has no model of it.
func (c *Coder) Uptake(p Pair, of Uptake) float64 {
	said, answer := c.hearPair(p)
	if c.model == nil || c.model.Uptake[of] == nil {
		return c.gripPoints(said, answer)
	}
	return c.model.Uptake[of].logOdds(c.uptakeFeatures(said, answer))
}

// Repeated is the share of the words of p.Said that the answer says again: the measure that
// others are held against.
func (c *Coder) Repeated(p Pair) float64 {
	said, answer := c.hearPair(p)
	return repeated(said, answer)
}

// TrainUptake fits what Uptake weighs to pairs that people judged. A pair is an observation
// for each quarter of the labels, of whether its own lies above, so that grades count as grades.
func (c *Coder) TrainUptake(pairs []Pair) *Regression {
	cuts := quarters(pairs)
	byTalk := map[string]int{}
	var data [][]observation
	for _, p := range pairs {
		t, known := byTalk[p.Talk]
		if !known {
			t = len(data)
			byTalk[p.Talk] = t
			data = append(data, nil)
		}
		said, answer := c.hearPair(p)
		features := c.uptakeFeatures(said, answer)
		for _, cut := range cuts {
			data[t] = append(data[t], observation{features, p.Label > cut})
		}
	}
	return fit(flat(data), bestPenalty(data))
}

// quarters are the labels between the quarters of pairs, each once.
func quarters(pairs []Pair) []float64 {
	var labels, cuts []float64
	for _, p := range pairs {
		labels = append(labels, p.Label)
	}
	slices.Sort(labels)
	for n := 1; n <= 3; n++ {
		if cut := labels[n*(len(labels)-1)/4]; cut < labels[len(labels)-1] {
			cuts = append(cuts, cut)
		}
	}
	return slices.Compact(cuts)
}

func (c *Coder) hearPair(p Pair) (said, answer *heard) {
	turns := c.hear(&pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Role: pipeline.Citizen, Text: p.Said},
		{N: 2, Role: pipeline.Professional, Text: p.Answer},
	}})
	return &turns[0], &turns[1]
}

// gripPoints are the codebook's points for a grip less those of what goes past it.
func (c *Coder) gripPoints(said, answer *heard) (sum float64) {
	for _, e := range c.book.Outcomes {
		switch pipeline.Outcome(e.ID) {
		case pipeline.Gripped:
			sum += points(c.hits(e, said, answer))
		case pipeline.Overheard, pipeline.Overridden:
			sum -= points(c.hits(e, said, answer)) / 2
		}
	}
	return sum
}

// ways are kinds of English words by which answers take up or go past.
var ways = []struct {
	name  string
	words wordList
}{
	{"says you", newWordList("you your you're you've you'd yours yourself")},
	{"says I", newWordList("i i'm i'd i've my me mine i'll")},
	{"says we", newWordList("we our us we're let's")},
	{"says it or that", newWordList("it that this that's it's those these they them")},
	{"names feeling or wish", newWordList(`feel feels feeling felt want wants wanted worried worry concerned hard difficult tough happy sad scared afraid hope wish like
		important tired stressed upset frustrated frustrating enjoy love hate pressure overwhelmed ready willing trying`)},
	{"frames as heard", newWordList("sounds sound seems seem hear hearing saying mean so guess almost kind part sort")},
	{"advises", newWordList("should could would might need must recommend suggest try consider advice better")},
	{"asks why and how", newWordList("why how explain")},
	{"asks what and which", newWordList("what which who where when")},
	{"praises", newWordList("good great excellent nice wonderful perfect right correct exactly awesome fantastic terrific")},
	{"acknowledges", newWordList("okay ok yes yeah yep mm-hmm mhm uh-huh alright well oh no")},
	{"reasons", newWordList("because if then therefore but and since when although")},
	{"denies", newWordList("not don't no never doesn't isn't can't won't didn't haven't")},
	{"directs", newWordList("go turn sit look put write take get come raise listen wait stop next page now")},
}

// uptakeFeatures are what is heard and measured of an answer in any talk.
func (c *Coder) uptakeFeatures(said, answer *heard) []feature {
	m := make(measure, 0, 48)
	for _, e := range c.book.Outcomes {
		if id := pipeline.Outcome(e.ID); id == pipeline.GrippedLate || id == pipeline.Open {
			continue
		}
		for _, hit := range c.hits(e, said, answer) {
			m.add(e.ID+": "+hit.cue.Group, float64(hit.n), hit.text)
		}
	}
	n := float64(len(answer.words))
	for _, w := range ways {
		hits := 0.0
		for _, word := range answer.words {
			hits += number(w.words.has(word))
		}
		m.add(w.name, math.Min(3, hits), "")
		m.add(w.name+", share", hits/math.Max(4, n)*3, "")
		m.add("begins: "+w.name, number(w.words.hears(answer.words[:min(2, len(answer.words))])), "")
	}
	m.add("length of the answer", math.Log1p(n), "")
	m.add("longer answer", math.Max(0, math.Log1p(n)-2), "")
	m.add("length of what was said", math.Log1p(float64(len(said.words))), "")
	share := repeated(said, answer)
	m.add("share of words said again", share, "")
	m.add("root of the share of words said again", math.Sqrt(share), "")
	order := float64(common(said.words, answer.words))
	m.add("share in the same order", order/math.Max(1, float64(len(said.words))), "")
	m.add("words in the same order", math.Min(6, order)/2, "")
	stems := float64(len(shared(said, answer)))
	m.add("content words in common", math.Min(3, stems), "")
	m.add("any content word in common", number(stems > 0), "")
	m.add("share of content words said again", stems/math.Max(1, float64(len(said.stems))), "")
	m.add("share of the answer that is taken up", stems/math.Max(1, float64(len(answer.stems))), "")
	m.add("new content words", math.Min(2, (float64(len(answer.stems))-stems)/5), "")
	asked := float64(strings.Count(answer.Text, "?"))
	m.add("asks", math.Min(2, asked), "?")
	m.add("ends by asking", number(strings.HasSuffix(strings.TrimSpace(answer.Text), "?")), "?")
	m.add("asks after few words", number(asked > 0 && n <= 8), "?")
	m.add("no question", number(asked == 0), "")
	m.add("echo", number(answer.echoesAsked(said)), "")
	m.add("numbers said again", number(slices.ContainsFunc(said.words, func(w string) bool { return isNumeral(w) && slices.Contains(answer.words, w) })), "")
	m.add("sentences", math.Min(4, float64(sentences(answer.Text)))/2, "")
	m.add("breaks off", number(strings.HasSuffix(strings.TrimSpace(answer.Text), "-")), "")
	m.add("one word", number(n <= 1), "")
	m.add("up to four words", number(n <= 4), "")
	return m
}

// longestCompared is how many words of each side are compared.
const longestCompared = 300

// common is the length of the longest common subsequence of two lists of words.
func common(a, b []string) int {
	a, b = a[:min(len(a), longestCompared)], b[:min(len(b), longestCompared)]
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
