package review

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
)

// A service is `lydhor up` on a folder of its own: Postgres, S3 server, whisper and all.
type service struct {
	*testing.T
	program, data, address string
	link                   string // signs in once
}

var signInLink = regexp.MustCompile(`http://\S+/sign-in/\S+`)

func upService(t *testing.T) *service {
	t.Helper()
	program, err := filepath.Abs("../../../bin/lydhor")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("no bin/lydhor: make build makes it")
	}
	data := t.TempDir()
	if err := os.Chmod(filepath.Dir(data), 0o755); err != nil { // Postgres runs as another user
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := &service{T: t, program: program, data: data, address: l.Addr().String()}
	s.lydhor("up", "--data", data, "--listen", s.address, "--background")
	t.Cleanup(func() { s.lydhor("down", "--data", data) })
	s.link = signInLink.FindString(s.lydhor("account", "link", "--data", data, "admin"))
	if s.link == "" {
		t.Fatal("account link printed no link")
	}
	return s
}

// lydhor runs a command and gives what it printed.
func (s *service) lydhor(args ...string) string {
	s.Helper()
	cmd := exec.Command(s.program, args...)
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "LYDHOR_") }) // of other servers
	cmd.Env = append(env, "LYDHOR_LISTEN="+s.address, "LYDHOR_UPLOADS="+filepath.Join(s.data, "uploads"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("lydhor %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// killServe kills the process that answers the page; up starts another.
func (s *service) killServe() {
	s.Helper()
	up, err := os.ReadFile(filepath.Join(s.data, "up.pid"))
	if err != nil {
		s.Fatal(err)
	}
	children, _ := filepath.Glob("/proc/" + strings.TrimSpace(string(up)) + "/task/*/children")
	for _, file := range children {
		list, _ := os.ReadFile(file)
		for pid := range strings.FieldsSeq(string(list)) {
			words, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if strings.Contains(string(words), "\x00serve\x00") {
				var n int
				fmt.Sscan(pid, &n)
				if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
					s.Fatal(err)
				}
				return
			}
		}
	}
	s.Fatal("no serve under up")
}

// demoTalk has more than ten citizen-meaning utterances.
const demoTalk = "../../../transcribe/demo/recordings/samtale-lager.flac"

// TestSession is a working day: sign in, upload, wait, decide ten flags by keyboard, go on
// while the server is killed, correct a speaker, search, print a sheet, export, sign out. The
// service, the sound and the browser are real.
func TestSession(t *testing.T) {
	b := openBrowser(t)
	s := upService(t)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.link), chromedp.WaitVisible(chromedp.CSS("button.first")))
	b.look("sign-in")
	b.do(chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitReady(chromedp.CSS("#list")))
	b.look("recordings-empty")

	recording := uploadTalk(b)
	b.long(`document.querySelector("#turns") !== null`)
	b.is(`sound.readyState >= 1`)
	b.is(`document.querySelector("#wave") !== null`) // the sound was measured
	b.is(`typeof correct === "function"`)            // the last of the scripts takes keys

	perMinute := reviewTen(b)
	t.Logf("%.0f flags a minute, by script", perMinute)
	b.look("session-review")

	s.killServe()
	b.press("4") // nobody answers: it waits in the browser
	b.is(`document.querySelector("#saving").classList.contains("waiting") || document.querySelector("#saving").textContent.includes("alt er gemt")`)
	b.long(`document.querySelector("#saving").textContent.includes("alt er gemt")`)
	if got := b.decided(recording); got != 11 {
		t.Errorf("got %d flags decided, want 11: none is lost when the server is killed", got)
	}

	b.do(chromedp.SetValue(chromedp.CSS("#speakers form:nth-of-type(2) input[name=to]"), "Borger A"), chromedp.Click(chromedp.CSS("#speakers form:nth-of-type(2) button")))
	b.is(`[...document.querySelectorAll(".label")].some((label) => label.textContent === "Borger A")`)
	b.press("z")
	b.is(`![...document.querySelectorAll(".turn .label")].some((label) => label.textContent === "Borger A")`)
	b.do(chromedp.Navigate(recording+"?notation=ca"), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.look("notation")

	b.do(chromedp.SetValue(chromedp.CSS(".find input"), "lager"), chromedp.Submit(chromedp.CSS(".find input")), chromedp.WaitVisible(chromedp.CSS("mark")))
	b.look("session-search")
	printSheet(b, recording)
	t.Run("exports", func(t *testing.T) { checkExports(t, b, recording) })

	for name, address := range map[string]string{"pictures-few": "/pictures", "codebook": "/codebook", "consent": "/consent/" + path.Base(recording), "jobs": "/jobs", "account": "/account", "problem": "/recordings/nowhere", "settings": "/settings", "coding-none": "/coding", "agreement-none": "/agreement", "recordings-wrong": "/?from=i+går", "search-none": "/search?q=giraf", "compare-refused": recording + "/compare", "recordings-real": "/"} {
		b.do(chromedp.Navigate(absolute(s, address)), chromedp.WaitReady(chromedp.CSS("#main, main")))
		b.look(name)
	}
	recovery := switchFactorOn(b, s)
	b.do(chromedp.Navigate(absolute(s, "/account")), chromedp.Click(chromedp.CSS("form[action='/sign-out'] button")))
	b.is(`location.pathname === "/sign-in"`)
	b.look("sign-in-form")
	b.do(chromedp.Navigate(signInLink.FindString(s.lydhor("account", "link", "--data", s.data, "admin"))), chromedp.Click(chromedp.CSS("button.first")))
	b.is(`location.pathname === "/sign-in/code"`)
	b.look("sign-in-code")
	b.do(chromedp.SetValue(chromedp.CSS("#code"), recovery), chromedp.Click(chromedp.CSS("button.first")))
	b.is(`location.pathname === "/"`)
	b.do(chromedp.Navigate(absolute(s, "/account")), chromedp.Click(chromedp.CSS("form[action='/sign-out'] button")))
	b.is(`location.pathname === "/sign-in"`)
	b.do(chromedp.Navigate(recording))
	b.is(`location.pathname === "/sign-in"`) // signed out
}

// switchFactorOn has a code asked for beside the password, and gives one of those that stand for it.
func switchFactorOn(b *tab, s *service) string {
	b.Helper()
	b.do(chromedp.Navigate(absolute(s, "/account/sessions")))
	b.look("sessions")
	b.do(chromedp.Navigate(absolute(s, "/account/factor")))
	b.look("factor-off")
	b.do(chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitReady(chromedp.CSS("#secret")))
	b.look("factor-new")
	code, err := totp.GenerateCode(value[string](b, `document.querySelector("#secret").textContent`), time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.SetValue(chromedp.CSS("#code"), code), chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitVisible(chromedp.CSS("#recovery")))
	b.look("factor-on")
	return value[string](b, `document.querySelector("#recovery code").textContent`)
}

func absolute(s *service, address string) string {
	if strings.HasPrefix(address, "http") {
		return address
	}
	return "http://" + s.address + address
}

// look keeps a picture of the page and asks axe about it at both widths.
func (b *tab) look(name string) {
	b.Helper()
	b.shoot(name)
	for _, width := range []int64{375, 1280} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.accessible()
		if over := value[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			b.Errorf("%s is %v pixels wider than a window of %d", name, over, width)
		}
	}
}

// long waits as is does, for what takes a machine minutes.
func (b *tab) long(expression string) {
	b.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); err == nil && is {
			return
		}
	}
	b.Fatalf("never true: %s", expression)
}

// uploadTalk uploads the demo talk with all that can be said of it, and gives its address.
func uploadTalk(b *tab) string {
	b.Helper()
	file, err := filepath.Abs(demoTalk)
	if err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Click(chromedp.CSS(".head .button")), chromedp.WaitVisible(chromedp.CSS("#files")),
		chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}),
		chromedp.SetValue(chromedp.CSS("#speakers"), "2"), chromedp.SetValue(chromedp.CSS("#case"), "Forløb 7"),
		chromedp.SetValue(chromedp.CSS("#place"), "Prøveby"), chromedp.SetValue(chromedp.CSS("#tags"), "prøve, lager"),
		chromedp.SetValue(chromedp.CSS("#consent"), "consent"))
	b.is(`/^\d{4}-\d\d-\d\d$/.test(document.querySelector("#date").value)`)
	b.look("session-upload")
	b.do(chromedp.Click(chromedp.CSS("#upload button.first")))
	b.long(`location.pathname.startsWith("/recordings/")`)
	b.shoot("session-waits")
	return value[string](b, `location.href`)
}

// reviewTen decides ten flags with one key each, in every way there is, and says how many a
// minute that is until all are kept.
func reviewTen(b *tab) (perMinute float64) {
	b.Helper()
	b.press("n")
	b.press("p")
	began := time.Now()
	for _, key := range []string{kb.Enter, "1", "2", "3", "4", "5", "x", kb.Enter, "1", kb.Enter} {
		before := value[string](b, `document.activeElement.id`)
		b.press(key)
		b.is(`document.activeElement.matches(".flag") && document.activeElement.id !== "` + before + `"`)
	}
	b.is(`document.querySelector("#saving").textContent.includes("alt er gemt")`)
	took := time.Since(began)
	b.is(`document.querySelector("#reviewed").textContent.startsWith("10 ")`)
	return 10 / took.Minutes()
}

// decided is how many flags a fresh page shows as decided.
func (b *tab) decided(recording string) int {
	b.Helper()
	b.do(chromedp.Navigate(recording), chromedp.WaitReady(chromedp.CSS("#turns")))
	return value[int](b, `document.querySelectorAll(".flag.decided").length`)
}

// printSheet makes a sheet of two sequences with sound, hears a clip and prints it.
func printSheet(b *tab, recording string) {
	b.Helper()
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(recording+"/sheet"), chromedp.WaitVisible(chromedp.CSS(".pick")))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("input[name=turn]")].slice(0, 2).forEach((box) => box.click()); document.querySelector("input[name=sound]").click()`))
	b.look("session-sheet-form")
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Click(chromedp.CSS("button.first")), chromedp.WaitVisible(chromedp.CSS(".excerpt")))
	b.look("session-sheet")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".excerpt audio").play()`))
	b.is(`document.querySelector(".excerpt audio").currentTime > 0.5`)
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		b.Fatal(err)
	}
	if n := strings.Count(string(pdf), "/Type /Page\n"); n != 2 {
		b.Errorf("got %d pages, want one for each excerpt", n)
	}
}

// download fetches an address as the signed-in browser does.
func (b *tab) download(address string) []byte {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`fetch("`+address+`").then((answer) => answer.ok ? answer.blob() : Promise.reject(answer.status))
		.then((blob) => new Promise((done) => { const r = new FileReader(); r.onload = () => done(r.result.split(",")[1] ?? ""); r.readAsDataURL(blob); }))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", address, err)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// checkExports downloads every format that the page offers and opens it with a program or a
// schema that is not ours.
func checkExports(t *testing.T, b *tab, recording string) {
	b.do(chromedp.Navigate(recording), chromedp.WaitReady(chromedp.CSS("#turns")))
	links := value[[]string](b, `[...document.querySelectorAll(".download a[href*='/export/']")].map((a) => a.getAttribute("href"))`)
	if len(links) < 10 {
		t.Fatalf("got %d formats on the page, want all", len(links))
	}
	dir := t.TempDir()
	for _, link := range links {
		address, plain, _ := strings.Cut(link, "?")
		format := filepath.Base(address)
		t.Run(strings.TrimSuffix(format+"_"+plain, "_"), func(t *testing.T) {
			file := filepath.Join(dir, "talk."+format)
			data := b.download(link)
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := http.DetectContentType(data); len(data) == 0 || strings.HasPrefix(got, "text/html") {
				t.Fatalf("got %d bytes of %s", len(data), got)
			}
			openElsewhere(t, format, file)
		})
	}
}
