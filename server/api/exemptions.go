package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/person"
	"holdfast/server/recognition"
	"holdfast/shared/id"
)

// Exemption is a reason why a use of a product needs no right.
type Exemption struct {
	ID        string     `json:"id" format:"uuid"`
	Reference string     `json:"reference" doc:"By which explanations call it."`
	DeviceID  string     `json:"device_id,omitempty" format:"uuid" doc:"Device whose installations are exempt; absent also for readers who may not see it."`
	Device    string     `json:"device,omitempty"`
	PersonID  string     `json:"person_id,omitempty" format:"uuid" doc:"Person whose use is exempt; absent also for readers who may not know."`
	Person    string     `json:"person,omitempty"`
	Reason    string     `json:"reason"`
	StartsOn  string     `json:"starts_on,omitempty" format:"date"`
	EndsOn    string     `json:"ends_on,omitempty" format:"date"`
	Undoable  bool       `json:"undoable" doc:"Whether the last change can be undone."`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	RemovedAt *time.Time `json:"removed_at,omitempty"`
}

// ExemptionWish is an exemption to be recorded: of a device or of a person.
type ExemptionWish struct {
	DeviceID string `json:"device_id,omitempty" format:"uuid"`
	PersonID string `json:"person_id,omitempty" format:"uuid"`
	Reason   string `json:"reason"`
	StartsOn string `json:"starts_on,omitempty" doc:"Day such as 2026-03-14; absent is always."`
	EndsOn   string `json:"ends_on,omitempty" doc:"Day such as 2027-03-31; absent is for good."`
}

// LastDay is when something is to end.
type LastDay struct {
	EndsOn string `json:"ends_on,omitempty" doc:"The last day; absent takes it back as if it had never been."`
}

// Assignment is a right given to a named user.
type Assignment struct {
	ID        string    `json:"id" format:"uuid"`
	PersonID  string    `json:"person_id,omitempty" format:"uuid" doc:"Absent for readers who may not know."`
	Person    string    `json:"person,omitempty"`
	Unit      string    `json:"unit"`
	StartsOn  string    `json:"starts_on,omitempty" format:"date"`
	EndsOn    string    `json:"ends_on,omitempty" format:"date"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// AssignmentWish is who is to have a right.
type AssignmentWish struct {
	PersonID string `json:"person_id" format:"uuid"`
	StartsOn string `json:"starts_on,omitempty" doc:"Day such as 2026-03-14; absent is always."`
}

// Counting is how a product is counted.
type Counting struct {
	Rule         string     `json:"rule,omitempty" doc:"Rule of the bundle."`
	Metric       any        `json:"metric,omitempty" doc:"Kind and parameters, where there is no rule."`
	Packs        any        `json:"packs,omitempty"`
	FreeEditions []string   `json:"free_editions" nullable:"false"`
	Note         string     `json:"note,omitempty"`
	ByHand       bool       `json:"by_hand" doc:"Somebody here decided it; else it is as the program says."`
	Undoable     bool       `json:"undoable"`
	UpdatedAt    *time.Time `json:"updated_at,omitempty"`
	UpdatedBy    string     `json:"updated_by,omitempty"`
}

// CountingWish is how a product is to be counted: by a rule, or by a metric.
type CountingWish struct {
	Rule         string          `json:"rule,omitempty"`
	Metric       json.RawMessage `json:"metric,omitempty" doc:"Kind and parameters, such as {\"kind\": \"per_device\"}."`
	PackSize     int64           `json:"pack_size,omitempty" minimum:"0"`
	WholePer     string          `json:"whole_per,omitempty" enum:"purchase,machine"`
	FreeEditions []string        `json:"free_editions,omitempty"`
	Note         string          `json:"note,omitempty"`
}

func (a *API) exemptions() {
	read, edit := identity.Needs(identity.LicencesRead), identity.Needs(identity.LicencesEdit)
	service := a.services.Rights
	register(a, operation{method: http.MethodGet, path: "/licences/products/{id}/exemptions", name: "list-exemptions", summary: "List the exemptions of a product", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Page[Exemption]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			found, err := service.Exemptions(ctx, of)
			return whole(found, writeExemption), err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/products/{id}/exemptions", name: "create-exemption", summary: "Record that a use needs no right", tag: tagLicences, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *OneBody[ExemptionWish]) (*body[Exemption], error) {
			wish, err := in.Body.wish(in.ID)
			if err != nil {
				return nil, err
			}
			made, err := service.Exempt(ctx, wish)
			return &body[Exemption]{writeExemption(made)}, err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/exemptions/{id}/end", name: "end-exemption", summary: "Let an exemption end, or take it back", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[LastDay]) (*body[Exemption], error) {
			of, day, err := ending[entitlement.ExemptionMark](in.ID, "exemption", in.Body)
			if err != nil {
				return nil, err
			}
			ended, err := service.EndExemption(ctx, of, day)
			return &body[Exemption]{writeExemption(ended)}, err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/exemptions/{id}/undo", name: "undo-exemption", summary: "Undo the last change of an exemption", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneInput) (*body[Exemption], error) {
			of, err := thing[entitlement.ExemptionMark](in.ID, "exemption")
			if err != nil {
				return nil, err
			}
			undone, err := service.UndoExemption(ctx, of)
			return &body[Exemption]{writeExemption(undone)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/licences/products/{id}/assignments", name: "list-assignments", summary: "List who is assigned a right of a product", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Page[Assignment]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			found, err := service.Assignments(ctx, of)
			return whole(found, writeAssignment), err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/products/{id}/assignments", name: "create-assignment", summary: "Give a person a right", tag: tagLicences, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *OneBody[AssignmentWish]) (*body[Assignment], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			var to person.ID
			var from time.Time
			wrong := setID(&in.Body.PersonID, "person_id", &to)
			if wrong = append(wrong, setDay(&in.Body.StartsOn, "starts_on", &from)...); len(wrong) > 0 {
				return nil, fault.NewInvalid(wrong...)
			}
			made, err := service.Assign(ctx, of, to, from)
			return &body[Assignment]{writeAssignment(made)}, err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/assignments/{id}/end", name: "end-assignment", summary: "Let an assignment end, or take it back", tag: tagLicences, rule: edit, status: http.StatusNoContent},
		func(ctx context.Context, in *OneBody[LastDay]) (*nothing, error) {
			of, day, err := ending[entitlement.AssignmentMark](in.ID, "assignment", in.Body)
			if err != nil {
				return nil, err
			}
			return &nothing{}, service.Unassign(ctx, of, day)
		})
	a.counting()
}

func (a *API) counting() {
	read, edit := identity.Needs(identity.LicencesRead), identity.Needs(identity.LicencesEdit)
	service := a.services.Rights
	counted := func(text string, do func(recognition.ProductID) (entitlement.Counted, error)) (*body[Counting], error) {
		of, err := thing[recognition.Product](text, "product")
		if err != nil {
			return nil, err
		}
		found, err := do(of)
		return &body[Counting]{writeCounting(found)}, err
	}
	register(a, operation{method: http.MethodGet, path: "/licences/products/{id}/counting", name: "get-counting", summary: "Get how a product is counted", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Counting], error) {
			return counted(in.ID, func(of recognition.ProductID) (entitlement.Counted, error) { return service.CountedBy(ctx, of) })
		})
	register(a, operation{method: http.MethodPut, path: "/licences/products/{id}/counting", name: "set-counting", summary: "Decide how a product is counted", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[CountingWish]) (*body[Counting], error) {
			wish, err := in.Body.wish()
			if err != nil {
				return nil, err
			}
			return counted(in.ID, func(of recognition.ProductID) (entitlement.Counted, error) { return service.CountBy(ctx, of, &wish) })
		})
	register(a, operation{method: http.MethodDelete, path: "/licences/products/{id}/counting", name: "reset-counting", summary: "Leave it to the program how a product is counted", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneInput) (*body[Counting], error) {
			return counted(in.ID, func(of recognition.ProductID) (entitlement.Counted, error) { return service.CountBy(ctx, of, nil) })
		})
	register(a, operation{method: http.MethodPost, path: "/licences/products/{id}/counting/undo", name: "undo-counting", summary: "Undo the last decision on how a product is counted", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneInput) (*body[Counting], error) {
			return counted(in.ID, func(of recognition.ProductID) (entitlement.Counted, error) { return service.UndoCountBy(ctx, of) })
		})
}

// ending reads what is to end and when; no day is as if it had never been.
func ending[T any](text, kind string, last LastDay) (id.Of[T], time.Time, error) {
	of, err := thing[T](text, kind)
	if err != nil {
		return id.Of[T]{}, time.Time{}, err
	}
	var day time.Time
	if wrong := setDay(&last.EndsOn, "ends_on", &day); wrong != nil {
		return id.Of[T]{}, time.Time{}, fault.NewInvalid(wrong...)
	}
	return of, day, nil
}

func (w ExemptionWish) wish(product string) (entitlement.ExemptionWish, error) {
	of, err := thing[recognition.Product](product, "product")
	if err != nil {
		return entitlement.ExemptionWish{}, err
	}
	wish := entitlement.ExemptionWish{ProductID: of, Reason: w.Reason}
	var on device.ID
	wrong := setID(&w.DeviceID, "device_id", &on)
	wrong = append(wrong, setID(&w.PersonID, "person_id", &wish.PersonID)...)
	wrong = append(wrong, setDay(&w.StartsOn, "starts_on", &wish.StartsOn)...)
	wrong = append(wrong, setDay(&w.EndsOn, "ends_on", &wish.EndsOn)...)
	if len(wrong) > 0 {
		return entitlement.ExemptionWish{}, fault.NewInvalid(wrong...)
	}
	wish.DeviceID = on
	return wish, nil
}

func (w CountingWish) wish() (entitlement.CountedWish, error) {
	wish := entitlement.CountedWish{Rule: w.Rule, FreeEditions: w.FreeEditions, Note: w.Note}
	if len(w.Metric) > 0 {
		if err := json.Unmarshal(w.Metric, &wish.Metric); err != nil {
			return entitlement.CountedWish{}, fault.NewInvalid(fault.Field{Name: "metric", Key: "fault.entitlement.metric"})
		}
	}
	if w.PackSize > 0 {
		wish.Packs = &licence.Packs{Size: w.PackSize, WholePer: w.WholePer}
	}
	return wish, nil
}

func writeExemption(e entitlement.Exemption) Exemption {
	return Exemption{
		ID: e.ID.String(), Reference: e.Reference, DeviceID: e.DeviceID.String(), Device: e.Device, PersonID: e.PersonID.String(), Person: e.Person,
		Reason: e.Reason, StartsOn: dayText(e.StartsOn), EndsOn: dayText(e.EndsOn), Undoable: e.Undoable(),
		CreatedAt: e.CreatedAt, CreatedBy: e.CreatedBy, RemovedAt: known(e.RemovedAt),
	}
}

func writeAssignment(g entitlement.Assignment) Assignment {
	return Assignment{
		ID: g.ID.String(), PersonID: g.PersonID.String(), Person: g.Person, Unit: g.Unit, StartsOn: dayText(g.StartsOn), EndsOn: dayText(g.EndsOn),
		CreatedAt: g.CreatedAt, CreatedBy: g.CreatedBy,
	}
}

func writeCounting(c entitlement.Counted) Counting {
	written := Counting{
		Rule: c.Rule, FreeEditions: append([]string{}, c.FreeEditions...), Note: c.Note, ByHand: c.ByHand, Undoable: c.Undoable(),
		UpdatedAt: known(c.UpdatedAt), UpdatedBy: c.UpdatedBy,
	}
	if c.Metric.Metric != nil {
		written.Metric = c.Metric
	}
	if c.Packs != nil {
		written.Packs = c.Packs
	}
	return written
}
