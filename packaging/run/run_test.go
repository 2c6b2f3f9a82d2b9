package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const link = "http://127.0.0.1:8080/first-run/hfl_abc"

func TestLinkStandsApartWheneverItComes(t *testing.T) {
	for name, banner := range map[string]func(*lines){
		"before": func(l *lines) {
			l.copy("server", strings.NewReader("First administrator: "+link+"\n"))
			l.banner("http://127.0.0.1:8080")
		},
		"after": func(l *lines) {
			l.banner("http://127.0.0.1:8080")
			l.copy("server", strings.NewReader("First administrator: "+link+"\n"))
		},
	} {
		var out strings.Builder
		banner(&lines{out: &out})
		if !strings.Contains(out.String(), "\n    "+link+"\n") || strings.Count(out.String(), link) != 2 {
			t.Errorf("%s the banner:\n%s", name, &out)
		}
	}
}

func TestEachDatabaseHasAnAgentOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, database := range []string{"sqlite:var/holdfast.db", "sqlite:/elsewhere.db", "postgres:///one", "postgres:///two"} {
		seen[(&stack{database: database, data: "var"}).agentState()] = true
	}
	if len(seen) != 4 || !seen[filepath.Join("var", "agent")] {
		t.Errorf("the folders are %v", seen)
	}
}

func TestAgentEnrolsAgainWhenTheDatabaseIsGone(t *testing.T) {
	data := t.TempDir()
	s := stack{database: "sqlite:" + filepath.Join(data, "holdfast.db"), data: data}
	if !s.first() {
		t.Error("nothing is there, and it is not the first run")
	}
	for _, path := range []string{filepath.Join(data, "holdfast.db"), filepath.Join(s.agentState(), "credential.json")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.first() {
		t.Error("everything is there, and it is the first run")
	}
	if err := os.Remove(filepath.Join(data, "holdfast.db")); err != nil {
		t.Fatal(err)
	}
	if !s.first() {
		t.Error("the database is gone, and it is not the first run")
	}
}

func TestEnrolmentKeyIsNotOnTheCommandLine(t *testing.T) {
	programs := t.TempDir()
	script := "#!/bin/sh\necho \"arguments $*\"\necho \"key $HOLDFAST_ENROLMENT_KEY\"\n"
	if err := os.WriteFile(filepath.Join(programs, "holdfast-agent"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s := stack{programs: programs, listen: "127.0.0.1:1", data: "var", out: &lines{out: &out}}
	agent, err := s.startAgent("hfe_secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-agent.ended; err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "key hfe_secret\n") || strings.Count(out.String(), "hfe_secret") != 1 {
		t.Errorf("the agent was started with\n%s", &out)
	}
}

func TestStoppedProgramHasEnded(t *testing.T) {
	var out strings.Builder
	p, err := start("sleeper", &lines{out: &out}, nil, "/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		// It may have been told to stop before it could listen for that.
		if !strings.Contains(err.Error(), "terminated") {
			t.Error(err)
		}
	}
	if p.cmd.ProcessState == nil {
		t.Error("it still runs")
	}
}
