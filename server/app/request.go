package app

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/attachment"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/shared/protocol"
)

const (
	formMost  = 1 << 20                                      // bytes of a request that is not an agent's
	filesMost = attachment.Files*attachment.Most*4/3 + 2<<20 // of one that brings files, which JSON holds as base64
)

// bodyMost is how much a request may send to a path. Messages, imports and
// papers bring files; how many and how large is decided where they are read.
func bodyMost(path string) int64 {
	for _, prefix := range []string{"/tickets/", "/portal/", "/api/v1/tickets/", "/import", "/api/v1/imports/", "/licences/", "/api/v1/licences/"} {
		if strings.HasPrefix(path, prefix) {
			return filesMost
		}
	}
	return formMost
}

// identify gives every request an id, which the answer names too, so that a
// person can quote it and the operator can find it in the log.
func identify(c *gin.Context) {
	requestID := fmt.Sprintf("%016x", rand.Uint64())
	c.Header("X-Request-Id", requestID)
	c.Request = c.Request.WithContext(identity.WithRequest(c.Request.Context(), requestID))
}

// protect sets what holds for every answer; a page says more for itself.
func protect(secure bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if strings.HasPrefix(c.Request.URL.Path, "/agent/") {
			c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, protocol.MaxReport)
			return // no browser reads these answers, and they are to stay small
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bodyMost(c.Request.URL.Path))
		header := c.Writer.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !strings.HasPrefix(c.Request.URL.Path, "/static/") {
			header.Set("Cache-Control", "no-store")
		}
		if secure {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
	}
}

// legible refuses an address whose query cannot be read whole: net/url leaves
// out what it cannot read, and a list without its filter says too much.
func legible(fail func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		if _, err := url.ParseQuery(c.Request.URL.RawQuery); err != nil {
			fail(c, fault.NewInvalid(fault.Field{Name: "query", Key: "fault.field.malformed"}))
			c.Abort()
		}
	}
}

// record logs and counts every request by its route, never by its path or
// query, which may hold secrets.
func record(log *slog.Logger, count func(method, route string, status int, took time.Duration)) gin.HandlerFunc {
	return func(c *gin.Context) {
		begun := time.Now()
		c.Next()
		took, status, path := time.Since(begun), c.Writer.Status(), c.FullPath()
		if path == "" {
			path = "none"
		}
		count(c.Request.Method, path, status, took)
		ctx := c.Request.Context()
		level := slog.LevelInfo
		switch {
		case status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
			level = slog.LevelError
		case quiet(path):
			level = slog.LevelDebug
		}
		if !log.Enabled(ctx, level) {
			return
		}
		log.LogAttrs(ctx, level, "request",
			slog.String("method", c.Request.Method), slog.String("route", path), slog.Int("status", status),
			slog.Duration("took", took.Round(time.Microsecond)), slog.Any("actor", identity.ActorOf(ctx)),
			slog.String("address", c.ClientIP()), slog.String("request_id", identity.RequestOf(ctx)))
	}
}

// quiet reports whether requests of a route are too many, or say too little,
// for the log of an ordinary day.
func quiet(path string) bool {
	for _, prefix := range []string{"/agent/", "/static/", "/healthz", "/readyz", "/metrics"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// survive answers a request whose handler panicked, and logs where.
func survive(log *slog.Logger, fail func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			if reason == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, and it is no wrapped error
				panic(reason)
			}
			ctx := c.Request.Context()
			log.ErrorContext(ctx, "handler panicked", "route", c.FullPath(), "request_id", identity.RequestOf(ctx),
				"reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			c.Abort()
			if !c.Writer.Written() {
				fail(c, fmt.Errorf("panic in %s", c.FullPath()))
			}
		}()
		c.Next()
	}
}
