package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"
)

// asked is how often each page and list is asked for.
const asked = 100

// visitor reads from the server as a program or as a person in a browser.
type visitor struct {
	ctx    context.Context //nolint:containedctx // that of the one measurement it is made for
	client *http.Client
	base   string
	token  string
}

func (v *visitor) get(path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(v.ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return nil, err
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	return v.read(request)
}

func (v *visitor) read(request *http.Request) ([]byte, error) {
	response, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.200s", request.Method, request.URL.Path, response.Status, body)
	}
	return body, err
}

// item is what most things on lists of the API have.
type item struct {
	ID, Name  string
	ProductID string `json:"product_id"`
}

// first gives the first thing on a list of the API.
func (v *visitor) first(list string) (item, error) {
	body, err := v.get(list + "?limit=1")
	if err != nil {
		return item{}, err
	}
	var page struct{ Items []item }
	if err := json.Unmarshal(body, &page); err != nil || len(page.Items) == 0 {
		return item{}, errors.Join(fmt.Errorf("GET %s: no items", list), err)
	}
	return page.Items[0], nil
}

// signIn becomes the first administrator, as the link that the server printed
// lets its reader do.
func (v *visitor) signIn(link string) error {
	form := url.Values{"name": {"Bench"}, "login": {"bench"}, "password": {"correct horse battery staple"}}
	request, err := http.NewRequestWithContext(v.ctx, http.MethodPost, v.base+link, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = v.read(request)
	return err
}

// measurePages asks for the pages and lists that people look at most.
func measurePages(ctx context.Context, t *table, s *server) error {
	token, err := s.command(ctx, "token", "create", "--role", "admin", "--name", "bench")
	if err != nil {
		return err
	}
	program := &visitor{ctx: ctx, client: http.DefaultClient, base: s.url(), token: token}
	device, err := program.first("/api/v1/devices")
	if err != nil {
		return err
	}
	title, err := program.first("/api/v1/software")
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	person := &visitor{ctx: ctx, client: &http.Client{Jar: jar}, base: s.url()}
	link, err := s.printed.firstLink()
	if err != nil {
		return err
	}
	if err := person.signIn(link); err != nil {
		return err
	}
	type list struct {
		what string
		by   *visitor
		path string
	}
	name := url.QueryEscape(device.Name[:3]) // which many begin with
	lists := []list{
		{"page, overview", person, "/"},
		{"page, devices", person, "/devices"},
		{"page, devices by model", person, "/devices?sort=-model"},
		{"page, devices with a word", person, "/devices?q=" + name},
		{"page, one device", person, "/devices/" + device.ID},
		{"page, software of a device", person, "/devices/" + device.ID + "/software"},
		{"page, software", person, "/software"},
		{"page, one title", person, "/software/" + title.ID},
		{"page, search", person, "/search?q=" + name},
		{"API, devices", program, "/api/v1/devices?limit=50"},
		{"API, sections of a device", program, "/api/v1/devices/" + device.ID + "/sections"},
		{"API, software", program, "/api/v1/software?limit=50"},
		{"API, devices with a title", program, "/api/v1/software/" + title.ID + "/devices?limit=50"},
		{"page, assets", person, "/assets"},
		{"page, alerts", person, "/alerts"},
		{"page, tickets", person, "/tickets"},
		{"page, licences", person, "/licences"},
	}
	if product, err := program.first("/api/v1/licences/positions"); err == nil { // a bare inventory has none
		lists = append(lists, list{"page, one position", person, "/licences/products/" + product.ProductID})
	}
	for _, list := range lists {
		took := make([]time.Duration, 0, asked)
		for range asked {
			began := time.Now()
			if _, err := list.by.get(list.path); err != nil {
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
