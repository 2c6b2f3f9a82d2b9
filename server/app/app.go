// Package app builds the server from its settings, runs it and stops it. It
// is the only place on the server that knows everything; nothing imports it
// but the command.
//
// A request passes, in this order: an identifier, the log, the net under
// panics, the limits and headers that hold for all, the actor and the rule of
// the route, and then the handler.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/sync/errgroup"

	"holdfast/server/account"
	"holdfast/server/asset"
	"holdfast/server/config"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/enrolment"
	"holdfast/server/entitlement"
	devicehealth "holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/intake"
	"holdfast/server/inventory"
	"holdfast/server/job"
	noticing "holdfast/server/notify"
	"holdfast/server/outbox"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/position"
	"holdfast/server/recognition"
	"holdfast/server/route"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/ticket"
	"holdfast/server/unit"
)

// Options are what the server needs besides its settings.
type Options struct {
	Version string
	Log     *slog.Logger
	Out     io.Writer // where the link for the first administrator is printed
}

// App is the server, built and not yet running.
type App struct {
	settings config.Serve
	log      *slog.Logger
	out      io.Writer
	version  string

	db         *store.DB
	accounts   *account.Service
	units      *unit.Service
	enrolments *enrolment.Service
	counter    *software.Counter
	intake     *intake.Service
	health     *health
	outbox     *outbox.Outbox
	assets     *asset.Service
	people     *person.Service
	places     *place.Service
	imports    *importer.Service
	devices    *devicehealth.Service
	rights     *entitlement.Service
	positions  *position.Service
	disposal   *disposal.Service
	notices    *noticing.Service
	desk       *desk.Service
	tickets    *ticket.Service
	panels     *panel.Reader

	recognition *recognition.Service

	engine   *gin.Engine
	routes   []route.Route
	listener net.Listener
}

// New opens the database, brings its schema up to date, builds every part and
// listens. Close undoes it.
func New(ctx context.Context, settings config.Serve, options Options) (_ *App, err error) {
	a := &App{settings: settings, log: options.Log, out: options.Out, version: options.Version}
	if a.db, err = OpenStore(ctx, settings.Store, settings.Organisation, a.log, Migrate); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	a.accounts, a.units, a.enrolments = account.New(a.db), unit.New(a.db), enrolment.New(a.db)
	a.counter = software.NewCounter(a.db, a.log)
	a.recognition = recognition.New(a.db, a.publishAll, a.counter.Changed)
	a.counter.Then(a.recognition.Count)
	a.counter.Then(func(ctx context.Context) error { return device.Count(ctx, a.db) })
	releases := software.NewInterner(a.db, 200_000)
	releases.OnMade(a.recognition.Recognise)
	a.intake = intake.New(a.db, admit, releases, a.counter, intake.Options{
		Interval: settings.CheckinEvery, AgentRate: settings.AgentRate, EnrolRate: settings.EnrolRate,
		Publish: a.publishAll, Log: a.log,
	})
	a.assets, a.people, a.places = asset.New(a.db, a.publish), person.New(a.db), place.New(a.db)
	a.rights, a.positions = entitlement.New(a.db, a.publish), position.New(a.db, a.log, a.publish)
	a.imports = importer.New(a.db, a.assets, a.rights)
	a.devices = devicehealth.New(a.db, a.publish, devicehealth.Options{Interval: settings.CheckinEvery, Log: a.log})
	a.notices, a.desk, a.panels = a.newNotices(settings.Mail), desk.New(a.db), panel.New(a.db, inventory.New(a.db))
	a.tickets = a.newTickets()
	a.disposal = a.newDisposal()
	a.outbox = outbox.New(a.db, a.log, a.subscriptions()...)
	if err := a.recognition.Sync(ctx); err != nil {
		return nil, err
	}
	a.health = newHealth(a.db, options.Version)
	a.health.registry.MustRegister(a.intake.Metrics().Collectors()...)
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", settings.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", settings.Listen, err)
	}
	if a.engine, err = a.build(); err != nil { //nolint:contextcheck // the API describes itself, which waits for nothing
		return nil, err
	}
	return a, nil
}

// admit lets an agent in by its enrolment key.
func admit(tx *store.Tx, key identity.Secret) (identity.UnitID, string, error) {
	used, err := enrolment.Use(tx, key)
	return used.UnitID, used.ID.String(), err
}

// Close closes the database. Run must have returned.
func (a *App) Close() error {
	if a.listener != nil {
		if err := a.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return errors.Join(fmt.Errorf("stop listening: %w", err), a.db.Close())
		}
	}
	return a.db.Close()
}

// Address is where the server listens.
func (a *App) Address() string { return a.listener.Addr().String() }

// Public is the address that people use, without a slash at the end.
func (a *App) Public() string {
	if a.settings.PublicURL != "" {
		return a.settings.Public()
	}
	return strings.TrimSuffix(a.settings.Public(), a.settings.Listen) + a.Address()
}

// Run serves until ctx ends. Then it lets requests finish, commits what was
// accepted, ends the periodic work and returns.
func (a *App) Run(ctx context.Context) error {
	server := &http.Server{
		Handler:           a.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      10 * time.Minute, // a large export over a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12},
	}
	// What requests hand over to must outlive them, so it has a context of its own.
	working, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error { return a.intake.Run(working) })
	group.Go(func() error { return a.counter.Run(working) })
	group.Go(func() error { return a.outbox.Run(working) })
	a.runDesk(working, serving, group)
	group.Go(func() error {
		job.Run(working, a.log, a.health.job, a.jobs()...)
		return nil
	})
	group.Go(func() error {
		err := a.serve(server)
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serve: %w", err)
	})
	group.Go(func() error {
		<-serving.Done()
		defer endWork()
		return a.stop(context.WithoutCancel(serving), server)
	})
	if err := a.announce(ctx); err != nil && ctx.Err() == nil { // being told to stop is no failure
		endWork()
		return errors.Join(err, server.Close(), group.Wait())
	}
	return group.Wait()
}

func (a *App) serve(server *http.Server) error {
	if a.settings.TLS() {
		return server.ServeTLS(a.listener, a.settings.TLSCert, a.settings.TLSKey)
	}
	return server.Serve(a.listener)
}

// stop refuses new requests and waits for those at work.
func (a *App) stop(ctx context.Context, server *http.Server) error {
	a.log.InfoContext(ctx, "stopping")
	a.health.stopping.Store(true)
	notify(ctx, a.log, daemon.SdNotifyStopping)
	ctx, cancel := context.WithTimeout(ctx, a.settings.StopWithin)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		a.log.WarnContext(ctx, "requests cut short", "error", err)
		return server.Close()
	}
	return nil
}

// announce says that the server is there, to systemd, to the log, and to the
// operator who has yet to make the first administrator.
func (a *App) announce(ctx context.Context) error {
	a.log.InfoContext(ctx, "listening", "address", a.Address(), "url", a.Public(), "database", string(a.db.Dialect()), "version", a.version)
	empty, err := a.accounts.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		secret, err := a.accounts.FirstRunLink(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.out, "First administrator: %s/first-run/%s\n", a.Public(), string(secret)); err != nil {
			return fmt.Errorf("print the first link: %w", err)
		}
	}
	notify(ctx, a.log, daemon.SdNotifyReady)
	return nil
}

// notify tells systemd, where that started us.
func notify(ctx context.Context, log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.WarnContext(ctx, "systemd not told", "state", state, "error", err)
	}
}

// jobs is the periodic work.
func (a *App) jobs() []job.Job {
	return append(append(a.devices.Jobs(), a.deskJobs()...), []job.Job{
		{Name: "end_sessions", Every: time.Hour, Run: a.accounts.Cleanup},
		{Name: "prune_report_numbers", Every: time.Hour, Run: a.on(device.PruneReports)},
		{Name: "forget_private_users", Every: 10 * time.Minute, Run: a.on(device.ForgetPrivateUsers)},
		{Name: "make_partitions", Every: 12 * time.Hour, Run: a.on(device.MakePartitions)},
		{Name: "drop_old_imports", Every: time.Hour, Run: a.imports.Prune},
		{Name: "follow_positions", Every: time.Minute, Run: a.positions.Follow},
	}...)
}

// on gives the database to a piece of work that wants nothing else.
func (a *App) on(work func(context.Context, *store.DB) error) func(context.Context) error {
	return func(ctx context.Context) error { return work(ctx, a.db) }
}

// handler compresses what people fetch. Agents ask little and get little, and
// must not pay for it.
func (a *App) handler() http.Handler {
	compressed := gzhttp.GzipHandler(a.engine)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/agent/") {
			a.engine.ServeHTTP(w, r)
			return
		}
		compressed.ServeHTTP(w, r)
	})
}
