//go:build cgo

package transcribe

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/whisper"
)

// BenchmarkStates says how much faster than real time several states hear at once, each half
// a minute of a demo recording with 100 tokens (docs/benchmarks.md). LYDHOR_BENCH_MODEL names
// another model than the demo model, LYDHOR_BENCH_DEVICE a device.
func BenchmarkStates(b *testing.B) {
	options, device, err := choose(os.Getenv("LYDHOR_BENCH_DEVICE"), whisper.Devices())
	if err != nil {
		b.Fatal(err)
	}
	model := "demo/ggml-demo-da-q5_0.bin"
	if named := os.Getenv("LYDHOR_BENCH_MODEL"); named != "" {
		model = named
	}
	m, err := whisper.Open(model, options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(m.Close)
	samples := benchSamples(b)
	for _, states := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprintf("%s/states=%d", device, states), func(b *testing.B) {
			for b.Loop() {
				var hearing sync.WaitGroup
				for range states {
					hearing.Go(func() {
						if _, err := m.Run(context.Background(), samples, whisper.Options{Language: "da", Threads: 1, Steps: 100}, nil); err != nil {
							b.Error(err)
						}
					})
				}
				hearing.Wait()
			}
			heard := time.Duration(b.N*states) * pipeline.Dur(samples)
			b.ReportMetric(heard.Seconds()/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}

func benchSamples(b *testing.B) pipeline.Samples {
	sound, err := pipeline.Decode(b.Context(), "demo/recordings/samtale-lager.flac", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer sound.Close()
	samples, err := pipeline.Read(sound, pipeline.Span{End: 30 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	return samples
}
