package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/software"
	"holdfast/shared/id"
)

const tagRecognition = "recognition"

// UnrecognisedTitle is a title that no rule catches in some version.
type UnrecognisedTitle struct {
	ID        string    `json:"id" format:"uuid"`
	Title     string    `json:"title"`
	Publisher string    `json:"publisher,omitempty"`
	Source    string    `json:"source,omitempty"`
	Versions  int64     `json:"versions" doc:"Versions that nobody knows."`
	Devices   int64     `json:"devices" doc:"Devices that have the title, as last counted."`
	FirstSeen time.Time `json:"first_seen"`
}

// RecognitionSpec is what a rule says.
type RecognitionSpec struct {
	Match        string `json:"match" enum:"exact,prefix,contains,regexp" doc:"How the name is compared; letters whatever their case."`
	Name         string `json:"name" doc:"Name, or a part of it, or a regular expression (RE2) for the whole of it; its groups named version and edition are read."`
	Publisher    string `json:"publisher,omitempty" doc:"How the publisher begins, in whole words."`
	Sources      string `json:"sources,omitempty" doc:"Package sources, separated by commas."`
	VersionFrom  string `json:"version_from,omitempty" doc:"First version that is meant."`
	VersionUntil string `json:"version_until,omitempty" doc:"First version that is no longer meant."`
	Edition      string `json:"edition,omitempty" doc:"How the edition begins, in whole words."`
	Arch         string `json:"arch,omitempty" doc:"Processor architecture."`
	Class        string `json:"class" enum:"product,part,ignored" doc:"What it catches."`
	Product      string `json:"product,omitempty" doc:"Key of the product; {version} and {edition} stand for what the rule reads."`
	Priority     int    `json:"priority,omitempty" doc:"The higher one wins, whatever else is more exact."`
	Note         string `json:"note,omitempty" doc:"Why, for people."`
}

// RecognitionWish is a rule to be made.
type RecognitionWish struct {
	RecognitionSpec
	NewProduct *ProductChange `json:"new_product,omitempty" doc:"Makes the product, when there is none of this key."`
}

func (w RecognitionWish) wish() recognition.Wish {
	s := w.RecognitionSpec
	return recognition.Wish{
		Spec: recognition.Spec{
			Match: recognition.Match(s.Match), Name: s.Name, Publisher: s.Publisher, Sources: s.Sources, VersionFrom: s.VersionFrom,
			VersionUntil: s.VersionUntil, Edition: s.Edition, Arch: s.Arch, Class: recognition.Class(s.Class), Product: s.Product,
			Priority: s.Priority, Note: s.Note,
		},
		NewProduct: w.NewProduct.wish(),
	}
}

// RecognitionRule is a rule as it is kept.
type RecognitionRule struct {
	ID string `json:"id" format:"uuid"`
	RecognitionSpec
	Origin        string     `json:"origin" enum:"bundled,local"`
	BundleVersion string     `json:"bundle_version,omitempty" doc:"Of a bundled rule."`
	ProductID     string     `json:"product_id,omitempty" format:"uuid" doc:"Absent when the key says {version} or {edition}."`
	Releases      int64      `json:"releases" doc:"Releases that it decides about and some device has."`
	Conflicts     int64      `json:"conflicts" doc:"Of these, those about which another rule of equal rank says otherwise."`
	UpdatedAt     time.Time  `json:"updated_at"`
	UpdatedBy     string     `json:"updated_by"`
	RetiredAt     *time.Time `json:"retired_at,omitempty" doc:"No longer in force since then."`
}

// RecognitionPreview is what a rule would do.
type RecognitionPreview struct {
	Releases  int               `json:"releases" doc:"Releases that it would decide about."`
	Titles    int               `json:"titles"`
	Installs  int               `json:"installs" doc:"Installations of these releases, as last counted."`
	Changed   int               `json:"changed" doc:"Releases that would be something else than now."`
	Caught    []RecognitionHold `json:"caught" nullable:"false" doc:"Releases that it would decide about, the most installed first, at most 200."`
	Overruled []RecognitionHold `json:"overruled" nullable:"false" doc:"Releases that it fits while a better rule decides, at most 200."`
}

// RecognitionHold is a release with what it is now and what it would be.
type RecognitionHold struct {
	TitleID   string             `json:"title_id" format:"uuid"`
	Title     string             `json:"title"`
	Publisher string             `json:"publisher,omitempty"`
	Source    string             `json:"source,omitempty"`
	Version   string             `json:"version,omitempty"`
	Edition   string             `json:"edition,omitempty"`
	Arch      string             `json:"arch,omitempty"`
	Devices   int                `json:"devices"`
	Was       RecognitionVerdict `json:"was"`
	Is        RecognitionVerdict `json:"is"`
}

// RecognitionVerdict says what a release is and by which rule; empty when
// nobody knows.
type RecognitionVerdict struct {
	Class   string `json:"class,omitempty"`
	Product string `json:"product,omitempty" doc:"Key."`
	Rule    string `json:"rule,omitempty" doc:"Name of the rule."`
}

// RecognitionRuleInput is a rule with its place.
type RecognitionRuleInput struct {
	OneInput
	Body RecognitionWish
}

// RecognitionPreviewInput is a rule that is to be previewed.
type RecognitionPreviewInput struct {
	Instead string `query:"instead" format:"uuid" doc:"Rule that it would replace."`
	Body    RecognitionWish
}

func (a *API) recognition() {
	needs, service := identity.Needs(identity.RecognitionManage), a.services.Recognition
	queue := recognition.QueueColumns()
	registerList(a, operation{path: "/recognition/titles", name: "list-unrecognised-titles", summary: "List the titles that no rule catches", tag: tagRecognition, rule: needs},
		queue.Fields(), queue.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[UnrecognisedTitle]], error) {
			return readPage(in.values, queue, func(q list.Query) (list.Page[recognition.Waiting], error) { return service.Queue(ctx, q) }, writeWaiting)
		})
	register(a, operation{method: http.MethodPost, path: "/recognition/titles/{id}/ignore", name: "ignore-title", summary: "Make a rule by which a title is of no interest", tag: tagRecognition, rule: needs, status: http.StatusCreated},
		func(ctx context.Context, in *OneInput) (*body[RecognitionRule], error) {
			of, err := thing[software.Title](in.ID, "title")
			if err != nil {
				return nil, err
			}
			return a.recognitionRule(ctx)(service.Ignore(ctx, of))
		})
	rules := recognition.RuleColumns()
	registerList(a, operation{path: "/recognition/rules", name: "list-recognition-rules", summary: "List the rules in force", tag: tagRecognition, rule: needs},
		rules.Fields(), rules.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[RecognitionRule]], error) {
			return readPage(in.values, rules, func(q list.Query) (list.Page[recognition.RuleRow], error) { return service.Rules(ctx, q) }, writeRecognitionRule)
		})
	register(a, operation{method: http.MethodPost, path: "/recognition/rules", name: "create-recognition-rule", summary: "Make a local rule", tag: tagRecognition, rule: needs, status: http.StatusCreated},
		func(ctx context.Context, in *body[RecognitionWish]) (*body[RecognitionRule], error) {
			return a.recognitionRule(ctx)(service.Make(ctx, in.Body.wish()))
		})
	register(a, operation{method: http.MethodPost, path: "/recognition/rules/preview", name: "preview-recognition-rule", summary: "Say what a rule would catch, and change nothing", tag: tagRecognition, rule: needs},
		func(ctx context.Context, in *RecognitionPreviewInput) (*body[RecognitionPreview], error) {
			var instead recognition.RuleID
			if in.Instead != "" {
				var err error
				if instead, err = id.Parse[recognition.Rule](in.Instead); err != nil {
					return nil, located{fault.NewInvalid(fault.Field{Name: "instead", Key: "problem.field.uuid"}), "query"}
				}
			}
			preview, err := service.Preview(ctx, in.Body.wish(), instead)
			return &body[RecognitionPreview]{writePreview(preview)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/recognition/rules/{id}", name: "get-recognition-rule", summary: "Get a rule, in force or not", tag: tagRecognition, rule: identity.Needs(identity.ProductsRead)},
		func(ctx context.Context, in *OneInput) (*body[RecognitionRule], error) {
			of, err := thing[recognition.Rule](in.ID, "recognition_rule")
			if err != nil {
				return nil, err
			}
			found, err := service.Rule(ctx, of)
			return &body[RecognitionRule]{writeRecognitionRule(found)}, err
		})
	register(a, operation{method: http.MethodPut, path: "/recognition/rules/{id}", name: "change-recognition-rule", summary: "Replace what a local rule says", tag: tagRecognition, rule: needs},
		func(ctx context.Context, in *RecognitionRuleInput) (*body[RecognitionRule], error) {
			of, err := thing[recognition.Rule](in.ID, "recognition_rule")
			if err != nil {
				return nil, err
			}
			changed, err := service.Change(ctx, of, in.Body.wish())
			return a.recognitionRule(ctx)([]recognition.Rule{changed}, err)
		})
	a.turnRule(operation{method: http.MethodDelete, path: "/recognition/rules/{id}", name: "retire-recognition-rule", summary: "Take a local rule out of force"}, service.Retire)
	a.turnRule(operation{method: http.MethodPost, path: "/recognition/rules/{id}/undo", name: "undo-recognition-rule", summary: "Take the last change of a local rule back"}, service.Undo)
}

// turnRule adds an operation that changes a rule and needs to be told nothing
// but which.
func (a *API) turnRule(op operation, turn func(context.Context, ...recognition.RuleID) ([]recognition.Rule, error)) {
	op.tag, op.rule = tagRecognition, identity.Needs(identity.RecognitionManage)
	register(a, op, func(ctx context.Context, in *OneInput) (*body[RecognitionRule], error) {
		of, err := thing[recognition.Rule](in.ID, "recognition_rule")
		if err != nil {
			return nil, err
		}
		return a.recognitionRule(ctx)(turn(ctx, of))
	})
}

// recognitionRule answers with a rule that has just been saved.
func (a *API) recognitionRule(ctx context.Context) func([]recognition.Rule, error) (*body[RecognitionRule], error) {
	return func(saved []recognition.Rule, err error) (*body[RecognitionRule], error) {
		if err != nil {
			return nil, err
		}
		found, err := a.services.Recognition.Rule(ctx, saved[0].ID)
		return &body[RecognitionRule]{writeRecognitionRule(found)}, err
	}
}

func writeWaiting(w recognition.Waiting) UnrecognisedTitle {
	return UnrecognisedTitle{
		ID: w.ID.String(), Title: w.Name, Publisher: w.Publisher, Source: w.Source, Versions: w.Versions, Devices: w.Devices, FirstSeen: w.FirstSeen,
	}
}

func writeRecognitionRule(r recognition.RuleRow) RecognitionRule {
	return RecognitionRule{
		ID: r.ID.String(),
		RecognitionSpec: RecognitionSpec{
			Match: string(r.Match), Name: r.Name, Publisher: r.Publisher, Sources: r.Sources, VersionFrom: r.VersionFrom, VersionUntil: r.VersionUntil,
			Edition: r.Edition, Arch: r.Arch, Class: string(r.Class), Product: r.Product, Priority: r.Priority, Note: r.Note,
		},
		Origin: string(r.Origin), BundleVersion: r.BundleVersion, ProductID: r.ProductID.String(), Releases: r.Releases, Conflicts: r.Conflicts,
		UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy, RetiredAt: r.RetiredAt,
	}
}

func writePreview(p recognition.Preview) RecognitionPreview {
	return RecognitionPreview{
		Releases: p.Releases, Titles: p.Titles, Installs: p.Installs, Changed: p.Changed,
		Caught: each(p.Caught, writeCaught), Overruled: each(p.Overruled, writeCaught),
	}
}

func writeCaught(c recognition.Caught) RecognitionHold {
	return RecognitionHold{
		TitleID: c.TitleID.String(), Title: c.Name, Publisher: c.Publisher, Source: c.Source, Version: c.Version, Edition: c.Edition, Arch: c.Arch,
		Devices: c.Devices, Was: writeVerdict(c.Was), Is: writeVerdict(c.Is),
	}
}

func writeVerdict(v recognition.Verdict) RecognitionVerdict {
	written := RecognitionVerdict{Class: string(v.Class), Product: v.Product}
	if v.Rule != nil {
		written.Rule = v.Rule.Name
	}
	return written
}
