package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"lydhor/pipeline/confine"
)

// Bounds on what ffmpeg makes of a file, which may be broken or made to do harm; tests shorten them.
var (
	longest     = 12 * time.Hour   // of sound, so that the disk is not filled
	decodeLimit = 30 * time.Minute // of work
)

// formats are what ffmpeg may read: those that hold their sound themselves. Playlists name
// other files, which a recording has no business with.
const formats = "s16le,wav,w64,aiff,caf,au,mp3,aac,mov,mp4,m4a,3gp,ogg,flac,asf,matroska,webm,amr,wv,ape,ac3,eac3,dsf,avi,mpeg,mpegts,tta"

// Decode makes 16 kHz mono sound of the recording in file, in a new file in dir. WAVs of
// plain samples are read by go-audio, everything else, and every change of rate, is
// ffmpeg's. An error that wraps ErrBadAudio says what is wrong with the recording.
func Decode(ctx context.Context, file, dir string) (*PCM, error) {
	return DecodeRendered(ctx, file, dir, "")
}

// DecodeRendered is Decode and Rendition, where rendition is not "", by one ffmpeg if possible:
// loading it takes some 65 ms of a processor.
func DecodeRendered(ctx context.Context, file, dir, rendition string) (*PCM, error) {
	f, err := openRecording(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(dir, "sound-*.wav")
	if err != nil {
		return nil, err
	}
	out.Close()
	samples, err := decode(ctx, f, info.Size(), file, out.Name(), rendition)
	if err == nil && samples == 0 {
		err = fmt.Errorf("%w: it lasts 0 seconds: record or export it again", ErrBadAudio)
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w: make room there, or set TMPDIR to a folder on another disk", err)
	}
	if err != nil {
		os.Remove(out.Name())
		return nil, err
	}
	return OpenPCM(out.Name())
}

// openRecording opens a file that can be a recording at all.
func openRecording(file string) (*os.File, error) {
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: look at its name and folder", os.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%w: it is a folder: name the recordings in it", ErrBadAudio)
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("%w: the file is empty: copy it again from the recorder", ErrBadAudio)
	}
	return os.Open(file)
}

func decode(ctx context.Context, f io.ReadSeeker, size int64, name, out, rendition string) (samples int, err error) {
	w, err := readWAV(f, size)
	switch {
	case errors.Is(err, errOtherWAV):
		err = confine.Lend(name, rendition, func(name, rendition string) error {
			samples, err = resample(ctx, out, rendition, nil, "-i", local(name))
			return err
		})
		return samples, err
	case err != nil:
		return 0, err
	case w.rate == SampleRate:
		samples, err = CreatePCM(out, w)
		if err != nil || samples == 0 || rendition == "" {
			return samples, err
		}
		return samples, Rendition(ctx, name, rendition)
	}
	err = confine.Lend("", rendition, func(_, rendition string) error {
		samples, err = resample(ctx, out, rendition, w, "-f", "s16le", "-ar", fmt.Sprint(w.rate), "-ac", "1", "-i", "pipe:0")
		return err
	})
	return samples, err
}

// resample has ffmpeg write what input names, or what stdin holds, as a PCM file and, where
// rendition is not "", as a Rendition.
func resample(ctx context.Context, out, rendition string, stdin io.Reader, input ...string) (samples int, err error) {
	most := int64(longest/time.Second) * SampleRate * 2
	args := append(input, "-map", "0:a:0", "-ac", "1", "-ar", fmt.Sprint(SampleRate),
		"-flush_packets", "0", "-f", "s16le", "pipe:1") // or each packet, of some milliseconds, is a write
	if rendition != "" {
		args = append(args, renditionArgs(rendition)...)
	}
	err = ffmpeg(ctx, stdin, func(stdout io.Reader) error {
		samples, err = CreatePCM(out, io.LimitReader(stdout, most+1))
		if err == nil && int64(samples)*2 >= most {
			err = fmt.Errorf("%w: it lasts longer than %v: cut it into parts", ErrBadAudio, longest)
		}
		return err
	}, args...)
	return samples, err
}

// Rendition writes the recording in file as out: the small mono file that browsers play,
// AAC in MP4.
func Rendition(ctx context.Context, file, out string) error {
	return confine.Lend(file, out, func(file, out string) error {
		return ffmpeg(ctx, nil, nil, append([]string{"-i", local(file)}, renditionArgs(out)...)...)
	})
}

// renditionArgs are ffmpeg's words for what a Rendition is.
func renditionArgs(out string) []string {
	return []string{"-map", "0:a:0", "-ac", "1", "-c:a", "aac", "-b:a", "40k", "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "-y", local(out)}
}

// RenditionType is the media type of a Rendition.
const RenditionType = "audio/mp4"

// local is a file name that ffmpeg takes for nothing but a file.
func local(name string) string { return "file:" + name }

// ffmpeg runs ffmpeg as decoder runs it.
func ffmpeg(ctx context.Context, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	return decoder(ctx, "ffmpeg", stdin, read, append([]string{"-nostdin"}, args...)...)
}

// decoder runs program, which is ffmpeg or ffprobe, on local files and pipes only. Read, if not
// nil, is given its standard output. What it complains of becomes an error that wraps
// ErrBadAudio. Within decodeLimit and some seconds it has ended, and so has whatever it started
// and holds its output.
func decoder(ctx context.Context, program string, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	limited, cancel := context.WithTimeout(ctx, decodeLimit)
	defer cancel()
	cmd := confine.Command(limited, program, append([]string{"-v", "error",
		"-max_alloc", "268435456", "-protocol_whitelist", "file,pipe", "-format_whitelist", formats}, args...)...)
	complaint := &tail{}
	cmd.Stdin, cmd.Stderr = stdin, complaint
	readErr, err := runRead(cmd, read, cancel)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s is not installed: `apt-get install ffmpeg`, or give a WAV at 16 kHz", program)
	case cmd.Process == nil:
		return fmt.Errorf("start %s: %w", program, err)
	case readErr != nil:
		return readErr
	case limited.Err() != nil:
		return fmt.Errorf("%w: %s was not done with it after %v: convert it to WAV yourself", ErrBadAudio, program, decodeLimit)
	case errors.Is(err, exec.ErrWaitDelay):
		return fmt.Errorf("%[1]s ended and left something running that holds its output: see that `%[1]s` in PATH is the one of the package ffmpeg", program)
	case err != nil:
		return fmt.Errorf("%w: %s cannot read it as sound (%s): is it a recording, and whole?", ErrBadAudio, program, complaint)
	}
	return nil
}

// runRead runs cmd while read, if not nil, reads what it writes; both have ended when it
// returns. An error of read's cancels cmd. It is cmd that is waited for: its output is cut off
// some seconds after it, and read then comes to an end, whoever else still holds it.
func runRead(cmd *exec.Cmd, read func(io.Reader) error, cancel func()) (readErr, err error) {
	if read == nil {
		return nil, cmd.Run()
	}
	r, w := io.Pipe()
	cmd.Stdout = w
	var reading sync.WaitGroup
	reading.Go(func() {
		defer r.Close()
		if readErr = read(r); readErr != nil {
			cancel()
		}
	})
	err = cmd.Run()
	w.Close()
	reading.Wait()
	return readErr, err
}

// A tail keeps the last of what is written to it, for a sentence.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - 1000; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

// String is the last line, without the name of the file, which may name a person.
func (t *tail) String() string {
	lines := bytes.Split(bytes.TrimSpace(t.b), []byte("\n"))
	last := string(lines[len(lines)-1])
	if i := strings.LastIndex(last, ": "); strings.HasPrefix(last, "file:") && i >= 0 {
		last = last[i+2:]
	}
	if last == "" {
		return "no reason given"
	}
	return last
}
