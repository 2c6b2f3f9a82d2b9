package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// asked is how often each list is asked for.
const asked = 100

// measurePages asks for the lists that people look at most.
func measurePages(ctx context.Context, t *table, s *server) error {
	token, err := s.command(ctx, "token", "create", "--role", "admin", "--name", "bench")
	if err != nil {
		return err
	}
	get := func(path string) ([]byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+path, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("GET %s: %s: %.200s", path, response.Status, body)
		}
		return body, err
	}
	first := func(list string) (string, error) {
		body, err := get(list + "?limit=1")
		if err != nil {
			return "", err
		}
		var page struct{ Items []struct{ ID string } }
		if err := json.Unmarshal(body, &page); err != nil || len(page.Items) == 0 {
			return "", fmt.Errorf("GET %s: no items: %w", list, err)
		}
		return page.Items[0].ID, nil
	}
	device, err := first("/api/v1/devices")
	if err != nil {
		return err
	}
	title, err := first("/api/v1/software")
	if err != nil {
		return err
	}
	for _, list := range []struct{ what, path string }{
		{"list of devices", "/api/v1/devices?limit=50"},
		{"list of devices by model, backwards", "/api/v1/devices?limit=50&sort=-model"},
		{"list of devices, search", "/api/v1/devices?limit=50&q=latitude"},
		{"one device", "/api/v1/devices/" + device},
		{"sections of a device", "/api/v1/devices/" + device + "/sections"},
		{"list of software", "/api/v1/software?limit=50"},
		{"devices with a title", "/api/v1/software/" + title + "/devices?limit=50"},
	} {
		took := make([]time.Duration, 0, asked)
		for range asked {
			began := time.Now()
			if _, err := get(list.path); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.atMost(list.what+", p50", ms(took[asked/2]), 50, "ms")
		t.atMost(list.what+", p95", ms(took[asked*95/100]), 150, "ms")
	}
	return nil
}
