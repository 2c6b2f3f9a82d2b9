package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/shared/id"
)

const tagHealth = "health"

// Alert is a condition that lasts and concerns somebody.
type Alert struct {
	ID              string         `json:"id" format:"uuid"`
	Check           string         `json:"check" doc:"What found it; see /checks."`
	Severity        string         `json:"severity" enum:"crit,warn"`
	State           string         `json:"state" enum:"open,resolved"`
	Sentence        string         `json:"sentence" doc:"What is wrong, in the reader's language."`
	Args            map[string]any `json:"args,omitempty" doc:"The values in that sentence. Names that end in Bytes are sizes, in On days, in At times."`
	DeviceID        string         `json:"device_id,omitempty" format:"uuid" doc:"Absent when it is about no device."`
	Device          string         `json:"device,omitempty" doc:"Name of that device."`
	Subject         string         `json:"subject,omitempty" doc:"The thing on the device, such as a volume; or the thing itself when it is about no device."`
	UnitID          string         `json:"unit_id" format:"uuid"`
	Unit            string         `json:"unit"`
	FirstSeen       time.Time      `json:"first_seen"`
	LastSeen        time.Time      `json:"last_seen"`
	Count           int            `json:"count" doc:"Times that it was seen."`
	Reopened        int            `json:"reopened" doc:"Times that it came back soon after it had been resolved."`
	AcknowledgedAt  *time.Time     `json:"acknowledged_at,omitempty"`
	AcknowledgedBy  string         `json:"acknowledged_by,omitempty" doc:"Name of who did."`
	SnoozedUntil    *time.Time     `json:"snoozed_until,omitempty"`
	ResolvedAt      *time.Time     `json:"resolved_at,omitempty"`
	ResolvedBecause string         `json:"resolved_because,omitempty" enum:"cleared,gone,disabled,closed"`
}

// AlertDetail is one alert with what happened to it.
type AlertDetail struct {
	Alert
	Advice  string       `json:"advice" doc:"What to do about it, in the reader's language."`
	History []AlertEvent `json:"history" nullable:"false" doc:"The oldest first."`
}

// AlertEvent is one thing that happened to an alert.
type AlertEvent struct {
	At       time.Time `json:"at"`
	Action   string    `json:"action" enum:"raised,worsened,eased,cleared,reopened,acknowledged,unacknowledged,snoozed,woken"`
	Severity string    `json:"severity"`
	Actor    string    `json:"actor,omitempty" doc:"Absent when the server did it."`
	Note     string    `json:"note,omitempty"`
}

// AlertNote is what somebody says about an alert.
type AlertNote struct {
	Note string `json:"note,omitempty"`
}

// AlertNap is how long an alert is to sleep.
type AlertNap struct {
	Until time.Time `json:"until"`
	Note  string    `json:"note,omitempty"`
}

// AlertsNote is AlertNote about several alerts: all of them or none.
type AlertsNote struct {
	Alerts []string `json:"alerts" nullable:"false" doc:"Identifiers, at most 500."`
	Note   string   `json:"note,omitempty"`
}

// AlertsNap is AlertNap for several alerts: all of them or none.
type AlertsNap struct {
	AlertsNote
	Until time.Time `json:"until"`
}

// AlertCause is how many open alerts a check has.
type AlertCause struct {
	Check        string `json:"check"`
	Severity     string `json:"severity" doc:"The worst of them."`
	Alerts       int    `json:"alerts"`
	Devices      int    `json:"devices"`
	Acknowledged int    `json:"acknowledged"`
}

// Check is one thing that is looked after on devices, as it is in force.
type Check struct {
	ID          string      `json:"id"`
	Title       string      `json:"title" doc:"In the reader's language."`
	What        string      `json:"what" doc:"What it finds."`
	Advice      string      `json:"advice" doc:"What to do about it."`
	Reads       []string    `json:"reads" nullable:"false" doc:"Sections of the report, and asset, contact, history, position."`
	Unit        string      `json:"unit,omitempty" enum:"percent,days,hours" doc:"Of the limits; absent when there are none."`
	Enabled     bool        `json:"enabled"`
	Limits      CheckLimits `json:"limits"`
	HoldMinutes int         `json:"hold_minutes" doc:"For how long something must last before it is an alert."`
	ChangedAt   *time.Time  `json:"changed_at,omitempty" doc:"Absent when it is as it comes."`
	ChangedBy   string      `json:"changed_by,omitempty"`
}

// CheckLimits are where a finding becomes bad and where it ceases to be.
type CheckLimits struct {
	Warn *CheckLimit `json:"warn,omitempty"`
	Crit *CheckLimit `json:"crit,omitempty"`
}

// CheckLimit is one limit. The two values differ, so that noise around them
// is one alert.
type CheckLimit struct {
	Raise float64 `json:"raise"`
	Clear float64 `json:"clear"`
}

// CheckWish is how a check is to work.
type CheckWish struct {
	Enabled     bool        `json:"enabled"`
	Limits      CheckLimits `json:"limits"`
	HoldMinutes int         `json:"hold_minutes"`
}

// CheckInput names a check.
type CheckInput struct {
	ID string `path:"id" doc:"Identifier, such as disk_space."`
}

// DeviceHealth is what checks found on a device.
type DeviceHealth struct {
	Level    string         `json:"level" enum:"ok,warn,crit,unknown" doc:"The worst of the findings; unknown when it has not been heard from lately."`
	Check    string         `json:"check,omitempty" doc:"Of the worst finding."`
	JudgedAt *time.Time     `json:"judged_at,omitempty"`
	Findings []Finding      `json:"findings" nullable:"false"`
	Alerts   []Alert        `json:"alerts" nullable:"false" doc:"Open ones."`
	Volumes  []VolumeSeries `json:"volumes" nullable:"false" doc:"Free space, day by day; between two values nothing changed."`
}

// Finding is what a check last found about one subject.
type Finding struct {
	Check    string         `json:"check"`
	Subject  string         `json:"subject,omitempty"`
	Level    string         `json:"level" enum:"ok,warn,crit,unknown"`
	Sentence string         `json:"sentence"`
	Args     map[string]any `json:"args,omitempty"`
	Since    time.Time      `json:"since" doc:"When it turned bad, or ceased to be."`
	SeenAt   time.Time      `json:"seen_at" doc:"When it was last known."`
}

// VolumeSeries is the free space of a volume.
type VolumeSeries struct {
	Mount string        `json:"mount"`
	Days  []VolumeOnDay `json:"days" nullable:"false"`
}

// VolumeOnDay is the free space of a volume on a day.
type VolumeOnDay struct {
	Day  string `json:"day" format:"date"`
	Free int64  `json:"free" doc:"Bytes."`
	Size int64  `json:"size" doc:"Bytes."`
}

// AlertBody names an alert and says something about it.
type AlertBody[T any] struct {
	OneInput
	Body T
}

// CheckBody names a check and says how it is to work.
type CheckBody struct {
	CheckInput
	Body CheckWish
}

func (a *API) health() {
	read, handle := identity.Needs(identity.AlertsRead), identity.Needs(identity.AlertsHandle)
	service, all := a.services.Health, health.AlertColumns(time.Time{})
	registerList(a, operation{path: "/alerts", name: "list-alerts", summary: "List alerts", tag: tagHealth, rule: read},
		all.Fields(), all.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Alert]], error) {
			return readPage(in.values, service.Columns(), func(q list.Query) (list.Page[health.Row], error) {
				return service.Alerts(ctx, q)
			}, func(r health.Row) Alert { return a.writeAlert(ctx, r) })
		})
	register(a, operation{method: http.MethodGet, path: "/alert-causes", name: "list-alert-causes", summary: "Count open alerts by what found them", tag: tagHealth, rule: read},
		func(ctx context.Context, _ *struct{}) (*body[Page[AlertCause]], error) {
			causes, err := service.Causes(ctx)
			return whole(causes, func(c health.Cause) AlertCause {
				return AlertCause{c.Check, string(c.Severity), c.Alerts, c.Devices, c.Acknowledged}
			}), err
		})
	register(a, operation{method: http.MethodGet, path: "/alerts/{id}", name: "get-alert", summary: "Get an alert and what happened to it", tag: tagHealth, rule: read}, a.alert)
	register(a, operation{method: http.MethodPost, path: "/alerts/{id}/acknowledge", name: "acknowledge-alert", summary: "Say that you deal with an alert", tag: tagHealth, rule: handle},
		func(ctx context.Context, in *AlertBody[AlertNote]) (*body[AlertDetail], error) {
			return a.handled(ctx, in.ID, func(of health.ID) error { return service.Acknowledge(ctx, in.Body.Note, of) })
		})
	register(a, operation{method: http.MethodPost, path: "/alerts/{id}/unacknowledge", name: "unacknowledge-alert", summary: "Take that back", tag: tagHealth, rule: handle},
		func(ctx context.Context, in *OneInput) (*body[AlertDetail], error) {
			return a.handled(ctx, in.ID, func(of health.ID) error { return service.Unacknowledge(ctx, of) })
		})
	register(a, operation{method: http.MethodPost, path: "/alerts/{id}/snooze", name: "snooze-alert", summary: "Let an alert sleep until a time", tag: tagHealth, rule: handle},
		func(ctx context.Context, in *AlertBody[AlertNap]) (*body[AlertDetail], error) {
			return a.handled(ctx, in.ID, func(of health.ID) error { return service.Snooze(ctx, in.Body.Until, in.Body.Note, of) })
		})
	register(a, operation{method: http.MethodPost, path: "/alerts/{id}/wake", name: "wake-alert", summary: "End the sleep of an alert", tag: tagHealth, rule: handle},
		func(ctx context.Context, in *OneInput) (*body[AlertDetail], error) {
			return a.handled(ctx, in.ID, func(of health.ID) error { return service.Wake(ctx, of) })
		})
	register(a, operation{method: http.MethodPost, path: "/alerts/acknowledge", name: "acknowledge-alerts", summary: "Say that you deal with several alerts", tag: tagHealth, rule: handle, status: http.StatusNoContent},
		func(ctx context.Context, in *body[AlertsNote]) (*struct{}, error) {
			of, err := alertIDs(in.Body.Alerts)
			if err != nil {
				return nil, err
			}
			return nil, service.Acknowledge(ctx, in.Body.Note, of...)
		})
	register(a, operation{method: http.MethodPost, path: "/alerts/snooze", name: "snooze-alerts", summary: "Let several alerts sleep until a time", tag: tagHealth, rule: handle, status: http.StatusNoContent},
		func(ctx context.Context, in *body[AlertsNap]) (*struct{}, error) {
			of, err := alertIDs(in.Body.Alerts)
			if err != nil {
				return nil, err
			}
			return nil, service.Snooze(ctx, in.Body.Until, in.Body.Note, of...)
		})
	a.checks()
}

func (a *API) checks() {
	read, service := identity.Needs(identity.AlertsRead), a.services.Health
	register(a, operation{method: http.MethodGet, path: "/checks", name: "list-checks", summary: "List the checks as they are in force", tag: tagHealth, rule: read},
		func(ctx context.Context, _ *struct{}) (*body[Page[Check]], error) {
			checks, err := service.Checks(ctx)
			return whole(checks, func(c health.Active) Check { return a.writeCheck(ctx, c) }), err
		})
	register(a, operation{method: http.MethodGet, path: "/checks/{id}", name: "get-check", summary: "Get a check", tag: tagHealth, rule: read},
		func(ctx context.Context, in *CheckInput) (*body[Check], error) {
			found, err := service.Check(ctx, in.ID)
			return &body[Check]{a.writeCheck(ctx, found)}, err
		})
	register(a, operation{method: http.MethodPut, path: "/checks/{id}", name: "set-check", summary: "Change how a check works", tag: tagHealth, rule: identity.Needs(identity.ChecksManage)},
		func(ctx context.Context, in *CheckBody) (*body[Check], error) {
			changed, err := service.SetCheck(ctx, in.ID, health.Setting{
				Enabled: in.Body.Enabled, Hold: time.Duration(in.Body.HoldMinutes) * time.Minute,
				Limits: health.Limits{Warn: (*health.Limit)(in.Body.Limits.Warn), Crit: (*health.Limit)(in.Body.Limits.Crit)},
			})
			return &body[Check]{a.writeCheck(ctx, changed)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/devices/{id}/health", name: "get-device-health", summary: "Get the health of a device", tag: tagDevices, rule: read}, a.deviceHealth)
}

func (a *API) alert(ctx context.Context, in *OneInput) (*body[AlertDetail], error) {
	of, err := thing[health.Mark](in.ID, "alert")
	if err != nil {
		return nil, err
	}
	found, err := a.services.Health.Get(ctx, of)
	if err != nil {
		return nil, err
	}
	history, err := a.services.Health.History(ctx, of)
	if err != nil {
		return nil, err
	}
	return &body[AlertDetail]{AlertDetail{
		Alert: a.writeAlert(ctx, found), Advice: a.texts.Translate(languageOf(ctx), "check."+found.Check+".advice", nil),
		History: each(history, func(h health.Happening) AlertEvent {
			return AlertEvent{At: h.At, Action: string(h.Action), Severity: string(h.Severity), Actor: h.Actor, Note: h.Note}
		}),
	}}, nil
}

// handled does something to an alert and answers with what has become of it.
func (a *API) handled(ctx context.Context, text string, do func(health.ID) error) (*body[AlertDetail], error) {
	of, err := thing[health.Mark](text, "alert")
	if err != nil {
		return nil, err
	}
	if err := do(of); err != nil {
		return nil, err
	}
	return a.alert(ctx, &OneInput{ID: text})
}

func alertIDs(texts []string) ([]health.ID, error) {
	ids := make([]health.ID, len(texts))
	for i, text := range texts {
		of, err := id.Parse[health.Mark](text)
		if err != nil {
			return nil, fault.NewInvalid(fault.Field{Name: "alerts", Key: "problem.field.uuid"})
		}
		ids[i] = of
	}
	return ids, nil
}

func (a *API) deviceHealth(ctx context.Context, in *OneInput) (*body[DeviceHealth], error) {
	of, err := deviceID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.services.Health.Device(ctx, of)
	if err != nil {
		return nil, err
	}
	return &body[DeviceHealth]{DeviceHealth{
		Level: string(found.Level), Check: found.Check, JudgedAt: known(found.JudgedAt),
		Findings: each(found.Findings, func(f health.Finding) Finding {
			return Finding{
				Check: f.Check, Subject: f.Subject, Level: string(f.Level), Args: f.Args, Since: f.Since, SeenAt: f.SeenAt,
				Sentence: a.texts.Sentence(languageOf(ctx), f.Sentence(), f.Args),
			}
		}),
		Alerts: each(found.Alerts, func(r health.Row) Alert { return a.writeAlert(ctx, r) }),
		Volumes: each(found.Volumes, func(v health.Volume) VolumeSeries {
			return VolumeSeries{v.Mount, each(v.Samples, func(s health.Sample) VolumeOnDay {
				return VolumeOnDay{s.Date(), s.Free, s.Size}
			})}
		}),
	}}, nil
}

func (a *API) writeAlert(ctx context.Context, r health.Row) Alert {
	return Alert{
		ID: r.ID.String(), Check: r.Check, Severity: string(r.Severity), State: string(r.State), Args: r.Args,
		Sentence: a.texts.Sentence(languageOf(ctx), r.Sentence(), r.Args),
		DeviceID: r.DeviceID.String(), Device: r.DeviceName, Subject: r.Subject, UnitID: r.UnitID.String(), Unit: r.Unit,
		FirstSeen: r.FirstSeenAt, LastSeen: r.LastSeenAt, Count: r.Count, Reopened: r.Reopened,
		AcknowledgedAt: known(r.AcknowledgedAt), AcknowledgedBy: r.AcknowledgedAs, SnoozedUntil: known(r.SnoozedUntil),
		ResolvedAt: known(r.ResolvedAt), ResolvedBecause: string(r.ResolvedBecause),
	}
}

func (a *API) writeCheck(ctx context.Context, c health.Active) Check {
	say := func(part string) string { return a.texts.Translate(languageOf(ctx), "check."+c.ID+"."+part, nil) }
	return Check{
		ID: c.ID, Title: say("title"), What: say("what"), Advice: say("advice"), Reads: c.Reads, Unit: string(c.Unit),
		Enabled: c.Enabled, Limits: CheckLimits{(*CheckLimit)(c.Limits.Warn), (*CheckLimit)(c.Limits.Crit)},
		HoldMinutes: int(c.Hold / time.Minute), ChangedAt: known(c.ChangedAt), ChangedBy: c.ChangedBy,
	}
}
