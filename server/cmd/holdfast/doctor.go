package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"holdfast/server/config"
	"holdfast/server/identity"
	"holdfast/server/store"
)

type doctor struct {
	config.Serve `embed:""`
}

// verdict is how a check went.
type verdict string

const (
	good verdict = "ok"
	odd  verdict = "look" // works, yet somebody should look at it
	bad  verdict = "bad"
)

// findings writes what the checks found, and remembers whether one was bad.
type findings struct {
	out io.Writer
	bad int
}

func (f *findings) say(v verdict, about, format string, args ...any) {
	if v == bad {
		f.bad++
	}
	fmt.Fprintf(f.out, "%-5s %-10s %s\n", v, about, fmt.Sprintf(format, args...))
}

const (
	doctorPatience = 5 * time.Second
	leastSpace     = 200 << 20 // bytes
	littleSpace    = 2 << 30
	clockDrift     = 5 * time.Second
	certificateDue = 30 * 24 * time.Hour
)

// Run checks everything and says in words what it found. The exit status is 1
// when something is bad.
func (d doctor) Run(ctx context.Context, std streams) error {
	found := &findings{out: std.out}
	if path, is := d.sqlite(); is { // with PostgreSQL nothing is kept here
		folder(found, filepath.Dir(path))
	}
	d.database(ctx, found)
	d.certificate(found)
	d.server(ctx, found)
	switch found.bad {
	case 0:
		return nil
	case 1:
		fmt.Fprintln(std.out, "\nOne of these needs somebody.")
	default:
		fmt.Fprintf(std.out, "\n%d of these need somebody.\n", found.bad)
	}
	return errSaid
}

// sqlite gives the file of the database, when it is one.
func (d doctor) sqlite() (path string, is bool) { return strings.CutPrefix(d.URL(), "sqlite:") }

func folder(found *findings, path string) {
	info, err := os.Stat(path)
	if err != nil {
		found.say(bad, "folder", "%s cannot be used: %v. The server makes it at its first start, as the user it runs as.", path, err)
		return
	}
	switch probe, err := os.CreateTemp(path, ".doctor-*"); {
	case err != nil:
		found.say(bad, "folder", "%s cannot be written by %s: %v", path, operator(), err)
	case info.Mode().Perm()&0o007 != 0:
		discard(probe)
		found.say(odd, "folder", "%s is open to every user of this machine (%s): chmod o-rwx %s", path, info.Mode().Perm(), path)
	default:
		discard(probe)
		found.say(good, "folder", "%s can be written, and by nobody else.", path)
	}
	free, err := freeBytes(path)
	switch {
	case err != nil:
		found.say(odd, "space", "The free space of %s is not known: %v", path, err)
	case free < leastSpace:
		found.say(bad, "space", "%s has only %d MB left.", path, free>>20)
	case free < littleSpace:
		found.say(odd, "space", "%s has %d MB left.", path, free>>20)
	default:
		found.say(good, "space", "%s has %d GB left.", path, free>>30)
	}
}

func discard(probe *os.File) {
	probe.Close()
	os.Remove(probe.Name())
}

func (d doctor) database(ctx context.Context, found *findings) {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	if path, is := d.sqlite(); is {
		if _, err := os.Stat(path); err != nil { // opening would make it
			found.say(bad, "database", "There is no database at %s; the server makes it at its first start.", path)
			return
		}
		d.file(found, path)
	}
	db, err := store.Open(ctx, d.URL(), store.Options{})
	if err != nil {
		found.say(bad, "database", "It does not answer: %v", err)
		return
	}
	defer db.Close()
	present, newest, err := db.Schema(ctx)
	switch {
	case err != nil:
		found.say(bad, "database", "Its schema cannot be read: %v", err)
		return
	case present < newest:
		found.say(bad, "database", "Its schema is %d and this Holdfast needs %d: run holdfast migrate.", present, newest)
		return
	case present > newest:
		found.say(bad, "database", "Its schema is %d, of a newer Holdfast than this one, which knows %d.", present, newest)
		return
	}
	found.say(good, "database", "%s answers, and its schema is %d, the newest.", db.Dialect(), present)
	d.clock(ctx, found, db)
	d.people(ctx, found, db)
	d.agents(ctx, found, db)
}

func (d doctor) file(found *findings, path string) {
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
		found.say(odd, "database", "%s is open to every user of this machine (%s): chmod o-rwx %s", filepath.Base(path), info.Mode().Perm(), path)
	}
}

func (d doctor) clock(ctx context.Context, found *findings, db *store.DB) {
	if db.Dialect() != store.Postgres {
		found.say(good, "clock", "It is %s.", time.Now().UTC().Format(time.RFC3339))
		return
	}
	var there time.Time
	if err := db.Read(ctx).Raw("SELECT clock_timestamp()").Scan(&there).Error; err != nil {
		found.say(bad, "clock", "The clock of the database cannot be read: %v", err)
		return
	}
	if drift := time.Since(there).Abs(); drift > clockDrift {
		found.say(bad, "clock", "This machine and the database differ by %s: let both follow a time server.", drift.Round(time.Second))
		return
	}
	found.say(good, "clock", "This machine and the database agree: %s.", there.UTC().Format(time.RFC3339))
}

func (d doctor) people(ctx context.Context, found *findings, db *store.DB) {
	var administrators int
	err := db.Read(ctx).Raw(`SELECT count(DISTINCT u.id) FROM users u JOIN grants g ON g.holder_id = u.id JOIN units top ON top.id = g.unit_id
		WHERE g.role = ? AND top.parent_id IS NULL AND u.disabled_at IS NULL`, identity.Administrator).Scan(&administrators).Error
	switch {
	case err != nil:
		found.say(bad, "people", "Users cannot be read: %v", err)
	case administrators == 0:
		found.say(odd, "people", "There is no administrator yet: start the server and open the link that it prints.")
	case administrators == 1:
		found.say(good, "people", "There is 1 administrator of the whole organisation. A second one would be wise.")
	default:
		found.say(good, "people", "There are %d administrators of the whole organisation.", administrators)
	}
}

func (d doctor) agents(ctx context.Context, found *findings, db *store.DB) {
	var all, today int
	err := db.Read(ctx).Raw("SELECT count(*), count(CASE WHEN seen_at >= ? THEN 1 END) FROM device_contacts WHERE revoked_at IS NULL",
		db.Now().Add(-24*time.Hour)).Row().Scan(&all, &today)
	switch {
	case err != nil:
		found.say(bad, "agents", "Agents cannot be counted: %v", err)
	case all == 0:
		found.say(odd, "agents", "No agent has enrolled yet: holdfast enrolment create prints a key.")
	case today == 0:
		found.say(bad, "agents", "None of %d agents was here within a day.", all)
	default:
		found.say(good, "agents", "%d of %d agents were here within a day.", today, all)
	}
}

func (d doctor) certificate(found *findings) {
	if !d.TLS() {
		return
	}
	pair, err := tls.LoadX509KeyPair(d.TLSCert, d.TLSKey)
	if err != nil {
		found.say(bad, "TLS", "The certificate cannot be used: %v", err)
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		found.say(bad, "TLS", "The certificate cannot be read: %v", err)
		return
	}
	switch left := time.Until(leaf.NotAfter); {
	case left <= 0:
		found.say(bad, "TLS", "The certificate ended on %s.", leaf.NotAfter.Format(time.DateOnly))
	case left < certificateDue:
		found.say(odd, "TLS", "The certificate ends on %s.", leaf.NotAfter.Format(time.DateOnly))
	default:
		found.say(good, "TLS", "The certificate holds until %s.", leaf.NotAfter.Format(time.DateOnly))
	}
}

// server looks at the running server, where it listens and as others reach it.
func (d doctor) server(ctx context.Context, found *findings) {
	scheme := "http://"
	if d.TLS() {
		scheme = "https://"
	}
	// The certificate names the public address, not this one; nothing secret is sent.
	inside := &http.Client{Timeout: doctorPatience, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above
	if err := answers(ctx, inside, scheme+d.Listen+"/readyz"); err != nil {
		found.say(odd, "server", "No server is ready on %s: %v", d.Listen, err)
		return
	}
	found.say(good, "server", "The server on %s is ready.", d.Listen)
	if d.PublicURL == "" {
		found.say(good, "address", "No public address is set; only this machine uses the server.")
		return
	}
	if err := answers(ctx, &http.Client{Timeout: doctorPatience}, d.Public()+"/healthz"); err != nil {
		found.say(bad, "address", "%s does not lead to the server, seen from this machine: %v", d.Public(), err)
		return
	}
	found.say(good, "address", "%s leads to the server.", d.Public())
}

func answers(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s", response.Status)
	}
	return nil
}
