package diarise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"lydhor/pipeline"
	"lydhor/transcribe/onnx"
)

// Pyannote hears who speaks when as the pyannote 3.1 pipeline does, with its networks run by
// ONNX Runtime: a segmentation network tells in short windows who speaks, overlap and all,
// but knows each speaker in that window only; an embedding network tells which of them are one.
type Pyannote struct {
	segmentation *onnx.Network
	embedding    *onnx.Network
	run          pipeline.Run
}

// The figures of the pyannote 3.1 pipeline.
const (
	voicesApart  = 0.7046 // the distance at which two voices are two speakers
	fewestVoices = 12     // windows that a speaker is heard in, fewer in a short recording
)

// checkSegmentation says what of n is not as a segmentation network has to be.
func checkSegmentation(n *onnx.Network) error {
	in, out := n.Inputs(), n.Outputs()
	if len(in) != 1 || len(out) != 1 || !in[0].Takes(-1, 1, stretchLen) || !out[0].Takes(-1, stretchCount, int64(len(powerset))) {
		return fmt.Errorf("it takes %v and gives %v, but a segmentation network takes float[N 1 %d] and gives float[N %d %d]: put pyannote segmentation-3.0 there",
			in, out, stretchLen, stretchCount, len(powerset))
	}
	return nil
}

// checkEmbedding says what of n is not as a speaker embedding network has to be.
func checkEmbedding(n *onnx.Network) error {
	in, out := n.Inputs(), n.Outputs()
	if len(in) != 1 || len(out) != 1 || !in[0].Takes(-1, -1, fbankBands) || !out[0].Takes(-1, -1) {
		return fmt.Errorf("it takes %v and gives %v, but a speaker embedding takes float[N frames %d] and gives float[N size]: put one of WeSpeaker's, CAM++ or ERes2Net there",
			in, out, fbankBands)
	}
	return nil
}

// Close frees the networks.
func (p *Pyannote) Close() error { return errors.Join(p.segmentation.Close(), p.embedding.Close()) }

// Diarise hears who speaks when; turns may overlap.
func (p *Pyannote) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	all, err := p.segment(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.3) })
	if err != nil {
		return nil, fmt.Errorf("hear who speaks: %w", err)
	}
	points, of, err := p.embed(ctx, sound, all, func(done float64) { progress(pipeline.Diarise, 0.3+done*0.6) })
	if err != nil {
		return nil, fmt.Errorf("tell the voices apart: %w", err)
	}
	least, most := bounds(speakers)
	small := min(fewestVoices, max(1, math.Round(float64(len(points))/10)))
	found := centres(points, voicesApart, small, least, most)
	assign(all, points, of, found)
	voices := &pipeline.Voices{Run: p.run}
	if len(found) > 0 {
		frames := (max(0, sound.Len()-stretchField))/stretchShift + 1
		voices.Turns = turnsOf(reconstruct(all, counts(all, frames, len(found)), len(found)), pipeline.Dur(sound))
	}
	progress(pipeline.Diarise, 1)
	return voices, ctx.Err()
}

// bounds are the least and the most speakers to look for.
func bounds(s pipeline.Speakers) (least, most int) {
	least, most = max(1, s.Min), s.Max
	if most <= 0 {
		most = 20
	}
	return least, max(least, most)
}

// segment runs the segmentation network over windows that overlap.
func (p *Pyannote) segment(ctx context.Context, sound pipeline.Sound, progress func(float64)) ([]stretch, error) {
	batch := 8
	if p.segmentation.Inputs()[0].Shape[0] > 0 {
		batch = int(p.segmentation.Inputs()[0].Shape[0])
	}
	at := starts(sound.Len())
	var all []stretch
	for some := range slices.Chunk(at, batch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x := make([]float32, batch*stretchLen)
		for i, from := range some {
			if err := read(sound, x[i*stretchLen:(i+1)*stretchLen], from); err != nil {
				return nil, err
			}
		}
		out, err := p.segmentation.Run(onnx.Tensor{Shape: []int64{int64(batch), 1, stretchLen}, Floats: x})
		if err != nil {
			return nil, err
		}
		if len(out[0].Floats) != batch*stretchCount*len(powerset) {
			return nil, fmt.Errorf("the segmentation network gave %v numbers for %d windows, not %d x %d each: put pyannote segmentation-3.0 there",
				out[0].Shape, batch, stretchCount, len(powerset))
		}
		sets := classes(out[0].Floats)
		for i, from := range some {
			all = append(all, stretch{from, sets[i*stretchCount : (i+1)*stretchCount], [locals]int{nobody, nobody, nobody}})
		}
		progress(float64(len(all)) / float64(len(at)))
	}
	return all, nil
}

// read fills dst with sound from sample at on, and with silence beyond its end.
func read(sound pipeline.Sound, dst pipeline.Samples, at int) error {
	clear(dst)
	if _, err := sound.ReadAt(dst, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// A voiceAt is local speaker local of stretch at.
type voiceAt struct{ at, local int }

// embed gives a point for each local speaker who speaks long enough, and whose it is.
func (p *Pyannote) embed(ctx context.Context, sound pipeline.Sound, all []stretch, progress func(float64)) ([]point, []voiceAt, error) {
	bank := rolling{fbank: newFbank()}
	var points []point
	var of []voiceAt
	for i := range all {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if all[i].active() == [locals]int{} {
			continue
		}
		rows, err := bank.window(sound, all[i].from)
		if err != nil {
			return nil, nil, err
		}
		for l := range locals {
			vector, err := embedRows(p.embedding, ownFrames(all[i].frames, l, rows))
			if err != nil {
				return nil, nil, err
			}
			if vector != nil {
				points, of = append(points, point{vector, 1}), append(of, voiceAt{i, l})
			}
		}
		progress(float64(i+1) / float64(len(all)))
	}
	return points, of, nil
}

// How many frames of 10 ms an embedding is made of at least, and how many a voice needs alone
// for its overlaps to be left out.
const (
	leastHeard = 10
	leastAlone = 50
)

// ownFrames are the rows in which local speaker l speaks, alone where that is enough.
func ownFrames(sets []voiceSet, l int, rows [][]float32) [][]float32 {
	var own, alone [][]float32
	for i, row := range rows {
		set := sets[i*len(sets)/len(rows)]
		if set.has(l) {
			own = append(own, row)
			if set.count() == 1 {
				alone = append(alone, row)
			}
		}
	}
	if len(alone) >= leastAlone {
		return alone
	}
	return own
}

// embedRows is what the embedding network n gives for rows, at unit length; nil where they
// are too few.
func embedRows(n *onnx.Network, rows [][]float32) ([]float32, error) {
	if len(rows) < leastHeard {
		return nil, nil
	}
	out, err := n.Run(onnx.Tensor{Shape: []int64{1, int64(len(rows)), fbankBands}, Floats: slices.Concat(rows...)})
	if err != nil {
		return nil, err
	}
	return unit(out[0].Floats), nil
}

// assign gives the local speakers their speakers: those whose centres they are most alike,
// two local speakers of one window being two.
func assign(all []stretch, points []point, of []voiceAt, found []centre) {
	for from := 0; from < len(of); {
		to := from + 1
		for to < len(of) && of[to].at == of[from].at {
			to++
		}
		like := make([][]float64, to-from)
		for i := range like {
			for _, c := range found {
				like[i] = append(like[i], likeness(points[from+i].vector, c.mean))
			}
		}
		best, _ := distinct(like, make([]bool, len(found)))
		for i, k := range best {
			all[of[from].at].speaker[of[from+i].local] = k
		}
		from = to
	}
}

// likeness is the cosine between a vector of unit length and a centre.
func likeness(v []float32, mean []float64) float64 {
	dot, square := 0.0, 0.0
	for k, m := range mean {
		dot += float64(v[k]) * m
		square += m * m
	}
	if square == 0 {
		return 0
	}
	return dot / math.Sqrt(square)
}

// distinct chooses for each row a column of its own so that the sum is largest; a row that
// finds all columns taken has nobody.
func distinct(like [][]float64, taken []bool) (best []int, sum float64) {
	if len(like) == 0 {
		return nil, 0
	}
	const none = -2 // less than any cosine
	rest, sum := distinct(like[1:], taken)
	best, sum = append([]int{nobody}, rest...), sum+none
	for k, l := range like[0] {
		if taken[k] {
			continue
		}
		taken[k] = true
		if rest, s := distinct(like[1:], taken); s+l > sum {
			best, sum = append([]int{k}, rest...), s+l
		}
		taken[k] = false
	}
	return best, sum
}
