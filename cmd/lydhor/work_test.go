package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"lydhor/pipeline"
)

func TestLogDevice(t *testing.T) {
	for _, test := range []struct{ name, asked, device, want string }{
		{"a GPU", "auto", "CUDA0", `level=INFO msg="profile is served" profile=draft model=tiny device=CUDA0`},
		{"the processor, as asked", "cpu", "cpu", `level=INFO msg="profile is served" profile=draft model=tiny device=cpu`},
		{"the processor for want of a GPU", "", "cpu", `level=WARN msg="no GPU found: the profile computes on the processor" profile=draft model=tiny device=cpu asked=auto`},
	} {
		var said bytes.Buffer
		log := slog.New(slog.NewTextHandler(&said, nil))
		logDevice(log, "draft", test.asked, pipeline.Run{Model: "tiny", Params: map[string]string{"device": test.device}})
		if !strings.HasSuffix(strings.TrimSpace(said.String()), test.want) {
			t.Errorf("%s: got %q, want %q", test.name, said.String(), test.want)
		}
	}
}
