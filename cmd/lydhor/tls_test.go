package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// certificate writes one for this machine, which vouches for itself, and its key.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lydhor test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// startTLS starts a Postgres and an S3 server that speak TLS, and gives the environment of who
// asks them.
func startTLS(t *testing.T) (env []string, cert string) {
	t.Helper()
	gateway, err := beside("versitygw")
	if err != nil {
		t.Skip("no S3 server: `make build` makes one and `make env` names its folder")
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // Postgres runs as another user
		t.Fatal(err)
	}
	s := &servers{dir: dir}
	if err := s.place(); err != nil {
		t.Fatal(err)
	}
	if err := s.startPostgres(t.Context()); err != nil {
		t.Skip(err)
	}
	t.Cleanup(s.stop)
	cert, key := certificate(t, s.cluster())
	if owner, err := postgresUser(); err != nil {
		t.Fatal(err)
	} else if owner != nil {
		for _, file := range []string{cert, key} {
			if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	hba := "hostssl all all 127.0.0.1/32 trust\nhostnossl all all 127.0.0.1/32 reject\n"
	for file, text := range map[string]string{"postgresql.auto.conf": "ssl = on\n", "pg_hba.conf": hba} {
		if err := os.WriteFile(filepath.Join(s.cluster(), file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.pg(t.Context(), "pg_ctl", "-D", s.cluster(), "-w", "-l", filepath.Join(s.cluster(), "log"), "restart"); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	objects := filepath.Join(dir, "objects")
	if err := os.Mkdir(objects, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(gateway, "--port", address, "--cert", cert, "--key", key, "posix", objects)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=lydhor", "ROOT_SECRET_KEY=a secret")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the S3 server did not come up")
		}
	}
	database := strings.Replace(s.databaseURL, "sslmode=disable", "sslmode=verify-full&sslrootcert="+cert, 1)
	return append(os.Environ(), "LYDHOR_TEST_BINARY=1", "LYDHOR_DATABASE_URL="+database, "LYDHOR_S3_ENDPOINT=https://"+address,
		"LYDHOR_S3_ACCESS_KEY=lydhor", "LYDHOR_S3_SECRET_KEY=a secret"), cert
}

// Rows and sound travel by TLS, to servers whose certificate is vouched for and to no other.
func TestServersByTLS(t *testing.T) {
	env, cert := startTLS(t)
	asked := func(command string, more ...string) string {
		var said bytes.Buffer
		cmd := exec.Command(os.Args[0], command)
		cmd.Env, cmd.Stdout, cmd.Stderr = append(env, more...), &said, &said
		cmd.Run()
		return said.String()
	}
	trusting := asked("migrate", "SSL_CERT_FILE="+cert) + asked("doctor", "SSL_CERT_FILE="+cert)
	for _, want := range []string{"wrote, read, read a range and deleted", "the schema is the newest"} {
		if !strings.Contains(trusting, want) {
			t.Errorf("with the certificate: got %s, want %q", trusting, want)
		}
	}
	if said := asked("doctor"); strings.Contains(said, "wrote, read") || !strings.Contains(said, "certificate") {
		t.Errorf("without the certificate: got %s, want the S3 server refused", said)
	}
	other, _ := certificate(t, t.TempDir())
	if said := asked("migrate", strings.Replace(env[len(env)-4], cert, other, 1)); !strings.Contains(said, "certificate") {
		t.Errorf("with another certificate: got %s, want Postgres refused", said)
	}
	plain := strings.Replace(env[len(env)-4], "sslmode=verify-full&sslrootcert="+cert, "sslmode=disable", 1)
	if said := asked("migrate", plain); said == "" || strings.Contains(said, "newest") {
		t.Errorf("without TLS: got %q, want Postgres to refuse", said)
	}
}

func TestPlainS3IsForThisMachineAlone(t *testing.T) {
	for endpoint, may := range map[string]bool{
		"http://127.0.0.1:7070": true, "http://localhost:7070": true, "http://[::1]:7070": true,
		"https://s3.example": true, "http://s3.example": false, "http://10.0.0.7:9000": false,
	} {
		c := &config{DatabaseURL: "x", S3: s3Config{Endpoint: endpoint}}
		if err := c.service(); (err == nil) != may {
			t.Errorf("%s: got %v, want it taken %t", endpoint, err, may)
		}
		c.S3.Plain = "yes"
		if err := c.service(); err != nil {
			t.Errorf("%s, allowed: got %v", endpoint, err)
		}
	}
}

// Secrets may stand in files, and a file that cannot be read is told of.
func TestSecretsFromFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s3")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	with := func(env map[string]string) *config {
		return (&app{getenv: func(name string) string { return env[name] }}).config()
	}
	if got := with(map[string]string{"LYDHOR_S3_SECRET_KEY_FILE": file}).S3.SecretKey; got != "from a file" {
		t.Errorf("got %q", got)
	}
	if got := with(map[string]string{"LYDHOR_S3_SECRET_KEY_FILE": file, "LYDHOR_S3_SECRET_KEY": "itself"}).S3.SecretKey; got != "itself" {
		t.Errorf("got %q, want what the environment says itself", got)
	}
	c := with(map[string]string{"LYDHOR_DATABASE_URL_FILE": filepath.Join(dir, "none")})
	if err := c.service(); err == nil || !strings.Contains(err.Error(), "LYDHOR_DATABASE_URL_FILE") {
		t.Errorf("got %v, want to be told which file", err)
	}
	if c := with(map[string]string{"LYDHOR_TOKEN_FILE": filepath.Join(dir, "none")}); c.unread != nil {
		t.Errorf("a token that is not there yet: got %v", c.unread)
	}
}
