package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"holdfast/agent/delta"
	"holdfast/agent/durable"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// credential is what the agent proves itself with, and to whom.
type credential struct {
	Server string `json:"server"`
	Device string `json:"device"`
	Secret Secret `json:"secret"`
}

// loadCredential gives the credential for server. There is none when the agent
// is not enrolled, or enrolled with another server: that server's credential
// is no business of this one.
func loadCredential(folder, server string) (credential, error) {
	var kept credential
	err := durable.ReadJSON(filepath.Join(folder, secretFile), &kept)
	if errors.Is(err, fs.ErrNotExist) {
		return credential{}, nil
	}
	if err != nil {
		return credential{}, fmt.Errorf("read credential: %w", err)
	}
	if kept.Server != server {
		return credential{}, nil
	}
	return kept, nil
}

// enrol gets a credential with the enrolment key, and keeps it before it is
// used. The server may know the device already, from its evidence or the
// credential that it refused just now; what it has of it is asked anew.
func (d *Deliverer) enrol(ctx context.Context, parts []report.Part) error {
	if d.key == "" {
		return ErrNotEnrolled
	}
	hostname, evidence := introduce(parts)
	answer, err := d.client.enrol(ctx, protocol.Enrol{
		Protocol: protocol.Version, Key: string(d.key), Agent: d.agent, Hostname: hostname, Evidence: evidence,
		Credential: string(d.earlier),
	})
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	fresh := credential{Server: d.status.Server, Device: answer.Device, Secret: Secret(answer.Credential)}
	if err := durable.WriteJSON(filepath.Join(d.folder, secretFile), fresh); err != nil {
		return fmt.Errorf("keep credential: %w", err)
	}
	if err := delta.Forget(d.statePath()); err != nil {
		return err
	}
	d.credential, d.earlier, d.acked = fresh, "", delta.State{}
	d.reached(answer.Next, d.status.Skip)
	d.log.InfoContext(ctx, "enrolled", "device", fresh.Device)
	return nil
}

// introduce says who the device is, as far as the parts tell.
func introduce(parts []report.Part) (hostname string, evidence identify.Evidence) {
	var (
		os      report.OS
		system  report.System
		network report.Network
	)
	for _, part := range parts {
		for _, section := range []report.Section{&os, &system, &network} {
			if section.Name() == part.Name && len(part.Facts) > 0 {
				// What cannot be read introduces nobody; the server notes it
				// when the section arrives.
				_ = json.Unmarshal(part.Facts, section)
			}
		}
	}
	return os.Hostname, identify.FromSections(&system, &network)
}
