package main

import (
	"os/exec"
	"strings"
	"testing"
)

// mayImport is the picture of docs/architecture.md: which of our packages each may import.
// Arrows never turn back and neighbours do not meet.
var mayImport = map[string]string{
	"lydhor/pipeline":           "lydhor/pipeline/confine",
	"lydhor/pipeline/confine":   "",
	"lydhor/analysis":           "lydhor/pipeline",
	"lydhor/analysis/agreement": "lydhor/pipeline lydhor/analysis/bootstrap",
	"lydhor/analysis/score":     "lydhor/pipeline lydhor/analysis/bootstrap",
	"lydhor/analysis/bootstrap": "",
	"lydhor/analysis/chat":      "lydhor/pipeline",
	"lydhor/analysis/pseudonym": "lydhor/pipeline",
	"lydhor/transcribe":         "lydhor/pipeline lydhor/transcribe/whisper lydhor/transcribe/demo lydhor/transcribe/diarise",
	"lydhor/transcribe/whisper": "",
	"lydhor/transcribe/demo":    "",
	"lydhor/transcribe/diarise": "lydhor/pipeline lydhor/transcribe/onnx",
	"lydhor/transcribe/onnx":    "",

	"lydhor/transcribe/onnx/onnxtest": "lydhor/transcribe/onnx",

	"lydhor/pipeline/access":            "",
	"lydhor/pipeline/audit":             "",
	"lydhor/pipeline/blob":              "",
	"lydhor/pipeline/seal":              "lydhor/pipeline/blob",
	"lydhor/pipeline/consent":           "lydhor/pipeline/audit lydhor/pipeline/blob",
	"lydhor/pipeline/exchange":          "lydhor/pipeline",
	"lydhor/pipeline/exchange/chattest": "",
	"lydhor/pipeline/store":             "lydhor/pipeline lydhor/analysis lydhor/analysis/agreement",
	"lydhor/pipeline/pgtest":            "lydhor/migrations",
	"lydhor/migrations":                 "",
	"lydhor/workers":                    "lydhor/pipeline/consent lydhor/pipeline lydhor/pipeline/store lydhor/pipeline/blob lydhor/analysis lydhor/analysis/pseudonym",
	"lydhor/cmd/lydhor/review":          "lydhor/pipeline lydhor/pipeline/exchange lydhor/pipeline/store lydhor/pipeline/blob lydhor/analysis lydhor/analysis/agreement lydhor/analysis/pseudonym",
	"lydhor/cmd/lydhor":                 "*",
}

func TestDependencyDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "lydhor/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		allowed, known := mayImport[pkg]
		if !known {
			t.Errorf("%s is not in the picture: give it a place in mayImport and docs/architecture.md", pkg)
		}
		for imp := range strings.FieldsSeq(imports) {
			ours := strings.HasPrefix(imp, "lydhor/")
			if ours && allowed != "*" && !strings.Contains(" "+allowed+" ", " "+imp+" ") {
				t.Errorf("%s imports %s", pkg, imp)
			}
			if pkg == "lydhor/pipeline" && strings.Contains(imp, ".") && !strings.HasPrefix(imp, "github.com/go-audio/") {
				t.Errorf("pipeline imports %s: only the standard library and go-audio may", imp)
			}
			if imp == "C" && pkg != "lydhor/transcribe/whisper" && pkg != "lydhor/transcribe/onnx" {
				t.Errorf("%s says import \"C\"", pkg)
			}
		}
	}
}
