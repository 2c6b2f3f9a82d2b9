package intake

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the figures of the intake for /metrics.
type Metrics struct {
	enrolled prometheus.Counter
	stored   prometheus.Counter
	repeated prometheus.Counter
	notes    prometheus.Counter
	denied   *prometheus.CounterVec
	requests *prometheus.CounterVec
	sizes    *prometheus.HistogramVec
	seconds  *prometheus.HistogramVec
	queued   []prometheus.Collector
}

func newMetrics(s *Service) *Metrics {
	depth := func(kind string, length func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "holdfast_intake_waiting", Help: "Requests that wait for a transaction.",
			ConstLabels: prometheus.Labels{"kind": kind},
		}, func() float64 { return float64(length()) })
	}
	return &Metrics{
		enrolled: prometheus.NewCounter(prometheus.CounterOpts{Name: "holdfast_intake_enrolled_total", Help: "Agents that got a credential."}),
		stored:   prometheus.NewCounter(prometheus.CounterOpts{Name: "holdfast_intake_reports_total", Help: "Reports that were stored."}),
		repeated: prometheus.NewCounter(prometheus.CounterOpts{Name: "holdfast_intake_reports_repeated_total", Help: "Reports that were stored before."}),
		notes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "holdfast_intake_notes_total", Help: "Values that were not stored as sent."}),
		denied: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_intake_refused_total", Help: "Requests of agents that were refused, by reason.",
		}, []string{"reason"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_intake_committed_total", Help: "Check-ins and reports that went through a transaction.",
		}, []string{"kind"}),
		sizes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdfast_intake_batch_size", Help: "Requests that shared one transaction.", Buckets: []float64{1, 4, 16, 64, 256, 1024},
		}, []string{"kind"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdfast_intake_batch_seconds", Help: "Time that a transaction took.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"kind"}),
		queued: []prometheus.Collector{
			depth("checkin", func() int { return len(s.checkins.waiting) }),
			depth("report", func() int { return len(s.reports.waiting) }),
		},
	}
}

// Collectors lists what is to be registered.
func (m *Metrics) Collectors() []prometheus.Collector {
	return append([]prometheus.Collector{m.enrolled, m.stored, m.repeated, m.notes, m.denied, m.requests, m.sizes, m.seconds}, m.queued...)
}

// Metrics gives the figures of the service, for the server to register.
func (s *Service) Metrics() *Metrics { return s.metrics }

// refused counts a request that was turned away: malformed, too_large,
// encoding, unknown, key, too_many, busy.
func (m *Metrics) refused(reason string) { m.denied.WithLabelValues(reason).Inc() }

func (m *Metrics) batch(kind string, size int, took time.Duration) {
	m.requests.WithLabelValues(kind).Add(float64(size))
	m.sizes.WithLabelValues(kind).Observe(float64(size))
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
}
