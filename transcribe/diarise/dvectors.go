package diarise

import (
	"context"
	"fmt"
	"path/filepath"

	"lydhor/pipeline"
)

// Dvector is Silero with voices compared by what the d-vector network hears in each segment
// of speech, in place of how their spectra are spread.
type Dvector struct {
	silero *Silero
	net    *dvector
	run    pipeline.Run
}

// OpenDvector reads the weights in the models folder.
func OpenDvector(models string) (*Dvector, error) {
	s, err := OpenSilero(models)
	if err != nil {
		return nil, err
	}
	net, hash, err := openDvector(filepath.Join(models, dvectorFile))
	if err != nil {
		return nil, fmt.Errorf("the d-vector network: %w: put it there, or use another path", err)
	}
	run := pipeline.Run{Stage: pipeline.Diarise, Model: s.run.Model, ModelHash: s.run.ModelHash, Params: map[string]string{"path": "dvector", "embedding": "d-vector", "embedding_sha256": hash}}
	return &Dvector{s, net, run}, nil
}

// How the vectors of one recording are clustered: 60 degrees apart, and what is heard for
// less than a second is nobody.
const (
	dvectorsApart = 1.0
	leastDvectors = 100 // frames
)

// Diarise hears who speaks when.
func (d *Dvector) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	f, odds, err := d.silero.speech(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.5) })
	if err != nil {
		return nil, err
	}
	spoken := byLoudness.speech(odds, pipeline.Dur(sound))
	parts := segments(f, spoken)
	points, err := d.points(sound, parts)
	if err != nil {
		return nil, fmt.Errorf("tell the voices apart: %w", err)
	}
	least, most := bounds(speakers)
	found := centres(points, dvectorsApart, leastDvectors, least, most)
	voices := &pipeline.Voices{Run: d.run}
	if len(found) > 0 {
		frames := f.voicedFrames(spoken)
		who := begin(parts, nearestCentre(points, found), len(frames))
		if len(found) > 1 {
			who = usual.resegment(frames, who, len(found), 3)
		}
		voices.Turns = usual.named(byLoudness.within(spoken, odds, pipeline.Dur(sound)), who, odds)
	}
	progress(pipeline.Diarise, 1)
	return voices, ctx.Err()
}

// points are the vectors of the segments, less their mean: what all share is the room and the
// microphone.
func (d *Dvector) points(sound pipeline.Sound, parts []segment) ([]point, error) {
	points := make([]point, len(parts))
	rows := make([][]float32, len(parts))
	for i, p := range parts {
		x, err := pipeline.Read(sound, pipeline.Span{Start: pipeline.At(p.from * hop), End: pipeline.At(p.to * hop)})
		if err != nil {
			return nil, err
		}
		points[i].weight = float64(p.to - p.from)
		if rows[i] = d.net.embed(x); rows[i] == nil {
			rows[i] = make([]float32, 2*dvectorWide)
		}
	}
	if len(rows) > 1 {
		centred(rows)
	}
	for i, row := range rows {
		if points[i].vector = unit(row); points[i].vector == nil {
			points[i].vector = row
		}
	}
	return points, nil
}

// nearestCentre makes clusters of the points by the centre that each is most like.
func nearestCentre(points []point, found []centre) []cluster {
	clusters := make([]cluster, len(found))
	for i, p := range points {
		best := 0
		for k := range found {
			if likeness(p.vector, found[k].mean) > likeness(p.vector, found[best].mean) {
				best = k
			}
		}
		clusters[best].members = append(clusters[best].members, i)
	}
	return clusters
}
