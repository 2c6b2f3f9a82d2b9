package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"holdfast/server/config"
)

var update = flag.Bool("update", false, "rewrite the files that are compared with")

func parse(t *testing.T, args ...string) (config.Serve, error) {
	t.Helper()
	var serve config.Serve
	parser, err := kong.New(&serve, append(config.Options(), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return serve, err
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "holdfast.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagComesBeforeEnvironmentBeforeFile(t *testing.T) {
	settings := file(t, "# mine\nHOLDFAST_LISTEN=127.0.0.1:3\nHOLDFAST_DATA_DIR = \"/srv/from file\"\nHOLDFAST_AGENT_RATE=7\n")
	t.Setenv("HOLDFAST_LISTEN", "127.0.0.1:2")
	t.Setenv("HOLDFAST_AGENT_RATE", "8")
	serve, err := parse(t, "--config", settings, "--listen", "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if serve.Listen != "127.0.0.1:1" || serve.AgentRate != 8 || serve.DataDir != "/srv/from file" || serve.CheckinEvery != 15*time.Minute {
		t.Errorf("got %+v", serve)
	}
	if serve.URL() != "sqlite:/srv/from file/holdfast.db" {
		t.Errorf("the database is %s", serve.URL())
	}
}

func TestSecretMayComeFromAFileOfItsOwn(t *testing.T) {
	t.Setenv("HOLDFAST_DATABASE_FILE", file(t, "postgres://a:b@c/d\n"))
	serve, err := parse(t)
	if err != nil || serve.URL() != "postgres://a:b@c/d" {
		t.Errorf("the database is %s, %v", serve.URL(), err)
	}
	t.Setenv("HOLDFAST_DATABASE", "postgres://e:f@g/h")
	if serve, err = parse(t); err != nil || serve.URL() != "postgres://e:f@g/h" {
		t.Errorf("the database is %s, %v", serve.URL(), err)
	}
}

func TestUnknownNameInTheFileIsRefused(t *testing.T) {
	if _, err := parse(t, "--config", file(t, "HOLDFAST_LITSEN=127.0.0.1:1\n")); err == nil || !strings.Contains(err.Error(), "HOLDFAST_LITSEN") {
		t.Errorf("got %v", err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	_, err := parse(t, "--listen", "nonsense", "--public-url", "ftp://x/y", "--tls-cert", "a", "--checkin-every", "1s",
		"--agent-rate", "0", "--database", "mysql://x")
	if err == nil {
		t.Fatal("all of it is taken")
	}
	for _, name := range []string{"LISTEN", "PUBLIC_URL", "TLS_KEY", "CHECKIN_EVERY", "AGENT_RATE", "DATABASE"} {
		if !strings.Contains(err.Error(), "HOLDFAST_"+name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestPlainHTTPBeyondThisMachineIsRefusedUnlessToldSo(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:8080", ":8080", "192.0.2.1:80", "[::]:80", "example.org:80"} {
		if _, err := parse(t, "--listen", listen); err == nil {
			t.Errorf("%s is taken", listen)
		}
		serve, err := parse(t, "--listen", listen, "--behind-proxy", "10.0.3.0/24,127.0.0.1", "--public-url", "https://holdfast.example.org")
		if err != nil || !serve.Secure() || len(serve.BehindProxy) != 2 {
			t.Errorf("%s behind a proxy: %+v, %v", listen, serve, err)
		}
	}
	for _, listen := range []string{"127.0.0.1:0", "[::1]:8080", "localhost:8080"} {
		if _, err := parse(t, "--listen", listen); err != nil {
			t.Errorf("%s: %v", listen, err)
		}
	}
	if _, err := parse(t, "--behind-proxy", "127.0.0.1"); err == nil {
		t.Error("a proxy without a public address is taken")
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	var page strings.Builder
	if err := config.Reference(&page); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "reference.md")
	if *update {
		if err := os.WriteFile(golden, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page.String()); diff != "" {
		t.Error(diff)
	}
}
