package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"holdfast/server/account"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// operation is a command line over one database.
type operation struct {
	t    *testing.T
	args []string
}

func on(t *testing.T, url string) operation {
	return operation{t, []string{"--database", url, "--data-dir", t.TempDir()}}
}

// run runs a command and gives its exit status and what it printed.
func (o operation) run(input string, args ...string) (code int, out, problems string) {
	o.t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(o.t.Context(), append(args, o.args...), streams{strings.NewReader(input), &stdout, &stderr})
	return code, stdout.String(), stderr.String()
}

// must is run for a command that has to work.
func (o operation) must(args ...string) string {
	o.t.Helper()
	code, out, problems := o.run("", args...)
	if code != 0 || problems != "" {
		o.t.Fatalf("%v: status %d, %s", args, code, problems)
	}
	return out
}

func each(t *testing.T, test func(t *testing.T, o operation, db *store.DB)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			url := storetest.URL(t, dialect)
			test(t, on(t, url), storetest.OpenURL(t, url))
		})
	}
}

func TestSecretsArePrintedAlone(t *testing.T) {
	each(t, func(t *testing.T, o operation, _ *store.DB) {
		for want, args := range map[string][]string{
			`^hft_[\w-]{43}\n$`: {"token", "create", "--role", "admin", "--name", "script"},
			`^hfe_[\w-]{43}\n$`: {"enrolment", "create"},
			`^http://127\.0\.0\.1:8080/link/hfl_[\w-]{43}\n$`: {"user", "create", "ada", "--role", "administrator"},
		} {
			if out := o.must(args...); !regexp.MustCompile(want).MatchString(out) {
				t.Errorf("%v printed %q", args, out)
			}
		}
	})
}

func TestTokenIsMadeListedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, o operation, db *store.DB) {
		o.must("token", "create", "--role", "helpdesk", "--role", "officesystems", "--name", "nightly report", "--expires", "90d")
		out := o.must("token", "list")
		for _, want := range []string{"nightly report", "helpdesk, officesystems", "active"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
		o.must("token", "revoke", regexp.MustCompile(`[0-9a-f-]{36}`).FindString(out))
		if out = o.must("token", "list"); !strings.Contains(out, "revoked") {
			t.Errorf("after the end:\n%s", out)
		}
		var actors []string
		if err := db.Read(t.Context()).Raw("SELECT actor_name FROM audit_entries WHERE object_kind = 'token' AND actor_kind = 'system'").Scan(&actors).Error; err != nil {
			t.Fatal(err)
		}
		if len(actors) != 2 || actors[0] != operator() {
			t.Errorf("recorded for %v", actors)
		}
	})
}

func TestEnrolmentKeyIsMadeListedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, o operation, _ *store.DB) {
		o.must("enrolment", "create", "--name", "rollout", "--max-uses", "3", "--expires", "2031-01-31")
		out := o.must("enrolment", "list")
		for _, want := range []string{"rollout", "Organisation", "0 of 3", "2031-02-01 00:00", "active"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
		o.must("enrolment", "revoke", regexp.MustCompile(`[0-9a-f-]{36}`).FindString(out))
		if out = o.must("enrolment", "list"); !strings.Contains(out, "revoked") {
			t.Errorf("after the end:\n%s", out)
		}
	})
}

func TestUserMadeWithAPasswordSignsIn(t *testing.T) {
	each(t, func(t *testing.T, o operation, db *store.DB) {
		code, out, problems := o.run("correct horse battery\n", "user", "create", "ada", "--name", "Ada Lovelace", "--role", "helpdesk", "--password-stdin")
		if code != 0 || out != "" {
			t.Fatalf("status %d, %s%s", code, out, problems)
		}
		if _, err := account.New(db).SignIn(t.Context(), "ada", "correct horse battery", account.Client{}); err != nil {
			t.Error(err)
		}
		if out := o.must("user", "list"); !strings.Contains(out, "Ada Lovelace") || !strings.Contains(out, "helpdesk") {
			t.Errorf("listed\n%s", out)
		}
		o.must("user", "disable", "ada")
		if out := o.must("user", "list"); !strings.Contains(out, "disabled") {
			t.Errorf("listed\n%s", out)
		}
		o.must("user", "enable", "ada")
		if out := o.must("user", "link", "ada", "--public-url", "https://holdfast.example.org/"); !strings.HasPrefix(out, "https://holdfast.example.org/link/hfl_") {
			t.Errorf("printed %q", out)
		}
	})
}

func TestMistakesAreSaidInWordsWithAStatus(t *testing.T) {
	o := on(t, storetest.URL(t, store.SQLite))
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "--name", []string{"token", "create", "--role", "admin"}},
		{2, "HOLDFAST_LISTEN", []string{"serve", "--listen", "0.0.0.0:80"}},
		{1, "no role", []string{"token", "create", "--role", "king", "--name", "x"}},
		{1, "", []string{"token", "create", "--role", "admin", "--name", "x", "--unit", "Nowhere"}},
		{1, "neither a date", []string{"enrolment", "create", "--expires", "soon"}},
		{1, "", []string{"user", "disable", "nobody"}},
		{1, "", []string{"user", "create", "a b"}},
		{1, "identifier", []string{"token", "revoke", "x"}},
		{2, "", []string{"backup"}},
	} {
		code, out, problems := o.run("", c.args...)
		if code != c.code || !strings.Contains(problems, c.want) || problems == "" {
			t.Errorf("%v: status %d, %q, %q", c.args, code, out, problems)
		}
	}
}

func TestBlankDatabaseIsMadeReadyAndAnOldOneIsNot(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			url := storetest.Blank(t, dialect)
			o := on(t, url)
			if out := o.must("enrolment", "create"); !strings.HasPrefix(out, "hfe_") {
				t.Errorf("printed %q", out)
			}
			db := storetest.OpenURL(t, url)
			err := db.Tx(context.Background(), func(tx *store.Tx) error {
				return tx.Exec("UPDATE goose_db_version SET version_id = 9999 WHERE version_id = (SELECT max(version_id) FROM goose_db_version)").Error
			})
			if err != nil {
				t.Fatal(err)
			}
			if code, _, problems := o.run("", "token", "list"); code != 1 || !strings.Contains(problems, "newer") {
				t.Errorf("a newer schema: status %d, %q", code, problems)
			}
		})
	}
}

func TestMigrateSaysWhereTheSchemaIs(t *testing.T) {
	o := on(t, storetest.Blank(t, store.SQLite))
	code, out, _ := o.run("", "migrate")
	if code != 0 || !strings.Contains(out, "the newest") {
		t.Errorf("status %d, %q", code, out)
	}
}

func TestDoctorSaysWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, o operation, db *store.DB) {
		o.must("user", "create", "ada", "--role", "administrator")
		code, out, _ := o.run("", "doctor", "--listen", "127.0.0.1:1")
		if code != 0 {
			t.Errorf("status %d\n%s", code, out)
		}
		for _, want := range []string{"ok    database", "ok    clock", "ok    people", "look  agents", "look  server"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
		// Only SQLite keeps anything in a folder of this machine.
		if strings.Contains(out, " folder ") != (db.Dialect() == store.SQLite) {
			t.Errorf("with %s it says\n%s", db.Dialect(), out)
		}
	})
}

func TestDoctorFailsWithoutADatabaseAndMakesNone(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "gone", "holdfast.db")
	code, out, _ := on(t, "sqlite:"+missing).run("", "doctor", "--listen", "127.0.0.1:1")
	if code != 1 || !strings.Contains(out, "bad   database") {
		t.Errorf("status %d\n%s", code, out)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("it made the database")
	}
}

func TestVersionAndHelp(t *testing.T) {
	o := operation{t: t}
	if out := o.must("version"); out != version+"\n" {
		t.Errorf("printed %q", out)
	}
	if out := o.must("--help"); !strings.Contains(out, "enrolment") {
		t.Errorf("printed %q", out)
	}
}
