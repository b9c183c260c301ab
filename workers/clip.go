package workers

import (
	"context"
	"os"
	"path/filepath"

	"lydhor/pipeline"
)

// Clip gives a stretch of a recording as browsers play it, with other voices and the hidden
// spans masked. It is made anew each time and kept nowhere.
func (in *Inbox) Clip(ctx context.Context, id string, stretch pipeline.Span, hidden []pipeline.Span) (clip []byte, err error) {
	o, err := in.blobs.Open(ctx, pcmKey(id))
	if err != nil {
		return nil, err
	}
	defer o.Close()
	sound, err := pipeline.ReadPCM(o, o.Size())
	if err != nil {
		return nil, err
	}
	err = scratch(func(dir string) error {
		file := filepath.Join(dir, "clip")
		if err := pipeline.Disguise(ctx, pipeline.Section(pipeline.Masked(sound, hidden), stretch), file); err != nil {
			return err
		}
		clip, err = os.ReadFile(file)
		return err
	})
	return clip, err
}
