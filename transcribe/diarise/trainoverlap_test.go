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
	mixtures    = 700
	scenes      = 4 // of a mixture, one after the other: other voices, the same room
	sceneDur    = 4 * time.Second
	synthetic   = 0.3 // of the voices
	voiceLevel  = -26 // dB, of the first in a scene
	hiddenUnits = 24
)

// A solo is a stretch in which one voice speaks alone.
type solo struct {
	voice     string
	synthetic bool
	sound     pipeline.Samples
}

// BenchmarkTrainOverlap writes overlap.json; make train-overlap runs it.
func BenchmarkTrainOverlap(b *testing.B) {
	frames := mixed(solos(b, "ami"))
	kept := len(frames) * 9 / 10
	net := fitOverlap(frames[:kept], rand.New(rand.NewPCG(1, 1)))
	right := 0
	for _, f := range frames[kept:] {
		if (net.odds(&f.inputs) >= 0.5) == f.several {
			right++
		}
	}
	fmt.Printf("%d frames of %d mixtures; in the last tenth %.1f %% judged right\n", len(frames), mixtures, 100*float64(right)/float64(len(frames)-kept))
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
		sound, err := pipeline.Decode(b.Context(), file, b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		x, err := pipeline.Read(sound, pipeline.Span{End: pipeline.Dur(sound)})
		if err != nil {
			b.Fatal(err)
		}
		sound.Close()
		add(solo{voice: filepath.Base(file), sound: x})
	}
	return all
}

// A judged frame is what the network sees of it and what it shall say.
type judged struct {
	inputs  [overlapInputs]float64
	several bool
}

// mixed makes mixtures of solos, the same ones each time, and gives some frames of each.
func mixed(all []solo) []judged {
	of := make([][]judged, mixtures)
	var wait sync.WaitGroup
	const workers = 2
	for w := range workers {
		wait.Go(func() {
			for k := w; k < mixtures; k += workers {
				random := rand.New(rand.NewPCG(uint64(k), 5))
				of[k] = newMixer(all, random).mix().judged()
			}
		})
	}
	wait.Wait()
	return slices.Concat(of...)
}

// A mixer makes one mixture.
type mixer struct {
	all    []solo
	random *rand.Rand
	room   bool // whether the voices sound as in a room
	sound  pipeline.Samples
	voices []int // in each frame
}

func newMixer(all []solo, random *rand.Rand) *mixer {
	n := scenes * pipeline.Index(sceneDur)
	return &mixer{all, random, random.IntN(3) > 0, make(pipeline.Samples, n), make([]int, (n-window)/hop+1)}
}

// mix makes the scenes, and noise below them.
func (m *mixer) mix() *mixer {
	for scene := range scenes {
		m.scene(m.sound[scene*pipeline.Index(sceneDur):][:pipeline.Index(sceneDur)], m.voices[scene*int(sceneDur/frameDur):])
	}
	m.hiss()
	return m
}

// scene lays over one voice none, one or two others, of half a second and more, on sound, and counts
// the voices of its frames.
func (m *mixer) scene(sound pipeline.Samples, voices []int) {
	first := m.pick("")
	m.lay(sound, voices, m.varied(first.sound), voiceLevel)
	others := [...]int{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2}
	for range others[m.random.IntN(len(others))] {
		const least = pipeline.SampleRate / 2
		x := m.varied(m.pick(first.voice).sound)
		length := least + m.random.IntN(len(x)-least+1)
		at := m.random.IntN(len(x) - length + 1)
		m.lay(sound, voices, x[at:at+length], voiceLevel+10*(2*m.random.Float64()-1)*m.random.Float64())
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

// varied is x as of a larger or smaller speaker, no longer than a scene.
func (m *mixer) varied(x pipeline.Samples) pipeline.Samples {
	speed := 0.85 + 0.35*m.random.Float64()
	out := make(pipeline.Samples, min(pipeline.Index(sceneDur), int(float64(len(x)-1)/speed)))
	for i := range out {
		whole, part := math.Modf(float64(i) * speed)
		at := int(whole)
		out[i] = x[at]*float32(1-part) + x[min(at+1, len(x)-1)]*float32(part)
	}
	return out
}

// lay adds x to sound somewhere, at that level, and counts it in the frames in which it is heard.
func (m *mixer) lay(sound pipeline.Samples, voices []int, x pipeline.Samples, level float64) {
	gain := float32(math.Pow(10, (level-decibels(x))/20))
	for i := range x {
		x[i] *= gain
	}
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

// judged gives every fourth frame of the mixture in which somebody speaks.
func (m *mixer) judged() []judged {
	f, err := listen(context.Background(), m.sound, func(float64) {})
	if err != nil {
		panic(err) // the sound is in memory
	}
	usual := f.usualVoice()
	sums := sumsOf(f.marks(&usual, 0, len(f.frames)))
	var out []judged
	for i := m.random.IntN(4); i < len(f.frames); i += 4 {
		if m.voices[i] > 0 {
			out = append(out, judged{sums.inputs(i), m.voices[i] > 1})
		}
	}
	return out
}

// heardIn is in which frames the voice of x is heard: less than 25 dB softer than it is when loud,
// for eight of the frames within a tenth of a second.
func heardIn(x pipeline.Samples) []bool {
	const soft, reach, enough = 25, 10, 8
	levels := make([]float64, (len(x)-window)/hop+1)
	for i := range levels {
		levels[i] = decibels(x[i*hop : i*hop+window])
	}
	limit := slices.Sorted(slices.Values(levels))[len(levels)*95/100] - soft
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

// fitOverlap fits a network to frames, whose inputs it scales, by gradient descent (Adam, Kingma and Ba 2015).
func fitOverlap(frames []judged, random *rand.Rand) *overlapNet {
	const rounds, batch, speed = 8, 64, 0.003
	net := newOverlapNet(frames, random)
	for i := range frames {
		net.scaled(&frames[i].inputs)
	}
	d := newDescent(net)
	for round := range rounds {
		order := random.Perm(len(frames))
		for some := range slices.Chunk(order, batch) {
			for _, i := range some {
				d.learn(&frames[i])
			}
			d.step(speed*(1-float64(round)/rounds), len(some))
		}
	}
	return net.rounded()
}

// newOverlapNet knows means and spreads of the frames, and nothing else yet.
func newOverlapNet(frames []judged, random *rand.Rand) *overlapNet {
	n := &overlapNet{Mean: make([]float64, overlapInputs), Spread: make([]float64, overlapInputs)}
	for i := range overlapInputs {
		sum, square := 0.0, 0.0
		for k := range frames {
			v := frames[k].inputs[i] / float64(len(frames))
			sum += v
			square += v * frames[k].inputs[i]
		}
		n.Mean[i], n.Spread[i] = sum, math.Sqrt(max(1e-6, square-sum*sum))
	}
	for range hiddenUnits {
		row := make([]float64, overlapInputs+1)
		for i := range overlapInputs {
			row[i] = random.NormFloat64() / math.Sqrt(float64(overlapInputs))
		}
		n.Hidden = append(n.Hidden, row)
		n.Output = append(n.Output, random.NormFloat64()/math.Sqrt(hiddenUnits))
	}
	n.Output = append(n.Output, 0)
	return n
}

// rounded is n with four digits, which is enough and can be read.
func (n *overlapNet) rounded() *overlapNet {
	for _, row := range append(n.Hidden, n.Output, n.Mean, n.Spread) {
		for i, v := range row {
			row[i], _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
		}
	}
	return n
}

// A descent keeps, for each row of weights, the gradient of a batch and its moments.
type descent struct {
	net                    *overlapNet
	rows                   [][]float64 // of the network; the last is its output
	gradient, mean, square [][]float64
	units                  [hiddenUnits]float64 // scratch
	steps                  int
}

func newDescent(net *overlapNet) *descent {
	d := &descent{net: net, rows: append(slices.Clone(net.Hidden), net.Output)}
	for _, row := range d.rows {
		d.gradient = append(d.gradient, make([]float64, len(row)))
		d.mean = append(d.mean, make([]float64, len(row)))
		d.square = append(d.square, make([]float64, len(row)))
	}
	return d
}

// learn adds to the gradient what frame says.
func (d *descent) learn(frame *judged) {
	off := d.net.probability(d.net.units(&frame.inputs, d.units[:]))
	if frame.several {
		off--
	}
	last := d.gradient[len(d.rows)-1]
	last[len(last)-1] += off
	for h, unit := range d.units {
		if unit == 0 {
			continue
		}
		last[h] += off * unit
		back := off * d.net.Output[h]
		for i, v := range &frame.inputs {
			d.gradient[h][i] += back * v
		}
		d.gradient[h][overlapInputs] += back
	}
}

// step moves the weights against the gradient of so many frames, at that speed, and clears it.
func (d *descent) step(speed float64, frames int) {
	const keepMean, keepSquare, decay = 0.9, 0.999, 1e-3
	d.steps++
	young, younger := 1-math.Pow(keepMean, float64(d.steps)), 1-math.Pow(keepSquare, float64(d.steps))
	for r, row := range d.rows {
		for i := range row {
			g := d.gradient[r][i] / float64(frames)
			if i < len(row)-1 { // not the bias
				g += decay * row[i]
			}
			d.mean[r][i] = keepMean*d.mean[r][i] + (1-keepMean)*g
			d.square[r][i] = keepSquare*d.square[r][i] + (1-keepSquare)*g*g
			row[i] -= speed * d.mean[r][i] / young / (math.Sqrt(d.square[r][i]/younger) + 1e-8)
		}
		clear(d.gradient[r])
	}
}
