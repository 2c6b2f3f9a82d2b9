package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"holdfast/server/config"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
)

// settings are those of a server on this machine, on a database at url.
func settings(t *testing.T, url string) config.Serve {
	return config.Serve{
		Store:  config.Store{Database: url, DataDir: t.TempDir()},
		Listen: "127.0.0.1:0", CheckinEvery: time.Minute, AgentRate: 1000, EnrolRate: 1000,
		StopWithin: 5 * time.Second, Organisation: "Organisation",
	}
}

func build(t *testing.T, s config.Serve, out io.Writer, log *slog.Logger) *App {
	t.Helper()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	a, err := New(t.Context(), s, Options{Version: "test", Log: log, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// filled builds a server over an inventory of 40 devices in 20 units.
func filled(t *testing.T, dialect store.Dialect) *App {
	t.Helper()
	url := storetest.URL(t, dialect)
	if err := inventorytest.Fill(t.Context(), storetest.OpenURL(t, url), inventorytest.Size{Devices: 40, Titles: 200, Each: 5, Changes: 2}); err != nil {
		t.Fatal(err)
	}
	return build(t, settings(t, url), io.Discard, nil)
}

// bearer and cookie are credentials that a request can show.
type credential func(*http.Request)

func nothing(*http.Request) {}

func bearer(secret identity.Secret) credential {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+string(secret)) }
}

func cookie(secret identity.Secret) credential {
	return func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: identity.SessionCookie, Value: string(secret)})
	}
}

// user adds a user with a role in a unit, without the cost of a password.
func (a *App) user(t *testing.T, role identity.Role, in identity.UnitID) identity.UserID {
	t.Helper()
	user := id.New[identity.User]()
	a.insert(t, "INSERT INTO users (id, login, name, created_at) VALUES (?, ?, ?, ?)", user, user.String(), string(role), a.db.Now())
	a.insert(t, "INSERT INTO grants (holder_id, role, unit_id, created_at) VALUES (?, ?, ?, ?)", user, role, in, a.db.Now())
	return user
}

// session opens a session of a user, without a password.
func (a *App) session(t *testing.T, user identity.UserID) identity.Secret {
	t.Helper()
	secret, now := identity.NewSecret(identity.SessionPrefix), a.db.Now()
	a.insert(t, "INSERT INTO sessions (id, user_id, token_hash, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		id.New[struct{}](), user, secret.Hash(), now, now, now.Add(time.Hour))
	return secret
}

// token makes an API token with a role in a unit.
func (a *App) token(t *testing.T, role identity.Role, in identity.UnitID) identity.Secret {
	t.Helper()
	secret, token := identity.NewSecret(identity.TokenPrefix), id.New[identity.Token]()
	a.insert(t, "INSERT INTO api_tokens (id, name, token_hash, created_at) VALUES (?, ?, ?, ?)", token, string(role), secret.Hash(), a.db.Now())
	a.insert(t, "INSERT INTO grants (holder_id, role, unit_id, created_at) VALUES (?, ?, ?, ?)", token, role, in, a.db.Now())
	return secret
}

func (a *App) insert(t *testing.T, statement string, args ...any) {
	t.Helper()
	err := a.db.Tx(context.Background(), func(tx *store.Tx) error { return tx.Exec(statement, args...).Error })
	if err != nil {
		t.Fatal(err)
	}
}

// ask sends one request through all that stands before the handlers.
func (a *App) ask(t *testing.T, method, target, body string, show credential) *httptest.ResponseRecorder {
	t.Helper()
	ctx := t.Context()
	if target == "/events" { // goes on until the reader leaves
		reading, leave := context.WithTimeout(ctx, 100*time.Millisecond)
		defer leave()
		ctx = reading
	}
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	show(r)
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, r)
	return w
}
