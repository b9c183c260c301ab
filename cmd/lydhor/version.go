package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// release is set by the Makefile; a plain `go build` leaves it to the build info.
var release string

func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version
}

func (a *app) version(_ context.Context, args []string) error {
	if err := noArguments("version", args); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, version())
	return err
}
