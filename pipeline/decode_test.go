package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tone writes three seconds of a 440 Hz sine at half of full scale, coded by ffmpeg.
func tone(t testing.TB, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	file := filepath.Join(t.TempDir(), name)
	all := append([]string{"-v", "error", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*440*t):s=48000:d=3"}, args...)
	if out, err := exec.Command("ffmpeg", append(all, file)...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", name, err, out)
	}
	return file
}

func decoded(t *testing.T, file string) Samples {
	t.Helper()
	sound, err := Decode(context.Background(), file, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer sound.Close()
	samples, err := Read(sound, Span{0, Dur(sound)})
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// level is the root mean square of samples; 0.354 for a sine at half of full scale.
func level(samples Samples) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// crossings is how often samples change sign: 880 times a second for 440 Hz.
func crossings(samples Samples) int {
	n := 0
	for i := 1; i < len(samples); i++ {
		if samples[i-1] < 0 != (samples[i] < 0) {
			n++
		}
	}
	return n
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"16-bit.wav", []string{"-ar", "16000", "-c:a", "pcm_s16le"}},
		{"8-bit.wav", []string{"-ar", "16000", "-c:a", "pcm_u8"}},
		{"24-bit.wav", []string{"-ar", "16000", "-c:a", "pcm_s24le"}},
		{"32-bit.wav", []string{"-ar", "16000", "-c:a", "pcm_s32le"}},
		{"32-bit float.wav", []string{"-ar", "16000", "-c:a", "pcm_f32le"}},
		{"64-bit float.wav", []string{"-ar", "16000", "-c:a", "pcm_f64le"}},
		{"mu-law.wav", []string{"-ar", "8000", "-c:a", "pcm_mulaw"}},
		{"a-law.wav", []string{"-ar", "8000", "-c:a", "pcm_alaw"}},
		{"rf64.wav", []string{"-rf64", "always"}},
		{"96 kHz.wav", []string{"-ar", "96000"}},
		{"44.1 kHz.wav", []string{"-ar", "44100"}},
		{"8 kHz.wav", []string{"-ar", "8000"}},
		{"stereo.wav", []string{"-af", "pan=stereo|c0=c0|c1=c0"}},
		{"7 channels.wav", []string{"-af", "pan=6.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0"}},
		{"samtale på Ærø.wav", nil},
		{"-dash.wav", nil},
		{"a:b.flac", nil},
		{"sound.mp3", nil},
		{"sound.m4a", nil},
		{"sound.mp4", nil},
		{"sound.ogg", nil},
		{"sound.opus", nil},
		{"sound.wma", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			samples := decoded(t, tone(t, test.name, test.args...))
			if got, want := Dur(samples), 3*time.Second; (got - want).Abs() > 120*time.Millisecond {
				t.Errorf("got %v of sound, want %v", got, want)
			}
			middle := samples[SampleRate/2 : 5*SampleRate/2]
			if got, want := level(middle), 0.5/math.Sqrt2; math.Abs(got-want) > 0.03 {
				t.Errorf("got level %.3f, want %.3f", got, want)
			}
			if got, want := crossings(middle), 2*880; got < want-20 || got > want+20 {
				t.Errorf("got %d crossings of zero in 2 s, want %d", got, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	whole, err := os.ReadFile(tone(t, "whole.wav", "-ar", "16000"))
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Index(whole, []byte("data"))
	longer := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(longer[data+4:], 1<<30)
	endless := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(endless[data+4:], 1<<32-1)
	none := bytes.Clone(whole[:data+8])
	binary.LittleEndian.PutUint32(none[data+4:], 0)
	slow := bytes.Clone(none)
	binary.LittleEndian.PutUint32(slow[24:], 8000)

	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"text", []byte("Ja, men vi skal jo også lige have noteret noget.\n"), "ffmpeg cannot read it as sound"},
		{"truncated", whole[:len(whole)/2], "cut short"},
		{"header too long", longer, "cut short"},
		{"header of an unfinished recording", endless, "cut short"},
		{"no samples", none, "lasts 0 seconds"},
		{"no samples at another rate", slow, "lasts 0 seconds"},
		{"header only", whole[:40], "no samples"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "recording.wav")
			if err := os.WriteFile(file, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := DecodeRendered(context.Background(), file, dir, filepath.Join(t.TempDir(), "small.m4a"))
			if !errors.Is(err, ErrBadAudio) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want bad audio with %q", err, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "sound-*")); len(left) > 0 {
				t.Errorf("left %v behind", left)
			}
		})
	}
	if _, err := Decode(context.Background(), t.TempDir(), t.TempDir()); !errors.Is(err, ErrBadAudio) {
		t.Errorf("a folder: got error %v, want bad audio", err)
	}
	if _, err := Decode(context.Background(), "missing.wav", t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: got error %v, want %v", err, os.ErrNotExist)
	}
}

// A playlist could have any file of the machine read aloud.
func TestDecodeReadsNoPlaylists(t *testing.T) {
	secret := tone(t, "secret.ts", "-c:a", "aac")
	for name, list := range map[string]string{
		"list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n" + secret + "\n#EXT-X-ENDLIST\n",
		"list.txt":  "ffconcat version 1.0\nfile " + filepath.Base(secret) + "\n",
	} {
		file := filepath.Join(filepath.Dir(secret), name)
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(context.Background(), file, t.TempDir()); !errors.Is(err, ErrBadAudio) {
			t.Errorf("%s: got error %v, want ErrBadAudio", name, err)
		}
	}
}

func TestDecodeStopsWhenCancelled(t *testing.T) {
	file := tone(t, "sound.mp3")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Decode(ctx, file, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// become puts a shell script in the place of ffmpeg and ffprobe.
func become(t *testing.T, script string) {
	t.Helper()
	bin := t.TempDir()
	for _, dir := range []string{filepath.Dir(bin), bin} { // as root, nobody runs it
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ffmpeg", "ffprobe"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// Programs that are called ffmpeg and take what they can.
func TestDecodeEndsWhatDoesNotEnd(t *testing.T) {
	file := tone(t, "sound.mp3")
	defer func(limit, most time.Duration) { decodeLimit, longest = limit, most }(decodeLimit, longest)
	for _, test := range []struct {
		name, script string
		limit, most  time.Duration
		want         string
	}{
		{"hangs", "exec sleep 600", 500 * time.Millisecond, longest, "ffmpeg was not done with it after 500ms"},
		{"hangs, and so does its child", "sleep 600 & exec sleep 600", 500 * time.Millisecond, longest, "ffmpeg was not done with it after 500ms"},
		{"hangs and writes", "while :; do echo; done", 500 * time.Millisecond, longest, "ffmpeg was not done with it after 500ms"},
		{"complains without end", "exec yes >&2", 500 * time.Millisecond, longest, "ffmpeg was not done with it after 500ms"},
		{"writes without end", "exec cat /dev/zero", time.Hour, 2 * time.Second, "it lasts longer than 2s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			become(t, test.script)
			decodeLimit, longest = test.limit, test.most
			dir := t.TempDir()
			_, err := Decode(context.Background(), file, dir)
			if !errors.Is(err, ErrBadAudio) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want bad audio with %q", err, test.want)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left %v behind", left)
			}
		})
	}
}

// What ffmpeg leaves behind keeps nobody waiting, whether the system ends it or it is cut off.
func TestDecodeDoesNotWaitForWhatFFmpegLeaves(t *testing.T) {
	file := tone(t, "sound.mp3")
	become(t, "sleep 600 & exit 0")
	if _, err := Decode(context.Background(), file, t.TempDir()); err == nil {
		t.Error("got sound")
	}
}

func TestProbeEnds(t *testing.T) {
	file := tone(t, "sound.mp3")
	become(t, "sleep 600 & exec sleep 600")
	defer func(was time.Duration) { decodeLimit = was }(decodeLimit)
	decodeLimit = 500 * time.Millisecond
	_, err := DecodeChannels(context.Background(), file, t.TempDir())
	if !errors.Is(err, ErrBadAudio) || !strings.Contains(err.Error(), "ffprobe was not done with it after 500ms") {
		t.Errorf("got error %v, want one that says it took too long", err)
	}
}

func TestTailIsShort(t *testing.T) {
	complaint := &tail{}
	for range 1000 {
		complaint.Write(bytes.Repeat([]byte("no\n"), 1000))
	}
	complaint.Write([]byte("the end\n"))
	if got := complaint.String(); got != "the end" || cap(complaint.b) > 10_000 {
		t.Errorf("got %q, in %d bytes", got, cap(complaint.b))
	}
}

func TestRendition(t *testing.T) {
	out := filepath.Join(t.TempDir(), "small.m4a")
	if err := Rendition(context.Background(), tone(t, "whole.wav"), out); err != nil {
		t.Fatal(err)
	}
	if got, want := Dur(decoded(t, out)), 3*time.Second; (got - want).Abs() > 120*time.Millisecond {
		t.Errorf("got %v of sound, want %v", got, want)
	}
}

// A 16 kHz WAV, one of another rate and another format go three ways.
func TestDecodeRendered(t *testing.T) {
	for name, args := range map[string][]string{"16 kHz.wav": {"-ar", "16000"}, "48 kHz.wav": nil, "sound.mp3": nil} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "small.m4a")
			sound, err := DecodeRendered(context.Background(), tone(t, name, args...), t.TempDir(), out)
			if err != nil {
				t.Fatal(err)
			}
			sound.Close()
			for what, got := range map[string]time.Duration{"sound": Dur(sound), "rendition": Dur(decoded(t, out))} {
				if want := 3 * time.Second; (got - want).Abs() > 120*time.Millisecond {
					t.Errorf("got %v of %s, want %v", got, what, want)
				}
			}
		})
	}
}

func TestSection(t *testing.T) {
	samples := make(Samples, 4*SampleRate)
	for i := range samples {
		samples[i] = float32(i)
	}
	part := Section(Section(samples, FromSeconds(1, 3)), FromSeconds(0.5, 9))
	if got, want := Dur(part), 1500*time.Millisecond; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	got, err := Read(part, FromSeconds(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != SampleRate/2 || got[0] != 2.5*SampleRate {
		t.Errorf("got %d samples from %v, want %d from %v", len(got), got[0], SampleRate/2, 2.5*SampleRate)
	}
}

func FuzzDecodeWAV(f *testing.F) {
	var header bytes.Buffer
	header.Write(wavHeader(8))
	header.Write([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(header.Bytes())
	f.Add(header.Bytes()[:30])
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVE"))
	f.Fuzz(func(t *testing.T, in []byte) {
		w, err := readWAV(bytes.NewReader(in), int64(len(in)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if n, _ := out.ReadFrom(w); n > 2*int64(len(in))+2 {
			t.Errorf("got %d bytes of samples from a file of %d", n, len(in))
		}
	})
}
