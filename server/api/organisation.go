package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"holdfast/server/audit"
	"holdfast/server/enrolment"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

const tagOrganisation = "organisation"

// Unit is one unit of the organisation.
type Unit struct {
	ID           string    `json:"id" format:"uuid"`
	ParentID     string    `json:"parent_id,omitempty" format:"uuid" doc:"Absent for the whole organisation."`
	Name         string    `json:"name"`
	UsersPrivate bool      `json:"users_private" doc:"Whether agents here leave out who uses a device."`
	CreatedAt    time.Time `json:"created_at"`
}

// NewUnit is a unit to be made.
type NewUnit struct {
	ParentID string `json:"parent_id" format:"uuid"`
	Name     string `json:"name"`
}

// UnitChange is what is to change about a unit; what is absent stays.
type UnitChange struct {
	ParentID     *string `json:"parent_id,omitempty" format:"uuid"`
	Name         *string `json:"name,omitempty"`
	UsersPrivate *bool   `json:"users_private,omitempty"`
}

// EnrolmentKey is a key that lets agents in, without the secret itself.
type EnrolmentKey struct {
	ID        string     `json:"id" format:"uuid"`
	Name      string     `json:"name"`
	UnitID    string     `json:"unit_id" format:"uuid" doc:"Unit that devices land in which enrol with it."`
	CreatedBy string     `json:"created_by,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	MaxUses   *int       `json:"max_uses,omitempty"`
	Uses      int        `json:"uses"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// NewEnrolmentKey is an enrolment key to be made.
type NewEnrolmentKey struct {
	Name      string     `json:"name"`
	UnitID    string     `json:"unit_id" format:"uuid"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Absent: never."`
	MaxUses   *int       `json:"max_uses,omitempty" doc:"Absent: without limit."`
}

// MadeEnrolmentKey is a new enrolment key with its secret.
type MadeEnrolmentKey struct {
	EnrolmentKey
	Secret string `json:"secret" doc:"Shown this once."`
}

// AuditEntry is one thing that somebody did.
type AuditEntry struct {
	ID         string          `json:"id" format:"uuid"`
	At         time.Time       `json:"at"`
	ActorKind  string          `json:"actor_kind"`
	ActorID    string          `json:"actor_id,omitempty"`
	Actor      string          `json:"actor"`
	Action     string          `json:"action"`
	ObjectKind string          `json:"object_kind"`
	Object     string          `json:"object"`
	Before     json.RawMessage `json:"before,omitempty"`
	After      json.RawMessage `json:"after,omitempty"`
	RequestID  string          `json:"request_id,omitempty"`
}

func (a *API) units() {
	manage := identity.Needs(identity.UnitsManage)
	register(a, operation{method: http.MethodGet, path: "/units", name: "list-units", summary: "List the units of the organisation", tag: tagOrganisation, rule: identity.SignedIn},
		func(ctx context.Context, _ *struct{}) (*body[Page[Unit]], error) {
			units, err := a.services.Units.List(ctx)
			return whole(units, writeUnit), err
		})
	register(a, operation{method: http.MethodPost, path: "/units", name: "create-unit", summary: "Create a unit", tag: tagOrganisation, rule: manage, status: http.StatusCreated},
		func(ctx context.Context, in *body[NewUnit]) (*body[Unit], error) {
			parent, err := thing[identity.Unit](in.Body.ParentID, "unit")
			if err != nil {
				return nil, err
			}
			made, err := a.services.Units.Create(ctx, parent, in.Body.Name)
			return &body[Unit]{writeUnit(made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/units/{id}", name: "get-unit", summary: "Get a unit", tag: tagOrganisation, rule: identity.SignedIn},
		func(ctx context.Context, in *OneInput) (*body[Unit], error) {
			of, err := thing[identity.Unit](in.ID, "unit")
			if err != nil {
				return nil, err
			}
			found, err := a.services.Units.Get(ctx, of)
			return &body[Unit]{writeUnit(found)}, err
		})
	register(a, operation{method: http.MethodPatch, path: "/units/{id}", name: "change-unit", summary: "Rename or move a unit, or change its privacy", tag: tagOrganisation, rule: manage}, a.changeUnit)
	register(a, operation{method: http.MethodDelete, path: "/units/{id}", name: "remove-unit", summary: "Remove an empty unit", tag: tagOrganisation, rule: manage, status: http.StatusNoContent},
		func(ctx context.Context, in *OneInput) (*nothing, error) {
			of, err := thing[identity.Unit](in.ID, "unit")
			if err != nil {
				return nil, err
			}
			return &nothing{}, a.services.Units.Remove(ctx, of)
		})
}

func (a *API) changeUnit(ctx context.Context, in *struct {
	OneInput
	Body UnitChange
},
) (*body[Unit], error) {
	of, err := thing[identity.Unit](in.ID, "unit")
	if err != nil {
		return nil, err
	}
	if name := in.Body.Name; name != nil {
		if err := a.services.Units.Rename(ctx, of, *name); err != nil {
			return nil, err
		}
	}
	if private := in.Body.UsersPrivate; private != nil {
		if err := a.services.Units.SetUsersPrivate(ctx, of, *private); err != nil {
			return nil, err
		}
	}
	if parent := in.Body.ParentID; parent != nil {
		to, err := thing[identity.Unit](*parent, "unit")
		if err != nil {
			return nil, err
		}
		if err := a.services.Units.Move(ctx, of, to); err != nil {
			return nil, err
		}
	}
	changed, err := a.services.Units.Get(ctx, of)
	return &body[Unit]{writeUnit(changed)}, err
}

func (a *API) enrolmentKeys() {
	needs := identity.Needs(identity.EnrolmentManage)
	register(a, operation{method: http.MethodGet, path: "/enrolment-keys", name: "list-enrolment-keys", summary: "List enrolment keys", tag: tagOrganisation, rule: needs},
		func(ctx context.Context, _ *struct{}) (*body[Page[EnrolmentKey]], error) {
			keys, err := a.services.Enrolments.List(ctx)
			return whole(keys, writeKey), err
		})
	register(a, operation{method: http.MethodPost, path: "/enrolment-keys", name: "create-enrolment-key", summary: "Create an enrolment key", tag: tagOrganisation, rule: needs, status: http.StatusCreated},
		func(ctx context.Context, in *body[NewEnrolmentKey]) (*body[MadeEnrolmentKey], error) {
			of, err := id.Parse[identity.Unit](in.Body.UnitID)
			if err != nil {
				return nil, fault.NewInvalid(fault.Field{Name: "unit_id", Key: "problem.field.uuid"})
			}
			key, secret, err := a.services.Enrolments.Create(ctx, enrolment.Wish{
				Name: in.Body.Name, UnitID: of, ExpiresAt: in.Body.ExpiresAt, MaxUses: in.Body.MaxUses,
			})
			return &body[MadeEnrolmentKey]{MadeEnrolmentKey{EnrolmentKey: writeKey(key), Secret: string(secret)}}, err
		})
	register(a, operation{method: http.MethodDelete, path: "/enrolment-keys/{id}", name: "revoke-enrolment-key", summary: "Revoke an enrolment key", tag: tagOrganisation, rule: needs, status: http.StatusNoContent},
		func(ctx context.Context, in *OneInput) (*nothing, error) {
			key, err := thing[enrolment.Key](in.ID, "enrolment_key")
			if err != nil {
				return nil, err
			}
			return &nothing{}, a.services.Enrolments.Revoke(ctx, key)
		})
}

func (a *API) audit() {
	columns := audit.Columns()
	registerList(a, operation{path: "/audit", name: "list-audit", summary: "List what people did", tag: tagOrganisation, rule: identity.Needs(identity.AuditRead)},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[AuditEntry]], error) {
			return readPage(in.values, columns, func(q list.Query) (list.Page[audit.Entry], error) {
				return a.services.Audit.List(ctx, q)
			}, writeEntry)
		})
}

func writeUnit(u unit.Unit) Unit {
	return Unit{
		ID: u.ID.String(), ParentID: u.ParentID.String(), Name: u.Name,
		UsersPrivate: u.UsersPrivate, CreatedAt: u.CreatedAt,
	}
}

func writeKey(k enrolment.Key) EnrolmentKey {
	return EnrolmentKey{
		ID: k.ID.String(), Name: k.Name, UnitID: k.UnitID.String(), CreatedBy: k.CreatedBy.String(), CreatedAt: k.CreatedAt,
		ExpiresAt: k.ExpiresAt, MaxUses: k.MaxUses, Uses: k.Uses, UsedAt: k.UsedAt, RevokedAt: k.RevokedAt,
	}
}

func writeEntry(e audit.Entry) AuditEntry {
	return AuditEntry{
		ID: e.ID.String(), At: e.At, ActorKind: string(e.ActorKind), ActorID: text(e.ActorID), Actor: e.ActorName,
		Action: e.Action, ObjectKind: e.ObjectKind, Object: e.ObjectID,
		Before: json.RawMessage(text(e.Before)), After: json.RawMessage(text(e.After)), RequestID: text(e.RequestID),
	}
}
