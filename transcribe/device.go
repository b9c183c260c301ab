package transcribe

import (
	"fmt"
	"strings"

	"lydhor/transcribe/whisper"
)

// choose finds the device that name asks for among those there are: the first GPU or else
// the processor for "auto". A GPU asked for and not there is an error: a profile that
// needs one would take hours on the processor.
func choose(name string, devices []whisper.Device) (whisper.ModelOptions, string, error) {
	var gpus []string
	for _, d := range devices {
		if d.GPU {
			gpus = append(gpus, d.Name)
		}
	}
	switch {
	case name == "cpu" || (name == "" || name == "auto") && len(gpus) == 0:
		return whisper.ModelOptions{}, "cpu", nil
	case name == "" || name == "auto":
		return whisper.ModelOptions{GPU: true}, gpus[0], nil
	}
	for i, gpu := range gpus {
		if strings.EqualFold(strings.ReplaceAll(name, ":", ""), gpu) {
			return whisper.ModelOptions{GPU: true, Index: i}, gpu, nil
		}
	}
	return whisper.ModelOptions{}, "", fmt.Errorf("no device %q here: there is %s; build with GGML_CUDA=1 or GGML_VULKAN=1 for a GPU, or choose --device cpu",
		name, strings.Join(append(gpus, "cpu"), ", "))
}
