// Package deliver brings what was collected to the server. It enrols once with
// an enrolment key and keeps the credential that it gets; it checks in with the
// digest of all facts and uploads only the sections that the server asks for.
//
// What changed is written to a spool before anything is sent, so that a
// kill, a power cut or weeks without a network lose nothing; the spool is
// emptied in order. Only an acknowledgement of the server removes a report
// from it and moves the state (package delta) forward. A report that is sent
// twice, because its answer was lost, carries the same identifier, and the
// server stores it once.
//
// It refuses plain http to other machines unless told otherwise, never sends
// a credential to another server than the one that gave it, follows no
// redirects, and leaves a server alone that asks for it (Retry-After).
package deliver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"holdfast/agent/delta"
	"holdfast/agent/durable"
	"holdfast/shared/id"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

var (
	// ErrSettings is every error that only other settings can mend.
	ErrSettings = errors.New("wrong settings")
	// ErrNotEnrolled means that the agent has neither a credential for the
	// server nor an enrolment key to get one with. It is an ErrSettings.
	ErrNotEnrolled = fmt.Errorf("%w: this agent is not enrolled with the server; give it an enrolment key", ErrSettings)
)

// Deliverer delivers the reports of one device. It belongs to one goroutine.
type Deliverer struct {
	folder     string
	key        Secret
	agent      report.Agent
	log        *slog.Logger
	client     *client
	credential credential
	earlier    Secret // the credential that this server refused, if any
	acked      delta.State
	spool      *spool
	status     Status
}

// Open makes a Deliverer whose memory is in folder, which is made when there
// is none. The caller must hold the lock of the folder (durable.Lock). The key
// may be empty when the agent is enrolled already.
func Open(folder string, connection Connection, key Secret) (*Deliverer, error) {
	d := &Deliverer{folder: folder, key: key, agent: connection.Agent, log: connection.Log}
	var err error
	if d.client, err = newClient(connection, d.failed); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	if err := durable.MakeFolder(folder); err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	if err := durable.Sweep(folder); err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	if d.credential, err = loadCredential(folder, connection.Server); err != nil {
		return nil, err
	}
	if d.credential.Secret == "" && key == "" {
		return nil, ErrNotEnrolled
	}
	if d.spool, err = openSpool(filepath.Join(folder, spoolDir)); err != nil {
		return nil, err
	}
	// Both files can be done without: all is sent again, all is told anew.
	if d.acked, err = delta.Load(d.statePath()); err != nil {
		d.log.Warn("state lost, everything is sent again", "error", err)
	}
	if d.credential.Secret == "" {
		d.acked = delta.State{}
	}
	if d.status, err = ReadStatus(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.log.Warn("status lost", "error", err)
	}
	d.status.Version, d.status.Server, d.status.Device = connection.Agent.Version, connection.Server, d.credential.Device
	if d.spool.torn > 0 {
		d.log.Warn("spooled reports are broken", "reports", d.spool.torn)
	}
	return d, nil
}

// Interval is how long to wait between check-ins.
func (d *Deliverer) Interval() time.Duration { return d.status.interval() }

// Skip names the sections that must not be collected on this device.
func (d *Deliverer) Skip() []string { return d.status.Skip }

// Plan writes into the status when the agent will be back.
func (d *Deliverer) Plan(next time.Time) {
	d.status.NextAt = next.UTC()
	d.saveStatus()
}

// Deliver keeps the parts of all sections, taken at the given time, and
// brings the server up to date with them and with what is still spooled. It
// tries until it succeeds, the server refuses, or ctx ends; what is not
// delivered then stays in the spool.
func (d *Deliverer) Deliver(ctx context.Context, parts []report.Part, taken time.Time) error {
	d.status.TakenAt, d.status.Sections = taken.UTC(), sectionStatus(parts)
	d.status.Spool.Trouble = ""
	if err := d.keep(parts, taken); err != nil {
		d.log.ErrorContext(ctx, "report cannot be spooled", "error", err)
		d.status.Spool.Trouble = err.Error() // it may still be sent
	}
	err := d.send(ctx, parts, taken)
	if refused, isRefusal := errors.AsType[*Refusal](err); isRefusal && refused.Status == 401 && d.credential.Secret != "" {
		if d.key == "" {
			err = fmt.Errorf("%w; give this agent an enrolment key to enrol it anew", err)
		} else {
			d.log.WarnContext(ctx, "credential refused, enrolling anew")
			d.earlier, d.credential = d.credential.Secret, credential{}
			err = d.send(ctx, parts, taken)
		}
	}
	switch {
	case err == nil:
		d.saveStatus()
	case !errors.Is(err, context.Canceled): // being stopped is no failure
		d.failed(err)
	}
	return err
}

// keep spools what changed since the newest report that is spooled, or since
// what the server has when none is.
func (d *Deliverer) keep(parts []report.Part, taken time.Time) error {
	known, now := d.acked, delta.Of(parts)
	if len(d.spool.files) > 0 {
		known = d.spool.newest
	}
	if known.Digest == now.Digest {
		return nil
	}
	return d.spool.add(entry{d.newReport(known.Changed(parts), parts, taken), now})
}

func (d *Deliverer) newReport(sections, all []report.Part, taken time.Time) report.Report {
	return report.Report{
		ID: id.New[report.Report]().String(), TakenAt: taken.UTC(), Agent: d.agent,
		Digest: report.StateDigest(all), Sections: sections,
	}
}

// send enrols when needed, delivers what the spool holds of earlier states in
// order, and then the present state.
func (d *Deliverer) send(ctx context.Context, parts []report.Part, taken time.Time) error {
	d.status.TriedAt = time.Now().UTC()
	if d.credential.Secret == "" {
		if err := d.enrol(ctx, parts); err != nil {
			return err
		}
	}
	now := delta.Of(parts)
	for {
		oldest, err := d.spool.oldest()
		if errors.Is(err, fs.ErrNotExist) {
			return d.sendPresent(ctx, parts, d.newReport(nil, parts, taken))
		}
		if err != nil {
			return err
		}
		if len(d.spool.files) == 1 && oldest.State.Digest == now.Digest {
			return d.sendPresent(ctx, parts, oldest.Report)
		}
		if err := d.upload(ctx, oldest.Report, oldest.State); err != nil {
			return err
		}
	}
}

// sendPresent checks in and sends what the server wants of the present state,
// as the given report.
func (d *Deliverer) sendPresent(ctx context.Context, parts []report.Part, message report.Report) error {
	now := delta.Of(parts)
	question := protocol.Checkin{Digest: now.Digest}
	if now.Digest != d.acked.Digest {
		question.Sections = now.Sections
	}
	answer, err := d.client.checkin(ctx, d.credential.Secret, question)
	if err == nil && answer.Resend && question.Sections == nil {
		question.Sections = now.Sections
		answer, err = d.client.checkin(ctx, d.credential.Secret, question)
	}
	if err != nil {
		return fmt.Errorf("check in: %w", err)
	}
	d.reached(answer.Next, answer.Skip)
	message.Sections = slices.DeleteFunc(slices.Clone(parts), func(part report.Part) bool {
		return !slices.Contains(answer.Want, part.Name)
	})
	if len(message.Sections) == 0 {
		return d.acknowledged(now)
	}
	return d.upload(ctx, message, now)
}

// upload sends one report, and takes it out of the spool, when it is there,
// once the server has acknowledged or refused it.
func (d *Deliverer) upload(ctx context.Context, message report.Report, state delta.State) error {
	answer, err := d.client.report(ctx, d.credential.Secret, message)
	if refused, isRefusal := errors.AsType[*Refusal](err); isRefusal && refused.final() {
		d.status.Spool.Refused++
		if err := d.unspool(message.ID); err != nil {
			return err
		}
		return fmt.Errorf("deliver report %s, which is given up: %w", message.ID, err)
	}
	if err != nil {
		return fmt.Errorf("deliver report: %w", err)
	}
	skip := d.status.Skip // only a check-in takes it back
	if len(answer.Skip) > 0 {
		skip = answer.Skip
	}
	d.reached(answer.Next, skip)
	d.status.Notes = answer.Notes
	d.log.InfoContext(ctx, "report delivered", "report", message.ID, "sections", len(message.Sections), "notes", len(answer.Notes))
	return d.acknowledged(state)
}

// final reports whether the fault is in the report itself, so that the ones
// behind it must not wait for it.
func (r *Refusal) final() bool { return r.Status == 400 || r.Status == 413 || r.Status == 422 }

// acknowledged moves the state forward, and only then empties the spool of
// what it covers: killed between the two, the agent sends a report again, and
// the server knows its identifier.
func (d *Deliverer) acknowledged(state delta.State) error {
	if d.acked.Digest != state.Digest {
		if err := state.Save(d.statePath()); err != nil {
			return err
		}
		d.acked = state
	}
	if len(d.spool.files) == 0 {
		return nil
	}
	oldest, err := d.spool.oldest()
	if errors.Is(err, fs.ErrNotExist) || err == nil && oldest.State.Digest != state.Digest {
		return nil
	}
	if err != nil {
		return err
	}
	return d.spool.remove()
}

func (d *Deliverer) unspool(reportID string) error {
	oldest, err := d.spool.oldest()
	if errors.Is(err, fs.ErrNotExist) || err == nil && oldest.Report.ID != reportID {
		return nil
	}
	if err != nil {
		return err
	}
	return d.spool.remove()
}

// reached notes what the server said of the schedule.
func (d *Deliverer) reached(next int, skip []string) {
	d.status.ReachedAt, d.status.Failure = time.Now().UTC(), ""
	if next > 0 {
		d.status.NextIn = next
	}
	d.status.Skip = skip
}

// failed notes why the server could not be reached.
func (d *Deliverer) failed(err error) {
	d.status.TriedAt, d.status.Failure = time.Now().UTC(), err.Error()
	d.saveStatus()
}

// saveStatus writes the status for whoever asks. The agent works without.
func (d *Deliverer) saveStatus() {
	d.status.Device = d.credential.Device
	d.status.Spool.Dropped += d.spool.dropped
	d.status.Spool.Torn += d.spool.torn
	d.spool.dropped, d.spool.torn = 0, 0
	d.status.Spool.Reports, d.status.Spool.Bytes = len(d.spool.files), d.spool.bytes()
	if err := durable.WriteJSON(filepath.Join(d.folder, statusFile), d.status); err != nil {
		d.log.Warn("status cannot be written", "error", err)
	}
}

func (d *Deliverer) statePath() string { return filepath.Join(d.folder, stateFile) }

func sectionStatus(parts []report.Part) []SectionStatus {
	list := make([]SectionStatus, 0, len(parts))
	for _, part := range parts {
		list = append(list, SectionStatus{part.Name, part.Outcome, part.Detail, part.TookMS})
	}
	return list
}
