package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"holdfast/agent/deliver"
	"holdfast/server/store"
	"holdfast/shared/report"
)

// threads is how many reports are followed to their ticket.
const threads = 40

// post sends a document to the API and reads the answer into another.
func (v *visitor) post(path string, document, answer any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(v.ctx, http.MethodPost, v.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+v.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		problem, _ := io.ReadAll(io.LimitReader(response.Body, 500)) // the status says enough without it
		return fmt.Errorf("POST %s: %s: %s", path, response.Status, problem)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// measureThread lets a device report software of which too little was bought,
// and times how soon after it began to say so the new position, the alert and
// the ticket can be read. Each report is of another product.
func measureThread(ctx context.Context, t *table, s *server, key string, d database) (err error) {
	token, err := s.command(ctx, "token", "create", "--role", "admin", "--name", "thread")
	if err != nil {
		return err
	}
	program := &visitor{ctx: ctx, client: http.DefaultClient, base: s.url(), token: token}
	products, err := buyOneEach(program)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, d.address(s), store.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	first, err := newReporter(s, key, "first")
	if err != nil {
		return err
	}
	second, err := newReporter(s, key, "second")
	if err != nil {
		return err
	}
	if err := errors.Join(first.install(ctx, threads), second.install(ctx, 0)); err != nil {
		return err
	}
	steps := []struct {
		what, until string
		took        []time.Duration
	}{
		{what: "position", until: "SELECT count(*) FROM positions WHERE product_id = ? AND available < 0"},
		{what: "alert", until: "SELECT count(*) FROM alerts WHERE subject = ? AND state = 'open'"},
		{what: "ticket", until: "SELECT count(*) FROM ticket_alerts x JOIN alerts a ON a.id = x.alert_id WHERE a.subject = ?"},
	}
	for number, product := range products {
		// What the first device has is counted before the second has it too,
		// and whatever follows from that has come to rest.
		if err := await(ctx, db, "SELECT count(*) FROM positions WHERE product_id = ? AND available = 0", product); err != nil {
			return err
		}
		if err := await(ctx, db, atRest); err != nil {
			return err
		}
		began := time.Now()
		if err := second.install(ctx, number+1); err != nil {
			return err
		}
		for i := range steps {
			if err := await(ctx, db, steps[i].until, product); err != nil {
				return fmt.Errorf("wait for the %s of report %d: %w", steps[i].what, number, err)
			}
			steps[i].took = append(steps[i].took, time.Since(began))
		}
	}
	for _, step := range steps {
		slices.Sort(step.took)
		budget := 0.0
		if step.what == "position" {
			budget = 1000
		}
		t.figure("report to "+step.what+", p50", ms(step.took[threads/2]), "ms")
		t.atMost("report to "+step.what+", p95", ms(step.took[threads*95/100]), budget, "ms")
	}
	return nil
}

// buyOneEach makes products that are recognised by titles of their own, and
// buys one right of each.
func buyOneEach(program *visitor) (products []string, err error) {
	unit, err := program.first("/api/v1/units")
	if err != nil {
		return nil, err
	}
	for number := range threads {
		var rule struct {
			ProductID string `json:"product_id"`
		}
		err := program.post("/api/v1/recognition/rules", map[string]any{
			"match": "exact", "name": threadTitle(number), "class": "product", "product": fmt.Sprintf("thread-%d", number),
			"new_product": map[string]any{"name": threadTitle(number), "category": "graphics", "licence": "licensed"},
		}, &rule)
		if err != nil {
			return nil, err
		}
		var bought struct{ ID string }
		if err := program.post("/api/v1/licences/entitlements", map[string]any{"product_id": rule.ProductID, "quantity": 1, "unit_id": unit.ID}, &bought); err != nil {
			return nil, err
		}
		products = append(products, rule.ProductID)
	}
	return products, nil
}

func threadTitle(number int) string { return fmt.Sprintf("Thread %d", number) }

// reporter is a device that reports which titles it has.
type reporter struct {
	name  string
	agent *deliver.Deliverer
}

func newReporter(s *server, key, name string) (*reporter, error) {
	folder := filepath.Join(s.data, "reporter-"+name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	agent, err := deliver.Open(folder, deliver.Connection{
		Server: s.url(), Agent: report.Agent{Version: "bench", OS: "linux", Arch: "amd64"}, Log: slog.New(slog.DiscardHandler),
	}, deliver.Secret(key))
	if err != nil {
		return nil, fmt.Errorf("open the agent of device %s: %w", name, err)
	}
	return &reporter{name, agent}, nil
}

// install reports that the device has the first so many titles.
func (r *reporter) install(ctx context.Context, count int) error {
	software := &report.Software{Packages: []report.Package{{Title: "thread base", Version: "1", Source: "other"}}}
	for number := range count {
		software.Packages = append(software.Packages, report.Package{Title: threadTitle(number), Version: "1", Source: "other"})
	}
	var parts []report.Part
	for _, section := range []report.Section{
		&report.System{Maker: "Contoso", Model: "Thread", Serial: "THREAD-" + r.name, Machine: "physical", Chassis: "desktop"},
		&report.OS{Family: "linux", Title: "Debian GNU/Linux", Version: "12", Hostname: "thread-" + r.name},
		software,
	} {
		facts, err := json.Marshal(section)
		if err != nil {
			return err
		}
		parts = append(parts, report.Part{Name: section.Name(), Outcome: report.OK, Hash: report.Hash(report.OK, section), Facts: facts})
	}
	if err := r.agent.Deliver(ctx, parts, time.Now()); err != nil {
		return fmt.Errorf("report of device %s: %w", r.name, err)
	}
	return nil
}

// atRest counts something when all that follows from reports has been done.
const atRest = "SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM outbox WHERE attempts = 0"

// await asks the database until it counts something.
func await(ctx context.Context, db *store.DB, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	again := time.NewTicker(3 * time.Millisecond)
	defer again.Stop()
	for {
		var count int
		if err := db.Read(ctx).Raw(query, args...).Scan(&count).Error; err != nil {
			return err
		}
		if count > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}
