package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const alertRules = "../../deploy/prometheus/alerts.yaml"

// Each alert fires on what it is for: promtool runs the rules on made-up series.
func TestAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool: install Debian's prometheus")
	}
	rules, err := os.ReadFile(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile(strings.TrimSuffix(alertRules, ".yaml") + "_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rules)) {
		if _, alert, is := strings.Cut(line, "- alert: "); is && !strings.Contains(string(tests), "alertname: "+strings.TrimSpace(alert)) {
			t.Errorf("%s is not tested", strings.TrimSpace(alert))
		}
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = filepath.Dir(alertRules)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// A panel is what is read of one in the dashboard.
type panel struct {
	Title       string
	GridPos     struct{ X, Y, W, H int } `json:"gridPos"`
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct{ Expr, LegendFormat string }
}

// A series is one line of a panel.
type series struct {
	Metric map[string]string
	Values [][2]any // seconds since 1970, and a number as text
}

// The dashboard's queries are asked of a real Prometheus that watches a simulation, and drawn.
func TestDashboard(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus: install Debian's")
	}
	a, _, words := ordealApp(t)
	dir := t.TempDir()
	targets := filepath.Join(dir, "targets.json")
	address := watch(t, program, dir, targets)
	started := time.Now()
	if status := a.run(t.Context(), []string{"simulate", "--data", ordealFolder(t), "--recordings", "20", "--workers", "2", "--every", "15s", "--targets", targets, demoRecording}); status != 0 {
		t.Fatalf("got status %d: %s", status, words.String())
	}
	text, err := os.ReadFile("../../deploy/grafana/lydhor.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct{ Panels []panel }
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	for _, p := range dashboard.Panels {
		lines := map[string]series{}
		for _, target := range p.Targets {
			for _, s := range ask(t, address, target.Expr, started) {
				lines[legend(target.LegendFormat, s.Metric)] = s
			}
		}
		if len(lines) == 0 {
			t.Errorf("%s: its queries gave nothing", p.Title)
		}
		draw(&page, p, lines, started)
	}
	checkRules(t, address)
	picture(t, page.String())
}

// watch starts a Prometheus over the targets and the alert rules, and gives its address.
func watch(t *testing.T, program, dir, targets string) string {
	t.Helper()
	rules, err := filepath.Abs(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "prometheus.yaml")
	text := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 2s}\nrule_files: [%q]\nscrape_configs: [{job_name: lydhor, file_sd_configs: [{files: [%q], refresh_interval: 1s}]}]\n", rules, targets)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	cmd := exec.CommandContext(t.Context(), program, "--config.file", config, "--storage.tsdb.path", filepath.Join(dir, "tsdb"), "--web.listen-address", l.Addr().String(), "--log.level", "error")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if err := answers(t.Context(), "http://"+l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	return "http://" + l.Addr().String()
}

// query asks the API for what it answers as data.
func query(t *testing.T, address, path string, with url.Values, data any) {
	t.Helper()
	r, err := http.Get(address + path + "?" + with.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s %v: got %v, %v", path, with, answer, err)
	}
}

// ask gives the series of a query since then.
func ask(t *testing.T, address, expr string, since time.Time) []series {
	t.Helper()
	var data struct{ Result []series }
	query(t, address, "/api/v1/query_range", url.Values{"query": {expr}, "step": {"2"},
		"start": {fmt.Sprint(since.Unix())}, "end": {fmt.Sprint(time.Now().Unix())}}, &data)
	return data.Result
}

// checkRules wants every alert rule evaluated without an error.
func checkRules(t *testing.T, address string) {
	t.Helper()
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	query(t, address, "/api/v1/rules", nil, &data)
	n := 0
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			n++
			if r.Health != "ok" {
				t.Errorf("alert %s: %s %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	if n < 8 {
		t.Errorf("got %d alert rules evaluated, want them all", n)
	}
}

// legend fills labels in.
func legend(format string, labels map[string]string) string {
	for k, v := range labels {
		format = strings.ReplaceAll(format, "{{"+k+"}}", v)
	}
	return format
}

// amount writes a number in one of Grafana's units.
func amount(v float64, unit string) string {
	switch unit {
	case "short":
		return fmt.Sprintf("%.3g", v)
	case "bytes":
		return fmt.Sprintf("%.0f MB", v/1e6)
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

var colours = []string{"#2563a8", "#b4531a", "#2d7d46", "#8a3b8f", "#a3262a", "#5b6470", "#0e7c86"}

// draw writes one panel as a figure: lines over the time since then.
func draw(w *strings.Builder, p panel, lines map[string]series, since time.Time) {
	const width, height = 440, 170
	top, span := 0.0, math.Max(1, time.Since(since).Seconds())
	for _, s := range lines {
		for _, v := range s.Values {
			if y := number(v[1]); !math.IsInf(y, 0) && !math.IsNaN(y) {
				top = math.Max(top, y)
			}
		}
	}
	fmt.Fprintf(w, `<figure style="grid-column:%d/span %d"><figcaption>%s</figcaption><svg viewBox="-60 -10 %d %d">`, p.GridPos.X+1, p.GridPos.W, html.EscapeString(p.Title), width+70, height+30)
	fmt.Fprintf(w, `<path d="M0 0V%dH%d" fill="none" stroke="#888"/><text x="-6" y="8" text-anchor="end">%s</text><text x="-6" y="%d" text-anchor="end">0</text><text x="%d" y="%d" text-anchor="end">%.0f s</text>`,
		height, width, amount(top, p.FieldConfig.Defaults.Unit), height, width, height+16, span)
	i := 0
	var key strings.Builder
	for name, s := range lines {
		fmt.Fprintf(w, `<polyline fill="none" stroke-width="2" stroke="%s" points="`, colours[i%len(colours)])
		for _, v := range s.Values {
			x, y := (number(v[0])-float64(since.Unix()))/span*width, number(v[1])/math.Max(top, 1e-9)*height
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				fmt.Fprintf(w, "%.1f,%.1f ", x, height-y)
			}
		}
		w.WriteString(`"/>`)
		fmt.Fprintf(&key, `<span style="color:%s">%s</span> `, colours[i%len(colours)], html.EscapeString(name))
		i++
	}
	fmt.Fprintf(w, "</svg><p>%s</p></figure>\n", key.String())
}

func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case string:
		f, _ := strconv.ParseFloat(v, 64)
		return f
	}
	return math.NaN()
}

// picture shows the figures to a browser, and keeps what it sees in the folder SCREENS.
func picture(t *testing.T, figures string) {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on PATH: install Debian's chromium")
	}
	style := `body{margin:12px;font:13px sans-serif;display:grid;grid-template-columns:repeat(24,1fr);gap:8px}figure{margin:0;border:1px solid #ccc;padding:6px}figcaption{font-weight:bold}p{margin:2px}text{font-size:11px;fill:#444}`
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><style>%s</style>%s", style, figures)
	}))
	defer page.Close()
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.WindowSize(1500, 900), chromedp.WSURLReadTimeout(time.Minute))...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if screens := os.Getenv("SCREENS"); screens != "" {
		err = os.WriteFile(filepath.Join(screens, "dashboard.png"), shot, 0o644)
	}
	if err != nil || len(shot) < 20_000 {
		t.Errorf("got a picture of %d bytes, %v", len(shot), err)
	}
}
