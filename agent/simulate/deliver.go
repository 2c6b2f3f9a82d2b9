package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// written is the two requests of a device that has something new to tell.
type written struct {
	digest  string
	checkin []byte
	report  []byte // of all sections
	names   []string
}

// write makes the requests of some devices ready, on all processors.
func (f *Fleet) write(ctx context.Context, numbers []int) (map[int]*written, error) {
	made := make([]*written, len(numbers))
	work, ctx := errgroup.WithContext(ctx)
	const workers = 4
	for worker := range workers {
		work.Go(func() error {
			encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
			if err != nil {
				return err
			}
			for i := worker; i < len(numbers); i += workers {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if made[i], err = f.writeOne(numbers[i], encoder); err != nil {
					return failure(numbers[i], "write the report", err)
				}
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	byNumber := make(map[int]*written, len(numbers))
	for i, number := range numbers {
		byNumber[number] = made[i]
	}
	return byNumber, nil
}

func (f *Fleet) writeOne(number int, encoder *zstd.Encoder) (*written, error) {
	m, parts, err := f.parts(number)
	if err != nil {
		return nil, err
	}
	w := &written{digest: report.StateDigest(parts)}
	hashes := make(map[string]string, len(parts))
	for _, part := range parts {
		hashes[part.Name] = part.Hash
		w.names = append(w.names, part.Name)
	}
	checkin, err := json.Marshal(protocol.Checkin{Digest: w.digest, Sections: hashes})
	if err != nil {
		return nil, err
	}
	credential := f.devices[number].credential
	w.checkin = f.target.request(protocol.CheckinPath, credential, "", checkin)
	w.report, err = f.reportRequest(m, credential, w.digest, parts, encoder)
	return w, err
}

// parts gives every section of a device as it is now.
func (f *Fleet) parts(number int) (*machine, []report.Part, error) {
	m := f.world.machine(number, f.devices[number].changes)
	sections := m.sections()
	parts := make([]report.Part, 0, len(sections))
	for _, empty := range report.All() {
		section := sections[empty.Name()]
		part := report.Part{Name: empty.Name(), Outcome: report.OK}
		if section == nil {
			part.Outcome = report.Absent
		} else {
			facts, err := json.Marshal(section)
			if err != nil {
				return nil, nil, err
			}
			part.Facts = facts
		}
		part.Hash = report.Hash(part.Outcome, section)
		parts = append(parts, part)
	}
	return m, parts, nil
}

func (f *Fleet) reportRequest(m *machine, credential, digest string, parts []report.Part, encoder *zstd.Encoder) ([]byte, error) {
	number, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(report.Report{
		ID: number.String(), TakenAt: time.Now().UTC(), Agent: m.agent(f.options.Version), Digest: digest, Sections: parts,
	})
	if err != nil {
		return nil, err
	}
	return f.target.request(protocol.ReportPath, credential, "zstd", encoder.EncodeAll(body, nil)), nil
}

// enrol gets a device its credential.
func (f *Fleet) enrol(ctx context.Context, c *connection, number int, watch *Watch) error {
	m := f.world.machine(number, 0)
	body, err := json.Marshal(protocol.Enrol{
		Protocol: protocol.Version, Key: f.options.Key, Agent: m.agent(f.options.Version),
		Hostname: m.hostname(), Evidence: m.evidence(),
	})
	if err != nil {
		return err
	}
	var enrolled protocol.Enrolled
	if err := watch.timed(ctx, c, Enrolment, f.target.request(protocol.EnrolPath, "", "", body), &enrolled); err != nil {
		return failure(number, "enrol", err)
	}
	if enrolled.Credential == "" {
		return failure(number, "enrol", errors.New("the server gave no credential"))
	}
	f.devices[number].credential = enrolled.Credential
	return nil
}

// deliver checks in with something new and sends what the server wants.
func (f *Fleet) deliver(ctx context.Context, c *connection, number int, w *written, watch *Watch) error {
	var answer protocol.CheckedIn
	if err := watch.timed(ctx, c, Announcement, w.checkin, &answer); err != nil {
		return failure(number, "check in", err)
	}
	if len(answer.Want) > 0 {
		request := w.report
		if !sameNames(answer.Want, w.names) {
			var err error
			if request, err = f.partial(number, w.digest, answer.Want); err != nil {
				return failure(number, "write the report", err)
			}
		}
		var reported protocol.Reported
		if err := watch.timed(ctx, c, Delivery, request, &reported); err != nil {
			return failure(number, "report", err)
		}
		if len(reported.Notes) > 0 {
			return failure(number, "report", fmt.Errorf("the server did not store %+v", reported.Notes))
		}
	}
	f.devices[number].digest = w.digest
	return nil
}

// partial writes a report of the wanted sections.
func (f *Fleet) partial(number int, digest string, want []string) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	m, parts, err := f.parts(number)
	if err != nil {
		return nil, err
	}
	parts = slices.DeleteFunc(parts, func(part report.Part) bool { return !slices.Contains(want, part.Name) })
	return f.reportRequest(m, f.devices[number].credential, digest, parts, encoder)
}

func sameNames(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func (f *Fleet) checkinRequest(d *device) []byte {
	body, _ := json.Marshal(protocol.Checkin{Digest: d.digest}) // two texts always marshal
	return f.target.request(protocol.CheckinPath, d.credential, "", body)
}

// checkin says that nothing is new, and sends everything when the server
// disagrees.
func (f *Fleet) checkin(ctx context.Context, c *connection, number int, request []byte, watch *Watch) error {
	var answer protocol.CheckedIn
	if err := watch.timed(ctx, c, Checkin, request, &answer); err != nil {
		return failure(number, "check in", err)
	}
	if !answer.Resend && len(answer.Want) == 0 {
		return nil
	}
	return f.tell(ctx, c, number, watch)
}

// tell writes the present state of one device and delivers it.
func (f *Fleet) tell(ctx context.Context, c *connection, number int, watch *Watch) error {
	written, err := f.write(ctx, []int{number})
	if err != nil {
		return err
	}
	return f.deliver(ctx, c, number, written[number], watch)
}
