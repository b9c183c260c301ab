package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline/seal"
	"lydhor/transcribe"
	"lydhor/transcribe/diarise"
)

// config is everything that the environment says; flags are each command's own.
type config struct {
	unread       error // of files that hold secrets
	DatabaseURL  string
	S3           s3Config
	Mirror       s3Config // where mirror copies objects to; nowhere when it names no endpoint
	OIDC         oidcConfig
	MasterKey    masterConfig
	SecondFactor string // roles that it is demanded of
	Listen       string // where serve answers
	URL          string // where people open the page; "" for http and Listen
	Server       string // where upload and status find it
	Token        string // that they sign in with
	TokenFile    string // that holds it
	Models       string // folder of downloaded models
	ONNX         string // file of ONNX Runtime's library
	Uploads      string // folder for recordings that have not arrived whole
	Project      string // that the page shows
	Profile      string // that new recordings are transcribed with
	Lease        string // how long a worker may be silent
	ModelsURL    string // address that models get downloads from
	Minimum      string // conversations that a figure over several takes at least
	Chat         chatConfig
	Ops          string // where serve and work answer operators
	Traces       string // OTLP receiver that traces are sent to
}

// s3Config is where objects are kept.
type s3Config struct{ Endpoint, AccessKey, SecretKey, Bucket, Plain string }

// masterConfig is where the keys are that recordings' keys are sealed with.
type masterConfig struct{ File, Text, Command string }

// chatConfig is the language model that is asked as one more coder; none where URL is empty.
type chatConfig struct{ URL, Model, Key, Hosts string }

// A setting is one name in the environment.
type setting struct {
	name, fallback, does string
	secret               bool
	value                *string
}

func (c *config) settings() []setting {
	return []setting{
		{"LYDHOR_DATABASE_URL", "", "Postgres, as postgres://user:password@host/database", true, &c.DatabaseURL},
		{"LYDHOR_S3_ENDPOINT", "", "S3 server, as https://host:port", false, &c.S3.Endpoint},
		{"LYDHOR_S3_ACCESS_KEY", "", "its access key", false, &c.S3.AccessKey},
		{"LYDHOR_S3_SECRET_KEY", "", "its secret key", true, &c.S3.SecretKey},
		{"LYDHOR_S3_BUCKET", "lydhor", "the bucket, made when it is not there", false, &c.S3.Bucket},
		{"LYDHOR_S3_PLAIN", "", "yes lets sound travel to another machine's S3 server without TLS", false, &c.S3.Plain},
		{"LYDHOR_MIRROR_ENDPOINT", "", "second S3 server, which mirror keeps a copy of the bucket on", false, &c.Mirror.Endpoint},
		{"LYDHOR_MIRROR_ACCESS_KEY", "", "its access key", false, &c.Mirror.AccessKey},
		{"LYDHOR_MIRROR_SECRET_KEY", "", "its secret key", true, &c.Mirror.SecretKey},
		{"LYDHOR_MIRROR_BUCKET", "lydhor", "its bucket, made when it is not there", false, &c.Mirror.Bucket},
		{"LYDHOR_MIRROR_PLAIN", "", "as LYDHOR_S3_PLAIN", false, &c.Mirror.Plain},
		{"LYDHOR_MASTER_KEY_FILE", "", "file of the master keys, the newest first; without any master key objects are not sealed", false, &c.MasterKey.File},
		{"LYDHOR_MASTER_KEY", "", "master keys themselves, where no file can be had", true, &c.MasterKey.Text},
		{"LYDHOR_MASTER_KEY_COMMAND", "", "command of a key management service, run with wrap or unwrap; it seals, and the file still opens", false, &c.MasterKey.Command},
		{"LYDHOR_LISTEN", "127.0.0.1:8080", "address that serve answers at", false, &c.Listen},
		{"LYDHOR_URL", "", "address that people open the page at, as https://lydhor.example.dk; by default that of LYDHOR_LISTEN", false, &c.URL},
		{"LYDHOR_SECOND_FACTOR", "", "roles that need a code from a telephone beside a password here, as admin, ops, protection; everybody may have one", false, &c.SecondFactor},
		{"LYDHOR_OIDC_ISSUER", "", "address of the organisation's identity provider, as its discovery document names it; accounts and passwords alone without it", false, &c.OIDC.Issuer},
		{"LYDHOR_OIDC_CLIENT", "", "id that the provider gave this service; people come back to LYDHOR_URL/sign-in/provider/back", false, &c.OIDC.Client},
		{"LYDHOR_OIDC_SECRET", "", "its secret", true, &c.OIDC.Secret},
		{"LYDHOR_OIDC_SCOPES", "openid profile email", "scopes that the provider is asked for", false, &c.OIDC.Scopes},
		{"LYDHOR_OIDC_GROUPS", "groups", "claim that lists a person's groups", false, &c.OIDC.Groups},
		{"LYDHOR_OIDC_ROLES", "", "what groups give, as forskere=researcher@LISES, drift=ops@LISES", false, &c.OIDC.Roles},
		{"LYDHOR_SERVER", "http://127.0.0.1:8080", "address that upload and status ask", false, &c.Server},
		{"LYDHOR_TOKEN", "", "token that upload and status sign in with", true, &c.Token},
		{"LYDHOR_TOKEN_FILE", ".data/token", "file that holds it, when LYDHOR_TOKEN does not", false, &c.TokenFile},
		{"LYDHOR_UPLOADS", "", "folder for recordings that have not arrived whole; without it none can be resumed", false, &c.Uploads},
		{"LYDHOR_MODELS", "models", "folder of downloaded models", false, &c.Models},
		{"LYDHOR_ONNXRUNTIME", "", "file of ONNX Runtime's library; without it onnxruntime/libonnxruntime.so in the models folder, where it is there", false, &c.ONNX},
		{"LYDHOR_PROJECT", "LISES", "project that the page shows", false, &c.Project},
		{"LYDHOR_PROFILE", "draft", "profile that new recordings are transcribed with", false, &c.Profile},
		{"LYDHOR_LEASE", "45s", "silence after which another worker takes a worker's jobs over", false, &c.Lease},
		{"LYDHOR_MINIMUM_GROUP", strconv.Itoa(review.MinimumGroup), "conversations that a figure over several takes at least", false, &c.Minimum},
		{"LYDHOR_OPS", "", "address that serve and work answer /metrics, /healthz and /readyz at, as 127.0.0.1:9090; nowhere without it", false, &c.Ops},
		{"LYDHOR_TRACES", "", "OTLP receiver that traces of the work are sent to, as http://127.0.0.1:4318; nowhere without it", false, &c.Traces},
		{"LYDHOR_CHAT_URL", "", "chat API of a language model to ask as one more coder, as http://127.0.0.1:11434/v1; none is asked without it", false, &c.Chat.URL},
		{"LYDHOR_CHAT_MODEL", "", "the model's name there", false, &c.Chat.Model},
		{"LYDHOR_CHAT_KEY", "", "its key, where it wants one", true, &c.Chat.Key},
		{"LYDHOR_CHAT_HOSTS", "", "hosts of yours that it may be at beside this machine, by commas", false, &c.Chat.Hosts},
		{"LYDHOR_MODELS_URL", transcribe.ModelsURL, "address that models get downloads from", false, &c.ModelsURL},
	}
}

// config reads the environment, and the files that NAME_FILE names of secrets.
func (a *app) config() *config {
	c := &config{}
	named := map[string]bool{}
	for _, s := range c.settings() {
		named[s.name] = true
	}
	for _, s := range c.settings() {
		*s.value = a.getenv(s.name)
		if file := a.getenv(s.name + "_FILE"); *s.value == "" && s.secret && file != "" && !named[s.name+"_FILE"] {
			text, err := os.ReadFile(file)
			if err != nil {
				c.unread = errors.Join(c.unread, fmt.Errorf("%s_FILE: %w", s.name, err))
			}
			*s.value = strings.TrimSpace(string(text))
		}
		if *s.value == "" {
			*s.value = s.fallback
		}
	}
	return c
}

// voices is where the ways to hear who speaks find what they need.
func (c *config) voices() diarise.Files { return diarise.Files{Models: c.Models, Runtime: c.ONNX} }

// master reads the master keys; nil where none are configured.
func (c *config) master() (seal.Master, error) {
	var all seal.Master
	if c.MasterKey.Command != "" {
		key, err := seal.CommandKey(c.MasterKey.Command)
		if err != nil {
			return nil, fmt.Errorf("LYDHOR_MASTER_KEY_COMMAND: %w", err)
		}
		all = append(all, key)
	}
	if c.MasterKey.File != "" {
		text, err := os.ReadFile(c.MasterKey.File)
		if err != nil {
			return nil, fmt.Errorf("master key: %w: LYDHOR_MASTER_KEY_FILE names it", err)
		}
		keys, err := seal.ParseMaster(string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
	}
	if c.MasterKey.Text != "" {
		keys, err := seal.ParseMaster(c.MasterKey.Text)
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
	}
	return all, nil
}

// checkTransport says whether sound travels to the S3 server so that nobody can listen; names
// begins those of its settings.
func (c s3Config) checkTransport(names string) error {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme == "https" || loopback(u.Hostname()) || c.Plain == "yes" {
		return nil // what is no address is told of where it is opened
	}
	return fmt.Errorf("%s_ENDPOINT is %s, which would send keys' names and sound over the network in the clear: write https://, or set %[1]s_PLAIN=yes where nobody else is on that network", names, u.Redacted())
}

// minimumGroup is how many conversations a figure over several takes at least.
func (c *config) minimumGroup() (int, error) {
	n, err := strconv.Atoi(cmp.Or(c.Minimum, strconv.Itoa(review.MinimumGroup)))
	if err != nil || n < 2 {
		return 0, fmt.Errorf("LYDHOR_MINIMUM_GROUP is %q: write a number of conversations, 2 or more", c.Minimum)
	}
	return n, nil
}

// page is where people open it.
func (c *config) page() string {
	if c.URL != "" {
		return strings.TrimSuffix(c.URL, "/")
	}
	return "http://" + c.Listen
}

// secure reports whether cookies must travel by https alone: everywhere but on this machine.
func (c *config) secure() bool {
	u, err := url.Parse(c.page())
	return err != nil || u.Scheme == "https" || !loopback(u.Hostname())
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// errNoService says that neither Postgres nor S3 is configured.
func (c *config) service() error {
	if c.unread != nil {
		return c.unread
	}
	if c.DatabaseURL == "" || c.S3.Endpoint == "" {
		return errors.New("no Postgres and S3 server are configured: set LYDHOR_DATABASE_URL and LYDHOR_S3_ENDPOINT, or --data to the folder of `lydhor up`")
	}
	return c.S3.checkTransport("LYDHOR_S3")
}

// printConfig prints what is in force, secrets blanked.
func (a *app) printConfig(_ context.Context, args []string) error {
	if err := noArguments("config", args); err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, s := range a.config().settings() {
		value := *s.value
		if s.secret {
			value = blanked(value)
		}
		fmt.Fprintf(w, "%s\t%s\t# %s\n", s.name, value, s.does)
	}
	return w.Flush()
}

// blanked hides a secret: the password of an address, or all of it.
func blanked(secret string) string {
	if u, err := url.Parse(secret); err == nil && u.Host != "" {
		return u.Redacted()
	}
	return strings.Repeat("*", min(8, len(secret)))
}
