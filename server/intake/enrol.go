package intake

import (
	"context"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
)

// Enrol lets an agent in that has an enrolment key, and gives it a credential
// of its own. A device that is known by its evidence stays the same device,
// and its earlier credential is void. address is where the request comes
// from. Faults: SignedOut when the key does not let in, TooMany after many
// wrong keys from one address, Invalid.
func (s *Service) Enrol(ctx context.Context, address string, message protocol.Enrol) (protocol.Enrolled, error) {
	if pause := s.strays.left(address); pause > 0 {
		s.metrics.refused("too_many")
		return protocol.Enrolled{}, fault.NewTooMany(pause)
	}
	if message.Protocol < 1 {
		s.metrics.refused("malformed")
		return protocol.Enrolled{}, fault.NewInvalid(fault.Field{Name: "protocol", Key: "fault.field.required"})
	}
	credential := identity.NewSecret(identity.AgentPrefix)
	arrival := device.Arrival{
		Hostname: plain(message.Hostname, 255), Agent: plain(message.Agent.Version, 100),
		Evidence: cleanEvidence(message.Evidence), Credential: credential.Hash(),
	}
	if own := identity.Secret(message.Credential); own.Is(identity.AgentPrefix) {
		arrival.Own = own.Hash()
	}
	var admitted device.Admission
	err := s.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if arrival.Unit, arrival.Key, err = s.admit(tx, identity.Secret(message.Key)); err != nil {
			return err
		}
		admitted, err = device.Admit(tx, arrival)
		if err != nil || admitted.Verdict.Device == 0 {
			return err
		}
		return s.say(tx, Returned, admitted.Key)
	})
	if fault.Is(err, fault.SignedOut) {
		s.strays.spend(address)
		s.metrics.refused("key")
		s.log.WarnContext(ctx, "enrolment refused", "address", address, "error", err)
	}
	if err != nil {
		return protocol.Enrolled{}, internal("enrol a device", err)
	}
	s.metrics.enrolled.Inc()
	if s.counter != nil {
		s.counter.Changed()
	}
	s.log.InfoContext(ctx, "device enrolled", "device", admitted.ID.String(), "known_by", string(admitted.Verdict.Basis),
		"possibly", len(admitted.Verdict.Possibly))
	return protocol.Enrolled{Device: admitted.ID.String(), Credential: string(credential), Next: s.next()}, nil
}

// cleanEvidence also takes out what no database holds; evidence has no length
// to speak of.
func cleanEvidence(evidence identify.Evidence) identify.Evidence {
	evidence.Maker = plain(evidence.Maker, 255)
	evidence.Serial = plain(evidence.Serial, 255)
	return identify.Clean(evidence)
}
