package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/server/account"
	"holdfast/server/app"
	"holdfast/server/config"
	"holdfast/server/enrolment"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/protocol"
)

// server is the whole product, running.
type server struct {
	t        *testing.T
	base     string
	database string
	printed  *printed
	accounts *account.Service
	units    *unit.Service
	keys     *enrolment.Service
}

// printed is what the server prints for its operator.
type printed struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// Write implements io.Writer.
func (p *printed) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(text)
}

func (p *printed) String() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.String()
}

// start runs the server on a fresh database until the test ends.
func start(t *testing.T, dialect store.Dialect) *server {
	t.Helper()
	address := storetest.URL(t, dialect)
	made := &server{t: t, database: address, printed: &printed{}}
	settings := config.Serve{
		Store: config.Store{Database: address, DataDir: t.TempDir()}, Logging: config.Logging{LogLevel: "error", LogFormat: "text"},
		Listen: "127.0.0.1:0", CheckinEvery: 15 * time.Minute, AgentRate: 100_000, EnrolRate: 100_000,
		StopWithin: 5 * time.Second, Organisation: "Coastal Affairs",
	}
	running, err := app.New(t.Context(), settings, app.Options{Version: "test", Log: slog.New(slog.NewTextHandler(complaints{t}, &slog.HandlerOptions{Level: slog.LevelError})), Out: made.printed})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	made.base = running.Public()
	db := storetest.OpenURL(t, address)
	made.accounts, made.units, made.keys = account.New(db), unit.New(db), enrolment.New(db)
	return made
}

// complaints fails the test for every error that the server logs.
type complaints struct{ t *testing.T }

// Write implements io.Writer.
func (c complaints) Write(text []byte) (int, error) {
	c.t.Errorf("the server logs: %s", text)
	return len(text), nil
}

// operator is a context in which the server's operator acts.
func operator(t *testing.T) context.Context {
	return identity.WithActor(t.Context(), identity.System("test"))
}

var firstLink = regexp.MustCompile(`http\S+/first-run/\S+`)

// firstLink is the path of the link for the first administrator.
func (s *server) firstLink() string {
	s.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if link := firstLink.FindString(s.printed.String()); link != "" {
			return strings.TrimPrefix(link, s.base)
		}
		<-time.After(20 * time.Millisecond)
	}
	s.t.Fatalf("the server printed no link: %q", s.printed.String())
	return ""
}

const password = "correct horse battery staple"

// person makes a user and gives the login.
func (s *server) person(login, name string, role identity.Role, in identity.UnitID) identity.UserID {
	s.t.Helper()
	made, err := s.accounts.CreateUser(operator(s.t), account.Newcomer{Login: login, Name: name, Password: password}, []account.GrantWish{{Role: role, UnitID: in}})
	if err != nil {
		s.t.Fatal(err)
	}
	return made.ID
}

// enrolmentKey makes a key for a unit.
func (s *server) enrolmentKey(in identity.UnitID, name string) identity.Secret {
	s.t.Helper()
	_, secret, err := s.keys.Create(operator(s.t), enrolment.Wish{Name: name, UnitID: in})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// post speaks the agent protocol.
func (s *server) post(path, credential string, message, answer any) {
	s.t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if credential != "" {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		s.t.Fatalf("%s answers %d: %s (%v)", path, response.StatusCode, content, err)
	}
	if err := json.Unmarshal(content, answer); err != nil {
		s.t.Fatal(err)
	}
}

// signIn signs somebody in through the form.
func (b *tab) signIn(login string) {
	b.t.Helper()
	b.open("/sign-in")
	b.fill("#login", login)
	b.fill("#password", password)
	b.follow("form[action='/sign-in'] button")
	b.until("document.querySelector('.hf-app')")
}

var _ = protocol.Version
