package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// visit asks for a page that has begun a file when it fails.
func visit(t *testing.T, handle func(*gin.Context) error) (*http.Response, error) {
	t.Helper()
	pages := &Pages{log: slog.New(slog.DiscardHandler), now: time.Now}
	engine := gin.New()
	engine.GET("/", pages.handle(func(c *gin.Context) error {
		c.Header("Content-Type", "text/csv")
		c.Header("Content-Disposition", `attachment; filename="devices.csv"`)
		return handle(c)
	}))
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	response, err := server.Client().Get(server.URL)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	return response, err
}

func TestHalfAFileIsNotTakenForAWholeOne(t *testing.T) {
	_, err := visit(t, func(c *gin.Context) error {
		_, _ = c.Writer.WriteString("name\r\npc-1\r\n")
		c.Writer.Flush()
		return errors.New("the database is gone")
	})
	if err == nil {
		t.Error("the download ends as if it were whole")
	}
}

func TestErrorPageIsNotSavedAsAFile(t *testing.T) {
	response, err := visit(t, func(*gin.Context) error { return errors.New("the database is gone") })
	if err != nil {
		t.Fatal(err)
	}
	if header := response.Header; response.StatusCode != http.StatusInternalServerError || header.Get("Content-Disposition") != "" ||
		header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", response.StatusCode, header)
	}
}
