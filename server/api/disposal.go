package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/asset"
	"holdfast/server/certificate"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/money"
	"holdfast/shared/id"
)

const tagDisposal = "disposal"

// Disposal is a case in the list of cases.
type Disposal struct {
	ID        string    `json:"id" format:"uuid"`
	Number    string    `json:"number" example:"DC-2026-014"`
	Title     string    `json:"title"`
	State     string    `json:"state" enum:"draft,offered,approved,data_cleared,released,collected,closed,cancelled"`
	UnitID    string    `json:"unit_id" format:"uuid"`
	Unit      string    `json:"unit"`
	Assets    int       `json:"assets"`
	Drives    int       `json:"drives" doc:"Drives noted so far."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// DisposalCase is one case with everything that belongs to it.
type DisposalCase struct {
	Disposal
	Sensitivity string             `json:"sensitivity,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	ProposedBy  string             `json:"proposed_by,omitempty"`
	Collector   string             `json:"collector,omitempty"`
	Next        []string           `json:"next" nullable:"false" doc:"States that may follow."`
	Blocked     []DisposalProblem  `json:"blocked" nullable:"false" doc:"What stands between the case and its release."`
	Wanted      int                `json:"wanted" doc:"Different people who must approve."`
	Approvals   []DisposalApproval `json:"approvals" nullable:"false"`
	Lines       []DisposalLine     `json:"lines" nullable:"false"`
	Outcome     *DisposalChange    `json:"outcome,omitempty" doc:"What release changed."`
	Sightings   []DisposalSighting `json:"sightings" nullable:"false" doc:"Devices heard of after release."`
}

// DisposalProblem is one thing that blocks a case.
type DisposalProblem struct {
	Kind    string `json:"kind" enum:"unrecorded,unchecked,unconfirmed"`
	LineID  string `json:"line_id" format:"uuid"`
	Tag     string `json:"tag"`
	DriveID string `json:"drive_id,omitempty" format:"uuid"`
	Drive   string `json:"drive,omitempty"`
}

// DisposalApproval is what an approver said.
type DisposalApproval struct {
	Name     string    `json:"name"`
	Decision string    `json:"decision" enum:"approved,declined"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
	Counts   bool      `json:"counts" doc:"It is about the case as it stands."`
}

// DisposalLine is an asset of a case.
type DisposalLine struct {
	ID        string          `json:"id" format:"uuid"`
	AssetID   string          `json:"asset_id" format:"uuid"`
	Tag       string          `json:"tag"`
	Kind      string          `json:"kind"`
	Model     string          `json:"model,omitempty"`
	Status    string          `json:"status"`
	Route     string          `json:"route"`
	Reason    string          `json:"reason,omitempty"`
	Taker     string          `json:"taker,omitempty"`
	SettledAt *time.Time      `json:"settled_at,omitempty"`
	NoData    string          `json:"no_data,omitempty" doc:"Why it holds no data."`
	NoDataBy  string          `json:"no_data_by,omitempty"`
	NeedsWord bool            `json:"needs_word" doc:"A person must say that it holds no data."`
	Offers    []DisposalOffer `json:"offers" nullable:"false"`
	Drives    []DisposalDrive `json:"drives" nullable:"false"`
}

// DisposalOffer is a step down the ladder.
type DisposalOffer struct {
	Route     string     `json:"route"`
	Outcome   string     `json:"outcome" enum:"open,taken,passed,skipped,withdrawn"`
	StartedAt time.Time  `json:"started_at"`
	EndsAt    *time.Time `json:"ends_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Taker     string     `json:"taker,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

// DisposalDrive is a drive that was ever seen in a device of an asset, or that
// a person knows of.
type DisposalDrive struct {
	ID        string          `json:"id" format:"uuid"`
	Serial    string          `json:"serial,omitempty"`
	Maker     string          `json:"maker,omitempty"`
	Model     string          `json:"model,omitempty"`
	SizeBytes int64           `json:"size_bytes,omitempty"`
	Medium    string          `json:"medium" enum:"ssd,hdd,unknown"`
	Device    string          `json:"device,omitempty"`
	LastSeen  *time.Time      `json:"last_seen_at,omitempty"`
	RemovedAt *time.Time      `json:"removed_at,omitempty"`
	Need      string          `json:"need" enum:"unrecorded,unchecked,verified,lost,moved"`
	MovedTo   string          `json:"moved_to,omitempty" doc:"Device that reports it now."`
	Weak      bool            `json:"weak" doc:"Cleared, which is no purge of such a medium."`
	Record    *DisposalRecord `json:"record,omitempty"`
}

// DisposalRecord is what became of the data on a drive, after NIST SP 800-88.
type DisposalRecord struct {
	Outcome      string     `json:"outcome" enum:"clear,purge,destroy,lost"`
	Technique    string     `json:"technique,omitempty"`
	Tool         string     `json:"tool,omitempty"`
	ToolVersion  string     `json:"tool_version,omitempty"`
	Performer    string     `json:"performer,omitempty"`
	PerformedOn  string     `json:"performed_on" format:"date"`
	Note         string     `json:"note,omitempty"`
	Ticket       int        `json:"ticket,omitempty" doc:"Number of the incident of a loss."`
	RecordedBy   string     `json:"recorded_by"`
	Verification string     `json:"verification,omitempty" enum:"full,sample,inspection"`
	ValidatedBy  string     `json:"validated_by,omitempty"`
	ValidatedAt  *time.Time `json:"validated_at,omitempty"`
}

// DisposalChange is what release changes.
type DisposalChange struct {
	Disposed int                    `json:"disposed"`
	Kept     int                    `json:"kept" doc:"Assets that go back to stock."`
	Held     int                    `json:"held" doc:"Assets that somebody holds."`
	People   int                    `json:"people"`
	Agents   int                    `json:"agents" doc:"Credentials revoked."`
	Alerts   int                    `json:"alerts" doc:"Open alerts closed."`
	Drives   int                    `json:"drives"`
	Rights   []disposal.RightChange `json:"rights" nullable:"false"`
	Tickets  []DisposalTicket       `json:"tickets" nullable:"false" doc:"Open tickets that somebody must decide about."`
	Costs    []DisposalCost         `json:"costs" nullable:"false" doc:"Of purchase."`
}

// DisposalTicket is an open ticket about a thing of a case.
type DisposalTicket struct {
	ID     string `json:"id" format:"uuid"`
	Number int    `json:"number"`
}

// DisposalCost is an amount in one currency.
type DisposalCost struct {
	Cost     string `json:"cost" example:"1499.00"`
	Currency string `json:"currency"`
}

// DisposalSighting is a device that was heard of after its release.
type DisposalSighting struct {
	Device  string    `json:"device"`
	How     string    `json:"how" enum:"refused,reported"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	Count   int       `json:"count"`
	Ticket  int       `json:"ticket,omitempty"`
}

// DisposalEvent is one thing that happened to a case.
type DisposalEvent struct {
	At     time.Time      `json:"at"`
	Actor  string         `json:"actor"`
	Action string         `json:"action"`
	Fields map[string]any `json:"fields"`
}

// DisposalRoute is a rung of the ladder.
type DisposalRoute struct {
	Key       string `json:"key"`
	Name      string `json:"name" doc:"In the language of the request."`
	OfferDays int    `json:"offer_days" doc:"How long an offer stands; 0 is not offered."`
	Approvals int    `json:"approvals" doc:"Different people who must approve."`
	Keeps     bool   `json:"keeps" doc:"The body keeps the thing."`
}

// DisposalWish is what is to be said about a case.
type DisposalWish struct {
	Title       string `json:"title"`
	UnitID      string `json:"unit_id,omitempty" doc:"Of a new case; it stays."`
	Sensitivity string `json:"sensitivity,omitempty" doc:"Of the data, in your own words."`
	Reason      string `json:"reason,omitempty"`
}

// DisposalState is the state that a case is to have.
type DisposalState struct {
	State string `json:"state" enum:"draft,offered,approved,data_cleared,released,collected,closed,cancelled"`
	Text  string `json:"text,omitempty" doc:"The note, the reason, or who collects it."`
}

// DisposalLines are assets that are to come into a case.
type DisposalLines struct {
	Assets []string `json:"assets" doc:"Identifiers."`
	Route  string   `json:"route"`
	Reason string   `json:"reason,omitempty" doc:"Why rungs above it are skipped."`
}

// DisposalRerouting is another way for a line.
type DisposalRerouting struct {
	Route  string `json:"route"`
	Reason string `json:"reason,omitempty"`
}

// DisposalWords is a reason, or the name of who takes a thing.
type DisposalWords struct {
	Text string `json:"text"`
}

// DisposalDriveWish is a drive that a person knows of.
type DisposalDriveWish struct {
	Serial    string `json:"serial"`
	Maker     string `json:"maker,omitempty"`
	Model     string `json:"model,omitempty"`
	SizeBytes int64  `json:"size_bytes,omitempty" minimum:"0"`
	Medium    string `json:"medium"`
	Note      string `json:"note" doc:"How you know of it."`
}

// DisposalRecordWish is a record of removal.
type DisposalRecordWish struct {
	Outcome     string `json:"outcome"`
	Technique   string `json:"technique"`
	Tool        string `json:"tool"`
	ToolVersion string `json:"tool_version,omitempty"`
	Performer   string `json:"performer,omitempty" doc:"Absent: you."`
	PerformedOn string `json:"performed_on" doc:"Day such as 2026-03-14."`
	Medium      string `json:"medium,omitempty" doc:"Where it is not known: ssd or hdd."`
	Note        string `json:"note,omitempty"`
}

// DisposalLoss is a drive that cannot be found.
type DisposalLoss struct {
	Ticket string `json:"ticket" doc:"The incident, such as INC-2307."`
	Note   string `json:"note"`
}

// DisposalCheck is a check by another person.
type DisposalCheck struct {
	Verification string `json:"verification"`
	Note         string `json:"note,omitempty"`
}

// pdf is an answer that is a file.
type pdf struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// LineInput names a line of a case.
type LineInput struct {
	OneInput
	Line string `path:"line" format:"uuid"`
}

// DriveInput names a drive of a case.
type DriveInput struct {
	OneInput
	Drive string `path:"drive" format:"uuid"`
}

// disposals registers the operations of disposal cases. Who may do what
// depends on the state, which the service decides.
func (a *API) disposals() {
	service := a.services.Disposal
	read, edit, record := identity.Needs(identity.DisposalRead), identity.Needs(identity.DisposalEdit), identity.Needs(identity.DisposalRecord)
	columns := disposal.Columns()
	registerList(a, operation{path: "/cases", name: "list-cases", summary: "List disposal cases", tag: tagDisposal, rule: read},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Disposal]], error) {
			ask := func(q list.Query) (list.Page[disposal.Row], error) { return service.List(ctx, q) }
			return readPage(in.values, columns, ask, writeDisposal)
		})
	register(a, operation{method: http.MethodGet, path: "/cases/routes", name: "list-disposal-routes", summary: "List the ladder", tag: tagDisposal, rule: read},
		func(ctx context.Context, _ *struct{}) (*body[Page[DisposalRoute]], error) {
			routes, err := service.Ladder(ctx)
			return whole(routes, func(r disposal.Route) DisposalRoute {
				return DisposalRoute{r.Key, r.Name(languageOf(ctx)), r.OfferDays, r.Approvals, r.Keeps}
			}), err
		})
	register(a, operation{method: http.MethodPost, path: "/cases", name: "create-case", summary: "Begin a disposal case", tag: tagDisposal, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *body[DisposalWish]) (*body[DisposalCase], error) {
			wish, err := in.Body.wish()
			if err != nil {
				return nil, err
			}
			return a.written(ctx)(service.Create(ctx, wish))
		})
	one := func(ctx context.Context, in *OneInput, do func(disposal.ID) (*disposal.Case, error)) (*body[DisposalCase], error) {
		of, err := thing[disposal.Mark](in.ID, "disposal_case")
		if err != nil {
			return nil, err
		}
		return a.written(ctx)(do(of))
	}
	register(a, operation{method: http.MethodGet, path: "/cases/{id}", name: "get-case", summary: "Get a disposal case", tag: tagDisposal, rule: read},
		func(ctx context.Context, in *OneInput) (*body[DisposalCase], error) {
			return one(ctx, in, func(of disposal.ID) (*disposal.Case, error) { return service.Get(ctx, of) })
		})
	register(a, operation{method: http.MethodPut, path: "/cases/{id}", name: "change-case", summary: "Say something else about a disposal case", tag: tagDisposal, rule: edit},
		func(ctx context.Context, in *struct {
			OneInput
			Body DisposalWish
		}) (*body[DisposalCase], error) {
			return one(ctx, &in.OneInput, func(of disposal.ID) (*disposal.Case, error) {
				wish := disposal.Wish{Title: in.Body.Title, Sensitivity: in.Body.Sensitivity, Reason: in.Body.Reason}
				return service.Change(ctx, of, wish)
			})
		})
	register(a, operation{method: http.MethodGet, path: "/cases/{id}/history", name: "list-case-history", summary: "List what happened to a disposal case", tag: tagDisposal, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Page[DisposalEvent]], error) {
			of, err := thing[disposal.Mark](in.ID, "disposal_case")
			if err != nil {
				return nil, err
			}
			events, err := service.History(ctx, of)
			return whole(events, func(e disposal.Event) DisposalEvent { return DisposalEvent(e) }), err
		})
	register(a, operation{method: http.MethodGet, path: "/cases/{id}/preview", name: "preview-case", summary: "Tell what release will change", tag: tagDisposal, rule: read},
		func(ctx context.Context, in *OneInput) (*body[DisposalChange], error) {
			of, err := thing[disposal.Mark](in.ID, "disposal_case")
			if err != nil {
				return nil, err
			}
			change, err := service.Preview(ctx, of)
			if err != nil {
				return nil, err
			}
			return &body[DisposalChange]{*writeForetold(change)}, nil
		})
	register(a, operation{method: http.MethodGet, path: "/cases/{id}/certificate", name: "get-case-certificate", summary: "Get the certificate of data removal, as PDF in your language", tag: tagDisposal, rule: read},
		func(ctx context.Context, in *OneInput) (*pdf, error) {
			of, err := thing[disposal.Mark](in.ID, "disposal_case")
			if err != nil {
				return nil, err
			}
			made, err := certificate.Make(ctx, service, of, a.texts.Certificate(ctx, languageOf(ctx)))
			if err != nil {
				return nil, err
			}
			return &pdf{"application/pdf", `attachment; filename="` + made.Name + `.pdf"`, made.Content}, nil
		})
	// One door for every state: approving needs another permission than the
	// rest, which the service asks for.
	register(a, operation{method: http.MethodPut, path: "/cases/{id}/state", name: "move-case", summary: "Give a disposal case its next state", tag: tagDisposal, rule: edit},
		func(ctx context.Context, in *struct {
			OneInput
			Body DisposalState
		}) (*body[DisposalCase], error) {
			return one(ctx, &in.OneInput, func(of disposal.ID) (*disposal.Case, error) {
				return service.To(ctx, of, disposal.State(in.Body.State), in.Body.Text)
			})
		})
	for _, decision := range []struct {
		path, summary string
		do            func(context.Context, disposal.ID, string) (*disposal.Case, error)
	}{
		{"approve", "Approve a disposal case", service.Approve}, {"decline", "Decline a disposal case", service.Decline},
	} {
		register(a, operation{
			method: http.MethodPost, path: "/cases/{id}/" + decision.path, name: decision.path + "-case", summary: decision.summary,
			tag: tagDisposal, rule: identity.Needs(identity.DisposalApprove),
		}, func(ctx context.Context, in *struct {
			OneInput
			Body struct {
				Note string `json:"note,omitempty" doc:"A reason when it is declined."`
			}
		}) (*body[DisposalCase], error) {
			return one(ctx, &in.OneInput, func(of disposal.ID) (*disposal.Case, error) { return decision.do(ctx, of, in.Body.Note) })
		})
	}
	a.disposalLines(edit, record)
	a.disposalDrives(record)
}

func (a *API) disposalLines(edit, record identity.Rule) {
	service := a.services.Disposal
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/lines", name: "add-to-case", summary: "Put assets into a disposal case", tag: tagDisposal, rule: edit},
		func(ctx context.Context, in *struct {
			OneInput
			Body DisposalLines
		}) (*body[DisposalCase], error) {
			of, err := thing[disposal.Mark](in.ID, "disposal_case")
			if err != nil {
				return nil, err
			}
			assets := make([]asset.ID, len(in.Body.Assets))
			for i, text := range in.Body.Assets {
				if assets[i], err = thing[asset.Mark](text, "asset"); err != nil {
					return nil, err
				}
			}
			return a.written(ctx)(service.Add(ctx, of, in.Body.Route, in.Body.Reason, assets...))
		})
	line := func(ctx context.Context, in *LineInput, do func(disposal.ID, disposal.LineID) (*disposal.Case, error)) (*body[DisposalCase], error) {
		of, err := thing[disposal.Mark](in.ID, "disposal_case")
		if err != nil {
			return nil, err
		}
		which, err := thing[disposal.LineMark](in.Line, "disposal_line")
		if err != nil {
			return nil, err
		}
		return a.written(ctx)(do(of, which))
	}
	register(a, operation{method: http.MethodDelete, path: "/cases/{id}/lines/{line}", name: "remove-from-case", summary: "Take an asset out of a draft", tag: tagDisposal, rule: edit},
		func(ctx context.Context, in *LineInput) (*body[DisposalCase], error) {
			return line(ctx, in, func(of disposal.ID, which disposal.LineID) (*disposal.Case, error) {
				return service.Remove(ctx, of, which)
			})
		})
	register(a, operation{method: http.MethodPut, path: "/cases/{id}/lines/{line}/route", name: "reroute-line", summary: "Send an asset of a draft another way", tag: tagDisposal, rule: edit},
		func(ctx context.Context, in *struct {
			LineInput
			Body DisposalRerouting
		}) (*body[DisposalCase], error) {
			return line(ctx, &in.LineInput, func(of disposal.ID, which disposal.LineID) (*disposal.Case, error) {
				return service.Reroute(ctx, of, which, in.Body.Route, in.Body.Reason)
			})
		})
	for _, op := range []struct {
		path, name, summary string
		rule                identity.Rule
		do                  func(context.Context, disposal.ID, disposal.LineID, string) (*disposal.Case, error)
	}{
		{"taker", "settle-line", "Say who takes an asset that is offered", edit, service.Settle},
		{"pass", "pass-line", "Offer an asset on the next rung of the ladder, with the reason", edit, service.Pass},
		{"no-data", "confirm-no-data", "Say why an asset in which no drive is known holds no data", record, service.NoData},
	} {
		register(a, operation{method: http.MethodPost, path: "/cases/{id}/lines/{line}/" + op.path, name: op.name, summary: op.summary, tag: tagDisposal, rule: op.rule},
			func(ctx context.Context, in *struct {
				LineInput
				Body DisposalWords
			}) (*body[DisposalCase], error) {
				return line(ctx, &in.LineInput, func(of disposal.ID, which disposal.LineID) (*disposal.Case, error) {
					return op.do(ctx, of, which, in.Body.Text)
				})
			})
	}
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/lines/{line}/drives", name: "add-drive", summary: "Add a drive that you know of and no device reported", tag: tagDisposal, rule: record},
		func(ctx context.Context, in *struct {
			LineInput
			Body DisposalDriveWish
		}) (*body[DisposalCase], error) {
			return line(ctx, &in.LineInput, func(of disposal.ID, which disposal.LineID) (*disposal.Case, error) {
				b := in.Body
				return service.AddDrive(ctx, of, which, disposal.DriveWish{
					Serial: b.Serial, Maker: b.Maker, Model: b.Model, SizeBytes: b.SizeBytes, Medium: disposal.Medium(b.Medium), Note: b.Note,
				})
			})
		})
}

func (a *API) disposalDrives(record identity.Rule) {
	service := a.services.Disposal
	drive := func(ctx context.Context, in *DriveInput, do func(disposal.ID, disposal.DriveID) (*disposal.Case, error)) (*body[DisposalCase], error) {
		of, err := thing[disposal.Mark](in.ID, "disposal_case")
		if err != nil {
			return nil, err
		}
		which, err := thing[disposal.DriveMark](in.Drive, "drive")
		if err != nil {
			return nil, err
		}
		return a.written(ctx)(do(of, which))
	}
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/drives/{drive}/record", name: "record-drive", summary: "Record how the data on a drive was removed", tag: tagDisposal, rule: record},
		func(ctx context.Context, in *struct {
			DriveInput
			Body DisposalRecordWish
		}) (*body[DisposalCase], error) {
			b := in.Body
			wish := disposal.RecordWish{
				Outcome: disposal.Outcome(b.Outcome), Technique: b.Technique, Tool: b.Tool, ToolVersion: b.ToolVersion,
				Performer: b.Performer, Medium: disposal.Medium(b.Medium), Note: b.Note,
			}
			if wrong := setDay(&b.PerformedOn, "performed_on", &wish.PerformedOn); len(wrong) > 0 {
				return nil, fault.NewInvalid(wrong...)
			}
			return drive(ctx, &in.DriveInput, func(of disposal.ID, which disposal.DriveID) (*disposal.Case, error) {
				return service.Record(ctx, of, which, wish)
			})
		})
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/drives/{drive}/loss", name: "record-loss", summary: "Record that a drive cannot be found", tag: tagDisposal, rule: record},
		func(ctx context.Context, in *struct {
			DriveInput
			Body DisposalLoss
		}) (*body[DisposalCase], error) {
			return drive(ctx, &in.DriveInput, func(of disposal.ID, which disposal.DriveID) (*disposal.Case, error) {
				return service.Lose(ctx, of, which, in.Body.Ticket, in.Body.Note)
			})
		})
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/drives/{drive}/validation", name: "validate-drive", summary: "Check the record of a drive, as another person", tag: tagDisposal, rule: record},
		func(ctx context.Context, in *struct {
			DriveInput
			Body DisposalCheck
		}) (*body[DisposalCase], error) {
			return drive(ctx, &in.DriveInput, func(of disposal.ID, which disposal.DriveID) (*disposal.Case, error) {
				return service.Validate(ctx, of, which, in.Body.Verification, in.Body.Note)
			})
		})
	register(a, operation{method: http.MethodPost, path: "/cases/{id}/drives/{drive}/withdrawal", name: "withdraw-record", summary: "Take back a record that was wrong", tag: tagDisposal, rule: record},
		func(ctx context.Context, in *struct {
			DriveInput
			Body DisposalWords
		}) (*body[DisposalCase], error) {
			return drive(ctx, &in.DriveInput, func(of disposal.ID, which disposal.DriveID) (*disposal.Case, error) {
				return service.Withdraw(ctx, of, which, in.Body.Text)
			})
		})
}

func (w DisposalWish) wish() (disposal.Wish, error) {
	wish := disposal.Wish{Title: w.Title, Sensitivity: w.Sensitivity, Reason: w.Reason}
	if w.UnitID == "" {
		return wish, nil // the service says that it is required
	}
	of, err := id.Parse[identity.Unit](w.UnitID)
	if err != nil {
		return wish, fault.NewInvalid(fault.Field{Name: "unit_id", Key: "problem.field.uuid"})
	}
	wish.UnitID = of
	return wish, nil
}

// written answers with a case as it is now.
func (a *API) written(ctx context.Context) func(*disposal.Case, error) (*body[DisposalCase], error) {
	return func(c *disposal.Case, err error) (*body[DisposalCase], error) {
		if err != nil {
			return nil, err
		}
		wanted, err := a.services.Disposal.Wanted(ctx, c)
		if err != nil {
			return nil, err
		}
		return &body[DisposalCase]{writeCase(c, wanted)}, nil
	}
}

func writeDisposal(r disposal.Row) Disposal {
	return Disposal{
		ID: r.ID.String(), Number: r.Number, Title: r.Title, State: string(r.State), UnitID: r.UnitID.String(), Unit: r.Unit,
		Assets: r.Assets, Drives: r.Drives, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

func writeCase(c *disposal.Case, wanted int) DisposalCase {
	drives, _ := c.Drives()
	written := DisposalCase{
		Disposal: Disposal{
			ID: c.ID.String(), Number: c.Number, Title: c.Title, State: string(c.State), UnitID: c.UnitID.String(), Unit: c.Unit,
			Assets: len(c.Lines), Drives: drives, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		},
		Sensitivity: c.Sensitivity, Reason: c.Reason, ProposedBy: c.ProposedBy, Collector: c.Collector, Wanted: wanted,
		Next:      each(c.State.Next(), func(t disposal.Transition) string { return string(t.To) }),
		Lines:     each(c.Lines, writeLine),
		Blocked:   each(c.Problems(), writeProblem),
		Sightings: each(c.Sightings, writeSighting),
		Approvals: each(c.Approvals, func(p disposal.Approval) DisposalApproval {
			return DisposalApproval{p.Name, string(p.Decided), p.Note, p.At, p.VoidAt.IsZero() && p.Version == c.Version}
		}),
	}
	if c.Outcome != nil {
		written.Outcome = writeForetold(c.Outcome)
	}
	return written
}

func writeProblem(p disposal.Problem) DisposalProblem {
	written := DisposalProblem{Kind: "unconfirmed", LineID: p.Line.ID.String(), Tag: p.Line.Tag}
	if p.Drive != nil {
		written.Kind, written.DriveID, written.Drive = string(p.Drive.Need()), p.Drive.ID.String(), p.Drive.Name()
	}
	return written
}

func writeLine(l disposal.Line) DisposalLine {
	return DisposalLine{
		ID: l.ID.String(), AssetID: l.AssetID.String(), Tag: l.Tag, Kind: string(l.Kind), Model: l.Model, Status: string(l.Status),
		Route: l.Route, Reason: l.Reason, Taker: l.Taker, SettledAt: known(l.SettledAt), NoData: l.NoData.Reason, NoDataBy: l.NoData.By,
		NeedsWord: l.NeedsWord(), Drives: each(l.Drives, writeDrive),
		Offers: each(l.Offers, func(o disposal.Offer) DisposalOffer {
			return DisposalOffer{o.Route, o.Outcome, o.StartedAt, known(o.EndsAt), known(o.EndedAt), o.Taker, o.Reason}
		}),
	}
}

func writeDrive(d disposal.Drive) DisposalDrive {
	written := DisposalDrive{
		ID: d.ID.String(), Serial: d.Serial, Maker: d.Maker, Model: d.Model, SizeBytes: d.SizeBytes, Medium: string(d.Medium),
		Device: d.DeviceName, LastSeen: known(d.LastSeen), RemovedAt: known(d.RemovedAt), Need: string(d.Need()), Weak: d.Weak(),
	}
	if d.Moved != nil {
		written.MovedTo = d.Moved.Name
	}
	if r := d.Record; r != nil {
		written.Record = &DisposalRecord{
			Outcome: string(r.Outcome), Technique: r.Technique, Tool: r.Tool, ToolVersion: r.ToolVersion, Performer: r.Performer,
			PerformedOn: dayText(r.PerformedOn), Note: r.Note, Ticket: r.Ticket, RecordedBy: r.RecordedBy,
			Verification: r.Verification, ValidatedBy: r.ValidatedBy, ValidatedAt: known(r.ValidatedAt),
		}
	}
	return written
}

func writeForetold(c *disposal.Change) *DisposalChange {
	return &DisposalChange{
		Disposed: c.Disposed, Kept: c.Kept, Held: c.Held, People: c.People, Agents: c.Agents, Alerts: c.Alerts, Drives: c.Drives,
		Rights:  each(c.Rights, func(r disposal.RightChange) disposal.RightChange { return r }),
		Tickets: each(c.Tickets, func(t disposal.OpenTicket) DisposalTicket { return DisposalTicket{t.ID.String(), t.Number} }),
		Costs:   each(c.Costs, func(m disposal.Cost) DisposalCost { return DisposalCost{money.Format(m.Cents), m.Currency} }),
	}
}

func writeSighting(s disposal.Sighting) DisposalSighting {
	return DisposalSighting{s.Name, s.How, s.FirstAt, s.LastAt, s.Count, s.Ticket}
}
