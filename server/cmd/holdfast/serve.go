package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"holdfast/server/app"
	"holdfast/server/config"
)

type serve struct {
	config.Serve `embed:""`
}

// garbage is how much may gather, in percent of what is in use, before it is
// collected. An operator who knows better sets GOGC.
const garbage = 200

// Run runs the server until ctx ends.
func (s serve) Run(ctx context.Context, std streams) (err error) {
	if os.Getenv("GOGC") == "" {
		// What a request takes is garbage a moment later and little stays, so
		// that collecting half as often costs little memory.
		debug.SetGCPercent(garbage)
	}
	server, err := app.New(ctx, s.Serve, app.Options{Version: version, Log: s.Logger(std.err), Out: std.out})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	return server.Run(ctx)
}

type migrate struct {
	config.Store `embed:""`
}

// Run brings the schema up to date.
func (m migrate) Run(ctx context.Context, std streams) (err error) {
	log := config.Logging{LogLevel: "info", LogFormat: "text"}.Logger(std.err)
	db, err := app.OpenStore(ctx, m.Store, config.DefaultOrganisation, log, app.Migrate)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	present, _, err := db.Schema(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "The database has schema %d, the newest that this Holdfast knows.\n", present)
	return err
}
