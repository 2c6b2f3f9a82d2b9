package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/money"
	"holdfast/server/position"
	"holdfast/server/recognition"
)

const tagLicences = "licences"

// LicencePosition is what is owned and needed of a product.
type LicencePosition struct {
	ProductID  string     `json:"product_id" format:"uuid"`
	Key        string     `json:"key"`
	Product    string     `json:"product"`
	Publisher  string     `json:"publisher,omitempty"`
	Status     string     `json:"status" enum:"short,unknown,exact,ample"`
	Metric     string     `json:"metric" doc:"How it is counted: a kind of metric."`
	Rule       string     `json:"rule,omitempty" doc:"Rule of the bundle that it is counted by."`
	Owned      int64      `json:"owned"`
	Needed     int64      `json:"needed"`
	Idle       int64      `json:"idle" doc:"Owned, but bound where nothing needs it."`
	Available  int64      `json:"available" doc:"Below zero is short. owned = needed + idle + available."`
	Certain    bool       `json:"certain" doc:"No when something could not be counted; needed is the least then."`
	Exposure   string     `json:"exposure,omitempty" doc:"Cost of what is missing, at the last known price." example:"19780.00"`
	Currency   string     `json:"currency,omitempty" doc:"ISO 4217."`
	TermEndsOn string     `json:"term_ends_on,omitempty" format:"date" doc:"Last day of the right in force that ends first."`
	ComputedAt *time.Time `json:"computed_at,omitempty"`
	ChangedAt  *time.Time `json:"changed_at,omitempty" doc:"When the figures last changed."`
}

// LicenceExplanation is the position of one product with its explanation.
type LicenceExplanation struct {
	ProductID    string     `json:"product_id" format:"uuid"`
	Key          string     `json:"key"`
	Product      string     `json:"product"`
	At           string     `json:"at" format:"date" doc:"Day that it holds for."`
	Past         bool       `json:"past" doc:"The day is over: worked out from history."`
	Whole        bool       `json:"whole" doc:"Every line is there; no when it is as kept, with at most 200 lines under each heading and the others as one."`
	ComputedAt   time.Time  `json:"computed_at"`
	ChangedAt    *time.Time `json:"changed_at,omitempty"`
	RulesVersion string     `json:"rules_version"`
	Position     any        `json:"position" doc:"As \"holdfast licence evaluate\" prints it: figures, rule, problems, ways out, and the explanation as trees whose lines add up."`
}

// LicenceSummary is what all positions come to.
type LicenceSummary struct {
	Products        int        `json:"products"`
	Short           int        `json:"short" doc:"Products that are short."`
	Unknown         int        `json:"unknown" doc:"Products that cannot be counted in full."`
	Exposure        []Money    `json:"exposure" nullable:"false" doc:"Cost of what is missing, by currency."`
	Unpriced        int        `json:"unpriced" doc:"Products that are short and nobody knows for how much."`
	RenewalRights   int        `json:"renewal_rights" doc:"Entitlements that end within 90 days."`
	RenewalCost     []Money    `json:"renewal_cost" nullable:"false"`
	Devices         int        `json:"devices"`
	DevicesReported int        `json:"devices_reported" doc:"Of them, those heard of within 14 days."`
	Titles          int        `json:"titles"`
	Unrecognised    int        `json:"unrecognised" doc:"Titles that nobody knows what they are."`
	ComputedAt      *time.Time `json:"computed_at,omitempty" doc:"Of the position that is the oldest."`
}

// Money is an amount of a currency.
type Money struct {
	Amount   string `json:"amount" example:"19780.00"`
	Currency string `json:"currency" doc:"ISO 4217."`
}

// LicenceChange is what the figures of a product were from a time on.
type LicenceChange struct {
	At           time.Time `json:"at"`
	Owned        int64     `json:"owned"`
	Needed       int64     `json:"needed"`
	Idle         int64     `json:"idle"`
	Available    int64     `json:"available"`
	Certain      bool      `json:"certain"`
	Cause        string    `json:"cause" enum:"report,recognition,decision,asset,day,start"`
	RulesVersion string    `json:"rules_version"`
}

// LicenceInstallation is a release of a product on a device.
type LicenceInstallation struct {
	DeviceID string     `json:"device_id" format:"uuid"`
	Device   string     `json:"device"`
	Kind     string     `json:"kind"`
	UnitID   string     `json:"unit_id" format:"uuid"`
	Unit     string     `json:"unit"`
	Title    string     `json:"title" doc:"As it was reported."`
	Version  string     `json:"version,omitempty"`
	Edition  string     `json:"edition,omitempty"`
	User     string     `json:"user,omitempty" doc:"Who was last seen on it; absent for readers who may not know."`
	Since    time.Time  `json:"since"`
	SeenAt   *time.Time `json:"seen_at,omitempty"`
}

// DeviceLicence is a licensed product on a device.
type DeviceLicence struct {
	ProductID string   `json:"product_id" format:"uuid"`
	Key       string   `json:"key"`
	Product   string   `json:"product"`
	Versions  []string `json:"versions" nullable:"false"`
	Status    string   `json:"status,omitempty" enum:"short,unknown,exact,ample" doc:"Of the product in the whole organisation."`
	Short     int64    `json:"short" doc:"Rights that are missing."`
	Metric    string   `json:"metric,omitempty"`
	Bound     []string `json:"bound" nullable:"false" doc:"References of rights that are bound to the device."`
	Exemption string   `json:"exemption,omitempty" doc:"Reference of the exemption that covers it."`
}

// LicenceEffect is what becomes of a position when assets leave.
type LicenceEffect struct {
	ProductID string         `json:"product_id" format:"uuid"`
	Key       string         `json:"key"`
	Product   string         `json:"product"`
	Before    LicenceFigures `json:"before"`
	After     LicenceFigures `json:"after"`
	Leaving   []string       `json:"leaving" nullable:"false" doc:"References of rights that leave with the assets."`
	Returning int64          `json:"returning" doc:"Rights that are free again."`
}

// LicenceFigures are the figures of a position.
type LicenceFigures struct {
	Owned     int64 `json:"owned"`
	Needed    int64 `json:"needed"`
	Idle      int64 `json:"idle"`
	Available int64 `json:"available"`
}

// LeavingAssets are assets that would leave.
type LeavingAssets struct {
	AssetIDs []string `json:"asset_ids" maxItems:"500" nullable:"false"`
}

// LicenceRule is how a vendor counts a family of products.
type LicenceRule struct {
	ID          string `json:"id"`
	InForceFrom string `json:"in_force_from" format:"date"`
	Applies     string `json:"applies"`
	Publisher   string `json:"publisher"`
	Document    string `json:"document"`
	Date        string `json:"date"`
	Metric      any    `json:"metric" doc:"Kind and parameters."`
	Packs       any    `json:"packs,omitempty"`
}

// PositionInput names a product and a day.
type PositionInput struct {
	OneInput
	At    string `query:"at" doc:"Day such as 2026-03-31; without it, now." example:"2026-03-31"`
	Whole bool   `query:"whole" doc:"Work it out anew with every line, instead of answering what is kept."`
}

// AtInput names a day.
type AtInput struct {
	At string `query:"at" doc:"Day such as 2026-03-31; without it, now." example:"2026-03-31"`
}

func (a *API) licences() {
	read, service := identity.Needs(identity.LicencesRead), a.services.Positions
	columns := position.Columns()
	registerList(a, operation{path: "/licences/positions", name: "list-licence-positions", summary: "List licence positions", tag: tagLicences, rule: read},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[LicencePosition]], error) {
			return readPage(in.values, columns, func(q list.Query) (list.Page[position.Row], error) { return service.List(ctx, q) }, writePosition)
		})
	register(a, operation{method: http.MethodGet, path: "/licences/positions-at", name: "list-licence-positions-at", summary: "List all licence positions as of a day", tag: tagLicences, rule: read},
		func(ctx context.Context, in *AtInput) (*body[Page[LicencePosition]], error) {
			day, err := dayAt(in.At)
			if err != nil {
				return nil, err
			}
			found, err := service.All(ctx, day)
			return whole(found, writePosition), err
		})
	register(a, operation{method: http.MethodGet, path: "/licences/summary", name: "get-licence-summary", summary: "Get what all licence positions come to", tag: tagLicences, rule: read},
		func(ctx context.Context, _ *struct{}) (*body[LicenceSummary], error) {
			found, err := service.Portfolio(ctx)
			return &body[LicenceSummary]{writePortfolio(found)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/licences/rules", name: "list-licence-rules", summary: "List the rules by which products are counted", tag: tagLicences, rule: read},
		func(context.Context, *struct{}) (*body[Page[LicenceRule]], error) {
			return whole(licence.Bundled().Rules, writeRule), nil
		})
	register(a, operation{method: http.MethodGet, path: "/licences/positions/{id}", name: "get-licence-position", summary: "Get the licence position of a product and why it is so", tag: tagLicences, rule: read}, a.position)
	register(a, operation{method: http.MethodGet, path: "/licences/positions/{id}/history", name: "list-licence-history", summary: "List what the licence position of a product was", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Page[LicenceChange]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			past, err := service.History(ctx, of, list.MaxLimit)
			return whole(past, writePast), err
		})
	installations := position.AllInstallationColumns()
	registerList(a, operation{path: "/licences/positions/{id}/installations", name: "list-licence-installations", summary: "List where a product is installed", tag: tagLicences, rule: read},
		installations.Fields(), installations.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[LicenceInstallation]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			return readPage(in.values, position.InstallationColumns(ctx), func(q list.Query) (list.Page[position.Installation], error) {
				return service.Installations(ctx, of, q)
			}, writeLicenceInstallation)
		})
	register(a, operation{method: http.MethodGet, path: "/devices/{id}/licences", name: "list-device-licences", summary: "List the licensed products on a device", tag: tagDevices, rule: identity.Needs(identity.DevicesRead)},
		func(ctx context.Context, in *OneInput) (*body[Page[DeviceLicence]], error) {
			of, err := deviceID(in.ID)
			if err != nil {
				return nil, err
			}
			uses, err := service.OnDevice(ctx, of)
			return whole(uses, writeUse), err
		})
	register(a, operation{method: http.MethodPost, path: "/licences/release-preview", name: "preview-licence-release", summary: "Work out what becomes of licence positions when assets leave", tag: tagLicences, rule: read},
		func(ctx context.Context, in *body[LeavingAssets]) (*body[Page[LicenceEffect]], error) {
			var assets []asset.ID
			for _, text := range in.Body.AssetIDs {
				one, err := thing[asset.Mark](text, "asset")
				if err != nil {
					return nil, err
				}
				assets = append(assets, one)
			}
			effects, err := service.PreviewRelease(ctx, assets)
			return whole(effects, writeEffect), err
		})
}

// dayAt reads a day; nothing is now.
func dayAt(text string) (time.Time, error) {
	var day time.Time
	if wrong := setDay(&text, "at", &day); wrong != nil {
		return time.Time{}, located{fault.NewInvalid(wrong...), "query"}
	}
	return day, nil
}

func (a *API) position(ctx context.Context, in *PositionInput) (*body[LicenceExplanation], error) {
	of, err := thing[recognition.Product](in.ID, "product")
	if err != nil {
		return nil, err
	}
	day, err := dayAt(in.At)
	if err != nil {
		return nil, err
	}
	ask := a.services.Positions.Product
	if in.Whole {
		ask = a.services.Positions.Explain
	}
	found, err := ask(ctx, of, day)
	if err != nil {
		return nil, err
	}
	result := licence.Result{Positions: []licence.Position{found.Position}}
	result.Translate(func(l licence.Label) string {
		return a.texts.Translate(languageOf(ctx), l.Key, l.Written(func(day licence.Date) string { return string(day) }))
	})
	return &body[LicenceExplanation]{LicenceExplanation{
		ProductID: found.ID.String(), Key: found.Key, Product: found.Name, At: string(found.At), Past: found.Past, Whole: !found.Kept,
		ComputedAt: found.Computed, ChangedAt: known(found.Changed), RulesVersion: found.Rules, Position: result.Positions[0],
	}}, nil
}

func writePosition(r position.Row) LicencePosition {
	written := LicencePosition{
		ProductID: r.ID.String(), Key: r.Key, Product: r.Name, Publisher: r.Publisher, Status: string(r.Status), Metric: r.Metric, Rule: r.Rule,
		Owned: r.Owned, Needed: r.Needed, Idle: r.Idle, Available: r.Available, Certain: r.Certain, Currency: r.Currency,
		TermEndsOn: dayText(r.TermEnds), ComputedAt: known(r.ComputedAt), ChangedAt: known(r.ChangedAt),
	}
	if r.ExposureCents != nil {
		written.Exposure = money.Format(*r.ExposureCents)
	}
	return written
}

func writeMoney(m licence.Money) Money { return Money{money.Format(m.Cents), m.Currency} }

func writePortfolio(p position.Portfolio) LicenceSummary {
	return LicenceSummary{
		Products: p.Products, Short: p.Short, Unknown: p.Unknown, Exposure: each(p.Exposure, writeMoney), Unpriced: p.Unpriced,
		RenewalRights: p.Renewals.Rights, RenewalCost: each(p.Renewals.Cost, writeMoney), Devices: p.Devices, DevicesReported: p.Reported,
		Titles: p.Titles, Unrecognised: p.Unrecognised, ComputedAt: known(p.ComputedAt),
	}
}

func writePast(p position.Past) LicenceChange {
	return LicenceChange{p.At, p.Owned, p.Needed, p.Idle, p.Available, p.Certain, string(p.Cause), p.Rules}
}

func writeLicenceInstallation(i position.Installation) LicenceInstallation {
	return LicenceInstallation{
		DeviceID: i.DeviceID.String(), Device: i.Device, Kind: string(i.Kind), UnitID: i.UnitID.String(), Unit: i.Unit, Title: i.Title,
		Version: i.Version, Edition: i.Edition, User: i.LastUser, Since: i.Since, SeenAt: known(i.SeenAt),
	}
}

func writeUse(u position.Use) DeviceLicence {
	return DeviceLicence{
		ProductID: u.Product.String(), Key: u.Key, Product: u.Name, Versions: append([]string{}, u.Versions...), Status: string(u.Status),
		Short: u.Short, Metric: u.Metric, Bound: append([]string{}, u.Bound...), Exemption: u.Exempt,
	}
}

func writeEffect(e position.Effect) LicenceEffect {
	figures := func(f position.Figures) LicenceFigures { return LicenceFigures{f.Owned, f.Needed, f.Idle, f.Available} }
	return LicenceEffect{
		ProductID: e.Product.String(), Key: e.Key, Product: e.Name, Before: figures(e.Before), After: figures(e.After),
		Leaving: append([]string{}, e.Leaving...), Returning: e.Returning(),
	}
}

func writeRule(r licence.Rule) LicenceRule {
	written := LicenceRule{
		ID: r.ID, InForceFrom: string(r.InForceFrom), Applies: r.Applies, Publisher: r.Source.Publisher, Document: r.Source.Document,
		Date: r.Source.Date, Metric: r.Metric,
	}
	if r.Packs != nil {
		written.Packs = r.Packs
	}
	return written
}
