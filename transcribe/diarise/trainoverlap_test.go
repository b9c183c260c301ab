package diarise

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"lydhor/pipeline"
)

// What overlap.json is fitted to: mixtures of stretches in which one speaks alone, of the demo recordings
// and of the real voices in ../shared whose licences allow it, which are simulated talks and read sentences. The
// AMI excerpts are not among them.
const (
	mixtures     = 1200
	scenes       = 4 // of a mixture, one after the other: other voices, the same room
	sceneDur     = 4 * time.Second
	synthetic    = 0.3 // of the voices
	voiceLevel   = -26 // dB, of the first in a scene
	overlapWidth = 24  // numbers between two layers
)

// A solo is a stretch in which one voice speaks alone.
type solo struct {
	voice     string
	synthetic bool
	sound     pipeline.Samples
}

// BenchmarkTrainOverlap writes overlap.json; make train-overlap runs it.
func BenchmarkTrainOverlap(b *testing.B) {
	lessons := mixed(solos(b, "ami"))
	kept := len(lessons) * 9 / 10
	net := fitOverlap(lessons[:kept], rand.New(rand.NewPCG(1, 1)))
	right, heard := 0, 0
	for _, l := range lessons[kept:] {
		for t, p := range net.odds(l.steps) {
			if l.voices[t] > 0 {
				heard++
				if (p >= 0.5) == (l.voices[t] > 1) {
					right++
				}
			}
		}
	}
	fmt.Printf("%d mixtures; of the steps of the last tenth in which somebody speaks %.1f %% judged right\n", mixtures, 100*float64(right)/float64(heard))
	file, err := json.Marshal(net)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile("overlap.json", append(file, '\n'), 0o644); err != nil {
		b.Fatal(err)
	}
}

// solos are those of the development recordings, without the sets named.
func solos(b *testing.B, without ...string) []solo {
	const least, longest = 1500 * time.Millisecond, 4 * time.Second
	var all []solo
	add := func(s solo) {
		for part := range slices.Chunk(s.sound, pipeline.Index(longest)) {
			if pipeline.Dur(part) >= least {
				all = append(all, solo{s.voice, s.synthetic, part})
			}
		}
	}
	for _, e := range examples(b) {
		if slices.Contains(without, e.set) {
			continue
		}
		for _, t := range soloes(e.ref) {
			s := solo{t.Speaker, e.set == "demo", e.samples[pipeline.Index(t.Start):min(len(e.samples), pipeline.Index(t.End))]}
			if s.synthetic {
				s.voice = e.name + s.voice // a letter, which is another voice in each recording
			}
			add(s)
		}
	}
	files, _ := filepath.Glob("../../../shared/audio/asr/*/*.flac")
	for _, file := range files {
		add(solo{voice: filepath.Base(file), sound: decoded(b, file)})
	}
	return all
}

// A lesson is what the network sees of each step of a mixture and how many voices there are in it.
type lesson struct {
	steps  [][]float32
	voices []int
}

// mixed makes mixtures of solos, the same ones each time.
func mixed(all []solo) []lesson {
	of := make([]lesson, mixtures)
	var wait sync.WaitGroup
	const workers = 2
	for w := range workers {
		wait.Go(func() {
			for k := w; k < mixtures; k += workers {
				random := rand.New(rand.NewPCG(uint64(k), 5))
				of[k] = newMixer(all, random).mix().lesson()
			}
		})
	}
	wait.Wait()
	return of
}

// A mixer makes one mixture.
type mixer struct {
	all    []solo
	random *rand.Rand
	room   bool // whether the voices sound as in a room
	lively bool // whether some whisper and laugh, are soft or far away, breathe, rustle and knock
	sound  pipeline.Samples
	voices []int // in each frame
}

func newMixer(all []solo, random *rand.Rand) *mixer {
	n := scenes * pipeline.Index(sceneDur)
	return &mixer{all, random, random.IntN(3) > 0, random.IntN(3) == 0, make(pipeline.Samples, n), make([]int, (n-window)/hop+1)}
}

// mix makes the scenes, and noise below them.
func (m *mixer) mix() *mixer {
	for scene := range scenes {
		sound := m.sound[scene*pipeline.Index(sceneDur):][:pipeline.Index(sceneDur)]
		if m.lively {
			m.disturb(sound)
		}
		if !m.lively || m.random.IntN(5) > 0 {
			m.scene(sound, m.voices[scene*int(sceneDur/frameDur):])
		}
	}
	m.hiss()
	return m
}

// scene lays over one voice none, one or two others, of half a second and more, on sound, and counts
// the voices of its frames.
func (m *mixer) scene(sound pipeline.Samples, voices []int) {
	first := m.pick("")
	soft := 0.0 // dB
	if m.lively && m.random.IntN(4) == 0 {
		soft = 18 * m.random.Float64()
	}
	m.lay(sound, voices, m.varied(first.sound), voiceLevel-soft)
	others := [...]int{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2}
	for range others[m.random.IntN(len(others))] {
		const least = pipeline.SampleRate / 2
		x := m.varied(m.pick(first.voice).sound)
		length := least + m.random.IntN(len(x)-least+1)
		at := m.random.IntN(len(x) - length + 1)
		m.lay(sound, voices, x[at:at+length], voiceLevel+10*(2*m.random.Float64()-1)*m.random.Float64())
	}
}

// disturb adds to sound what is no voice of the conversation: up to three noises, and one time in five somebody far away.
func (m *mixer) disturb(sound pipeline.Samples) {
	noises := [...]func(length int) pipeline.Samples{m.breath, m.rustle, m.knocks}
	for range m.random.IntN(4) {
		length := int((0.15 + 0.9*m.random.Float64()) * pipeline.SampleRate)
		m.put(sound, noises[m.random.IntN(len(noises))](length), voiceLevel-5-25*m.random.Float64())
	}
	if m.random.IntN(5) == 0 {
		m.put(sound, m.reverberant(m.varied(m.pick("").sound)), voiceLevel-28-12*m.random.Float64())
	}
}

// pick gives a stretch of any voice but one.
func (m *mixer) pick(but string) solo {
	made := m.random.Float64() < synthetic
	for {
		if s := m.all[m.random.IntN(len(m.all))]; s.voice != but && s.synthetic == made {
			return s
		}
	}
}

// varied is x as of a larger or smaller speaker, no longer than a scene; where it is lively one in ten whispers and one laughs.
func (m *mixer) varied(x pipeline.Samples) pipeline.Samples {
	speed := 0.85 + 0.35*m.random.Float64()
	out := make(pipeline.Samples, min(pipeline.Index(sceneDur), int(float64(len(x)-1)/speed)))
	for i := range out {
		whole, part := math.Modf(float64(i) * speed)
		at := int(whole)
		out[i] = x[at]*float32(1-part) + x[min(at+1, len(x)-1)]*float32(part)
	}
	if style := m.random.IntN(10); m.lively && style == 0 {
		m.whisper(out, 1)
	} else if m.lively && style == 1 {
		m.whisper(out, 0.3+0.5*m.random.Float64())
		m.laugh(out)
	}
	return out
}

// laugh swells x up to six times a second.
func (m *mixer) laugh(x pipeline.Samples) {
	speed := 2 * math.Pi * (3.5 + 2.5*m.random.Float64()) / pipeline.SampleRate
	for i := range x {
		x[i] *= float32(math.Pow(max(0.05, 0.5+0.5*math.Sin(speed*float64(i))), 1.5))
	}
}

// whisper replaces a share of what excites x by noise; the vocal tract stays (linear prediction, Atal and Hanauer 1971).
func (m *mixer) whisper(x pipeline.Samples, share float64) {
	const part, around = pipeline.SampleRate * 15 / 1000, pipeline.SampleRate * 8 / 1000
	voice := slices.Clone(x)
	var past [predicted]float64 // of the whisper
	for from := 0; from < len(x); from += part {
		to := min(len(x), from+part)
		tract, power := predictor(voice[max(0, from-around):min(len(x), to+around)])
		for i := from; i < to; i++ {
			excited := float64(voice[i])
			said := share * math.Sqrt(power) * m.random.NormFloat64()
			for k, weight := range tract {
				if i > k {
					excited -= weight * float64(voice[i-k-1])
				}
				said += weight * past[k]
			}
			said = max(-1, min(1, said+(1-share)*excited))
			copy(past[1:], past[:])
			past[0] = said
			x[i] = float32(said)
		}
	}
}

// predicted is from how many samples before it a sample is.
const predicted = 18

// predictor is what the samples before one of x, the nearest first, tell of it (Levinson and Durbin), and the power of what they do not.
func predictor(x pipeline.Samples) (weights [predicted]float64, power float64) {
	var alike [predicted + 1]float64
	for lag := range alike {
		for i := lag; i < len(x); i++ {
			alike[lag] += float64(x[i]) * float64(x[i-lag])
		}
	}
	left := alike[0]*1.0001 + 1e-9
	for i := range weights {
		gain := alike[i+1]
		for k := range i {
			gain -= weights[k] * alike[i-k]
		}
		gain /= left
		before := weights
		for k := range i {
			weights[k] -= gain * before[i-k-1]
		}
		weights[i] = gain
		left *= 1 - gain*gain
	}
	return weights, max(0, left) / float64(len(x))
}

// breath is noise of one band that comes and goes.
func (m *mixer) breath(length int) pipeline.Samples {
	turn := 2 * math.Pi * (400 + 2500*m.random.Float64()) / pipeline.SampleRate
	narrow := 0.85 + 0.12*m.random.Float64()
	x := make(pipeline.Samples, length)
	var last, before float64
	for i := range x {
		last, before = m.random.NormFloat64()+2*narrow*math.Cos(turn)*last-narrow*narrow*before, last
		x[i] = float32(last * math.Sin(math.Pi*float64(i)/float64(length)))
	}
	return x
}

// rustle is noise that starts again and again, as of paper.
func (m *mixer) rustle(length int) pipeline.Samples {
	colour := 0.9 * m.random.Float64()
	x := make(pipeline.Samples, length)
	var loud, last float64
	for i := range x {
		if m.random.IntN(800) == 0 {
			loud = m.random.Float64()
		}
		loud *= 0.9985
		now := m.random.NormFloat64()
		x[i] = float32(loud * (now - colour*last))
		last = now
	}
	return x
}

// knocks are one to four, each of a tone that dies away.
func (m *mixer) knocks(length int) pipeline.Samples {
	x := make(pipeline.Samples, length)
	for range 1 + m.random.IntN(4) {
		turn, dies := 2*math.Pi*(80+900*m.random.Float64())/pipeline.SampleRate, 100+600*m.random.Float64()
		for i, at := 0, m.random.IntN(length); at+i < length; i++ {
			x[at+i] += float32(math.Exp(-float64(i)/dies) * math.Sin(turn*float64(i)))
		}
	}
	return x
}

// put adds x somewhere to sound, at that level, in the room.
func (m *mixer) put(sound, x pipeline.Samples, level float64) {
	if m.room {
		x = m.reverberant(x)
	}
	scale(x, level)
	at := m.random.IntN(len(sound) - len(x) + 1)
	for i, v := range x {
		sound[at+i] += v
	}
}

// scale brings x to that level.
func scale(x pipeline.Samples, level float64) {
	gain := float32(math.Pow(10, (level-decibels(x))/20))
	for i := range x {
		x[i] *= gain
	}
}

// lay adds x to sound somewhere, at that level, and counts it in the frames in which it is heard.
func (m *mixer) lay(sound pipeline.Samples, voices []int, x pipeline.Samples, level float64) {
	scale(x, level)
	if m.room {
		x = m.reverberant(x)
	}
	alone := make(pipeline.Samples, len(sound))
	copy(alone[m.random.IntN(len(alone)-len(x)+1):], x)
	for i, v := range alone {
		sound[i] += v
	}
	for i, heard := range heardIn(alone) {
		if heard {
			voices[i]++
		}
	}
}

// reverberant is x with echoes that die away at random.
func (m *mixer) reverberant(x pipeline.Samples) pipeline.Samples {
	const echoes = 150
	dies := (0.15 + 0.5*m.random.Float64()) * pipeline.SampleRate // samples to -60 dB
	share := math.Pow(10, -(3+15*m.random.Float64())/20)
	var late [echoes]int
	var gains [echoes]float64
	energy := 0.0
	for k := range echoes {
		late[k] = 16 + int(0.7*dies*m.random.Float64())
		gains[k] = m.random.NormFloat64() * math.Exp(-6.9*float64(late[k])/dies)
		energy += gains[k] * gains[k]
	}
	out := slices.Clone(x)
	for k, at := range late {
		gain := float32(gains[k] / math.Sqrt(energy) * share)
		for i := at; i < len(out); i++ {
			out[i] += gain * x[i-at]
		}
	}
	return out
}

// hiss adds noise of some colour, 15 to 45 dB below the first voice.
func (m *mixer) hiss() {
	deviation := math.Pow(10, (voiceLevel-15-30*m.random.Float64())/20)
	colour := 0.95 * m.random.Float64()
	last := 0.0
	for i := range m.sound {
		last = colour*last + math.Sqrt(1-colour*colour)*deviation*m.random.NormFloat64()
		m.sound[i] += float32(last)
	}
}

// lesson is what can be learned from the mixture.
func (m *mixer) lesson() lesson {
	f, err := listen(context.Background(), m.sound, func(float64) {})
	if err != nil {
		panic(err) // the sound is in memory
	}
	usual := f.usualVoice()
	l := lesson{steps: f.steps(&usual, 0, len(f.frames))}
	for t := range l.steps {
		l.voices = append(l.voices, m.voices[min(t*overlapEvery+overlapEvery/2, len(m.voices)-1)])
	}
	return l
}

// heardIn is in which frames the voice of x is heard: less than 25 dB softer than it is when loud,
// for eight of the frames within a tenth of a second.
func heardIn(x pipeline.Samples) []bool {
	const soft, reach, enough = 25, 10, 8
	levels := make([]float64, (len(x)-window)/hop+1)
	for i := range levels {
		levels[i] = decibels(x[i*hop : i*hop+window])
	}
	limit := pipeline.Loudest(levels) - soft
	out := make([]bool, len(levels))
	for i := range out {
		n := 0
		for _, l := range levels[max(0, i-reach):min(len(levels), i+reach+1)] {
			if l > limit {
				n++
			}
		}
		out[i] = n >= enough
	}
	return out
}

func decibels(x pipeline.Samples) float64 {
	sum := 1e-12
	for _, v := range x {
		sum += float64(v) * float64(v) / float64(len(x))
	}
	return 10 * math.Log10(sum)
}

// fitOverlap fits a network to lessons, whose steps it scales, by gradient descent (Adam, Kingma and Ba 2015).
func fitOverlap(lessons []lesson, random *rand.Rand) *overlapNet {
	const rounds, speed = 9, 0.002
	net := newOverlapNet(lessons, random)
	for _, l := range lessons {
		net.scale(l.steps)
	}
	d := newDescent(net)
	for round := range rounds {
		order := random.Perm(len(lessons))
		for some := range slices.Chunk(order, batch) {
			d.learn(lessons, some, random)
			d.step(speed * (1 - float64(round)/rounds))
		}
	}
	return net.rounded()
}

// batch is how many lessons are heard before a step.
const batch = 4

// newOverlapNet knows means and spreads of the steps, and how often several speak, and nothing else yet.
func newOverlapNet(lessons []lesson, random *rand.Rand) *overlapNet {
	n := &overlapNet{Mean: make([]float32, marks), Spread: make([]float32, marks)}
	var sum, square [marks]float64
	var steps, spoken, several float64
	for _, l := range lessons {
		for t, step := range l.steps {
			steps++
			if l.voices[t] > 0 {
				spoken++
			}
			if l.voices[t] > 1 {
				several++
			}
			for i, v := range step {
				sum[i] += float64(v)
				square[i] += float64(v) * float64(v)
			}
		}
	}
	n.Prior = several / spoken
	for i := range marks {
		mean := sum[i] / steps
		n.Mean[i], n.Spread[i] = float32(mean), float32(math.Sqrt(max(1e-6, square[i]/steps-mean*mean)))
	}
	width := marks
	for _, dilation := range overlapDilations {
		n.Layers = append(n.Layers, newDilated(overlapTaps, dilation, width, overlapWidth, random))
		width = overlapWidth
	}
	n.Layers = append(n.Layers, newDilated(1, 1, width, 1, random))
	return n
}

func newDilated(taps, dilation, inputs, outputs int, random *rand.Rand) dilated {
	c := dilated{Dilation: dilation, Bias: make([]float32, outputs)}
	for range taps * outputs {
		row := make([]float32, inputs)
		for i := range row {
			row[i] = float32(random.NormFloat64() * math.Sqrt(1.6/float64(taps*inputs)))
		}
		c.Weights = append(c.Weights, row)
	}
	return c
}

// rows are all the numbers to learn, those of a layer together; its bias last.
func (n *overlapNet) rows() (rows [][]float32) {
	for _, c := range n.Layers {
		rows = append(append(rows, c.Weights...), c.Bias)
	}
	return rows
}

// blank is a network of the same shape that has learned nothing.
func (n *overlapNet) blank() *overlapNet {
	out := &overlapNet{}
	for _, c := range n.Layers {
		b := dilated{Dilation: c.Dilation, Bias: make([]float32, len(c.Bias))}
		for _, row := range c.Weights {
			b.Weights = append(b.Weights, make([]float32, len(row)))
		}
		out.Layers = append(out.Layers, b)
	}
	return out
}

// rounded is n with four digits, which is enough and can be read.
func (n *overlapNet) rounded() *overlapNet {
	for _, row := range append(n.rows(), n.Mean, n.Spread) {
		for i, v := range row {
			short, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', 4, 32), 32)
			row[i] = float32(short)
		}
	}
	return n
}

// A descent keeps the gradient of a batch, a part for each worker, and its moments.
type descent struct {
	net, mean, square *overlapNet
	gradients         [2]*overlapNet
	steps             int
}

func newDescent(net *overlapNet) *descent {
	d := &descent{net: net, mean: net.blank(), square: net.blank()}
	for w := range d.gradients {
		d.gradients[w] = net.blank()
	}
	return d
}

// learn makes the gradients those of some of the lessons, each as if by another microphone.
func (d *descent) learn(lessons []lesson, some []int, random *rand.Rand) {
	const apart = 0.1 // spreads
	heard := make([]lesson, len(some))
	for k, at := range some {
		var off [marks]float32
		for i := range off {
			off[i] = float32(apart * random.NormFloat64())
		}
		heard[k].voices = lessons[at].voices
		for _, step := range lessons[at].steps {
			moved := slices.Clone(step)
			for i := range moved {
				moved[i] += off[i]
			}
			heard[k].steps = append(heard[k].steps, moved)
		}
	}
	var wait sync.WaitGroup
	for w, gradient := range d.gradients {
		for _, row := range gradient.rows() {
			clear(row)
		}
		wait.Go(func() {
			for k := w; k < len(heard); k += len(d.gradients) {
				d.net.teach(heard[k], gradient)
			}
		})
	}
	wait.Wait()
}

// teach adds to gradient what a lesson says.
func (n *overlapNet) teach(l lesson, gradient *overlapNet) {
	seen, made := n.through(l.steps)
	off := make([][]float32, len(l.steps))
	for t, y := range made[len(made)-1] {
		off[t] = []float32{0}
		if l.voices[t] > 0 {
			off[t][0] = sigmoid(y[0])
		}
		if l.voices[t] > 1 {
			off[t][0]--
		}
	}
	for layer := len(n.Layers) - 1; layer >= 0; layer-- {
		own := off
		if layer < len(n.Layers)-1 {
			own = where(made[layer], off)
		}
		before := n.Layers[layer].back(seen[layer], own, &gradient.Layers[layer])
		if n.adds(layer) {
			for t := range before {
				for i, v := range off[t] {
					before[t][i] += v
				}
			}
		}
		off = before
	}
}

// where is off where made, before its ReLU, is more than zero.
func where(made, off [][]float32) [][]float32 {
	out := make([][]float32, len(off))
	for t := range off {
		out[t] = make([]float32, len(off[t]))
		for i, v := range made[t] {
			if v > 0 {
				out[t][i] = off[t][i]
			}
		}
	}
	return out
}

// back adds to gradient what off, of what c makes of x, says, and gives what it says of x.
func (c *dilated) back(x, off [][]float32, gradient *dilated) [][]float32 {
	out := make([][]float32, len(x))
	for t := range out {
		out[t] = make([]float32, len(x[t]))
	}
	for t := range x {
		for o, v := range off[t] {
			gradient.Bias[o] += v
		}
		for first, at := range c.taps(t, len(x)) {
			for o, v := range off[t] {
				if v == 0 {
					continue
				}
				learned, to, from := gradient.Weights[first+o], out[at], x[at]
				for i, w := range c.Weights[first+o] {
					learned[i] += v * from[i]
					to[i] += v * w
				}
			}
		}
	}
	return out
}

// step moves the weights against the gradients, at that speed.
func (d *descent) step(speed float64) {
	const keepMean, keepSquare, decay, least = 0.9, 0.999, 1e-3, 1e-8
	d.steps++
	young, younger := 1-math.Pow(keepMean, float64(d.steps)), 1-math.Pow(keepSquare, float64(d.steps))
	one, other, means, squares := d.gradients[0].rows(), d.gradients[1].rows(), d.mean.rows(), d.square.rows()
	for r, row := range d.net.rows() {
		mean, square := means[r], squares[r]
		for i := range row {
			g := one[r][i] + other[r][i]
			mean[i] = keepMean*mean[i] + (1-keepMean)*g
			square[i] = keepSquare*square[i] + (1-keepSquare)*g*g
			row[i] -= float32(speed * (float64(mean[i])/young/(math.Sqrt(float64(square[i])/younger)+least) + decay*float64(row[i])))
		}
	}
}
