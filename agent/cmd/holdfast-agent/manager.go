package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// manager tells the service manager (systemd, Type=notify) how the agent is.
// Without one it does nothing.
type manager struct {
	log    *slog.Logger
	until  atomic.Int64 // Unix time until which silence of the loop is in order
	pings  sync.WaitGroup
	cancel context.CancelFunc
}

// grace is how much later than planned the loop may come back: a collector
// that hangs takes at most its deadline.
const grace = 5 * time.Minute

func newManager(log *slog.Logger) *manager { return &manager{log: log, cancel: func() {}} }

// ready says that the agent is up, and keeps the watchdog fed from then on.
func (m *manager) ready(ctx context.Context) {
	m.alive(0)
	m.notify(daemon.SdNotifyReady)
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		m.log.WarnContext(ctx, "watchdog cannot be read", "error", err)
	}
	if every <= 0 {
		return
	}
	ctx, m.cancel = context.WithCancel(ctx)
	m.pings.Go(func() { m.feed(ctx, every/2) })
}

// feed pings the watchdog as long as the loop is in time. A loop that hangs
// is thereby restarted.
func (m *manager) feed(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if now.Unix() <= m.until.Load() {
				m.notify(daemon.SdNotifyWatchdog)
			}
		}
	}
}

// alive says that the loop turns, and when it means to be back.
func (m *manager) alive(back time.Duration) {
	m.until.Store(time.Now().Add(max(0, back) + grace).Unix())
}

// stopping says that the agent ends, and stops feeding.
func (m *manager) stopping() {
	m.notify(daemon.SdNotifyStopping)
	m.cancel()
	m.pings.Wait()
}

func (m *manager) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		m.log.Warn("service manager not told", "error", err)
	}
}
