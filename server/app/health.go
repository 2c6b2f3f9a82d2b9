package app

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"holdfast/server/identity"
	"holdfast/server/job"
	"holdfast/server/route"
	"holdfast/server/store"
)

// health answers those who watch the server: is it alive, is it ready, how is
// it doing.
type health struct {
	db       *store.DB
	stopping atomic.Bool
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func newHealth(db *store.DB, version string) *health {
	h := &health{
		db:       db,
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdfast_http_request_seconds", Help: "Time that requests took, by route and kind of answer.",
			Buckets: []float64{.001, .005, .025, .05, .15, .5, 2, 10},
		}, []string{"method", "route", "status"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdfast_job_seconds", Help: "Time that periodic jobs took.", Buckets: []float64{.01, .1, 1, 10, 60},
		}, []string{"job"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_job_failures_total", Help: "Runs of periodic jobs that failed.",
		}, []string{"job"}),
	}
	built := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "holdfast_build_info", Help: "The version that runs."}, []string{"version"})
	built.WithLabelValues(version).Set(1)
	h.registry.MustRegister(h.requests, h.jobs, h.failures, built, pools{db},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return h
}

func (h *health) request(method, path string, status int, took time.Duration) {
	h.requests.WithLabelValues(method, path, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

func (h *health) job(o job.Outcome) {
	h.jobs.WithLabelValues(o.Name).Observe(o.Took.Seconds())
	if o.Err != nil {
		h.failures.WithLabelValues(o.Name).Inc()
	}
}

// routes are the doors for monitoring. /metrics names no person and no device,
// yet says much about the server: it is open to this machine itself, to others
// with the permission.
func (h *health) routes() []route.Route {
	metrics := promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{})
	return []route.Route{
		{Method: http.MethodGet, Path: "/healthz", Rule: identity.Public, Handler: h.alive},
		{Method: http.MethodHead, Path: "/healthz", Rule: identity.Public, Handler: h.alive},
		{Method: http.MethodGet, Path: "/readyz", Rule: identity.Public, Handler: h.ready},
		{Method: http.MethodHead, Path: "/readyz", Rule: identity.Public, Handler: h.ready},
		{Method: http.MethodGet, Path: "/metrics", Rule: identity.NeedsUnlessLocal(identity.MetricsRead), Handler: gin.WrapH(metrics)},
	}
}

func (h *health) alive(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

func (h *health) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 5*time.Second)
	defer cancel()
	switch {
	case h.stopping.Load():
		c.String(http.StatusServiceUnavailable, "stopping\n")
	case h.db.Ping(ctx) != nil:
		c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	default:
		c.String(http.StatusOK, "ready\n")
	}
}

// pools shows the connections to the database.
type pools struct{ db *store.DB }

// Describe implements prometheus.Collector.
func (p pools) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, to) }

// Collect implements prometheus.Collector.
func (p pools) Collect(to chan<- prometheus.Metric) {
	open := prometheus.NewDesc("holdfast_database_connections", "Connections to the database.", []string{"pool", "state"}, nil)
	waited := prometheus.NewDesc("holdfast_database_wait_seconds_total", "Time spent waiting for a connection.", []string{"pool"}, nil)
	reader, writer := p.db.Stats()
	stats := map[string]struct {
		busy, idle int
		waited     time.Duration
	}{
		"reader": {reader.InUse, reader.Idle, reader.WaitDuration},
		"writer": {writer.InUse, writer.Idle, writer.WaitDuration},
	}
	for pool, s := range stats {
		to <- prometheus.MustNewConstMetric(open, prometheus.GaugeValue, float64(s.busy), pool, "busy")
		to <- prometheus.MustNewConstMetric(open, prometheus.GaugeValue, float64(s.idle), pool, "idle")
		to <- prometheus.MustNewConstMetric(waited, prometheus.CounterValue, s.waited.Seconds(), pool)
	}
}
