package pipeline

import (
	"context"
	"fmt"
	"slices"

	"lydhor/pipeline/confine"
)

// disguiseBy is what voices are lowered by: pitch and formants alike, so that a voice sounds
// like that of a larger body.
const disguiseBy = 0.8

// Disguise writes sound with other voices as out: the small file that browsers play, as long
// as the sound. Somebody who knows a voice will hardly tell it by ear; it is no protection
// against those who undo it with tools.
func Disguise(ctx context.Context, sound Sound, out string) error {
	shift := fmt.Sprintf("asetrate=%d,aresample=%d,atempo=%g", int(SampleRate*disguiseBy), SampleRate, 1/disguiseBy)
	return confine.Lend("", out, func(_, out string) error {
		return ffmpeg(ctx, &rawSound{sound: sound}, nil, slices.Concat(
			[]string{"-f", "s16le", "-ar", fmt.Sprint(SampleRate), "-ac", "1", "-i", "pipe:0", "-af", shift}, renditionArgs(out))...)
	})
}
