package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/attachment"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/money"
)

// Entitlement is rights of one product, as one line of a purchase.
type Entitlement struct {
	ID              string     `json:"id" format:"uuid"`
	Reference       string     `json:"reference" doc:"By which explanations call it."`
	ProductID       string     `json:"product_id" format:"uuid"`
	Product         string     `json:"product"`
	State           string     `json:"state" enum:"in_force,coming,ended,removed"`
	Quantity        int64      `json:"quantity" doc:"Packs; single rights where pack_size is 1."`
	PackSize        int64      `json:"pack_size"`
	Metric          string     `json:"metric,omitempty" doc:"Kind of metric that it was bought by, where that is not the product's."`
	StartsOn        string     `json:"starts_on,omitempty" format:"date"`
	EndsOn          string     `json:"ends_on,omitempty" format:"date" doc:"The last day; absent is perpetual."`
	MaintainedUntil string     `json:"maintained_until,omitempty" format:"date"`
	Cost            string     `json:"cost,omitempty" doc:"Of the whole quantity." example:"19780.00"`
	Currency        string     `json:"currency,omitempty" doc:"ISO 4217."`
	UnitID          string     `json:"unit_id" format:"uuid" doc:"Unit that bought it; of a site licence, the site."`
	Unit            string     `json:"unit"`
	PaperID         string     `json:"paper_id,omitempty" format:"uuid"`
	Paper           string     `json:"paper,omitempty" doc:"Number of that paper."`
	AssetID         string     `json:"asset_id,omitempty" format:"uuid" doc:"Asset that it is bound to and leaves with."`
	Asset           string     `json:"asset,omitempty" doc:"Tag of that asset."`
	Note            string     `json:"note,omitempty"`
	Undoable        bool       `json:"undoable" doc:"Whether the last change can be undone."`
	CreatedAt       time.Time  `json:"created_at"`
	CreatedBy       string     `json:"created_by"`
	UpdatedAt       time.Time  `json:"updated_at"`
	UpdatedBy       string     `json:"updated_by"`
	RemovedAt       *time.Time `json:"removed_at,omitempty" doc:"When it was taken back; it counts on no day then."`
}

// EntitlementWish is what is to be decided about an entitlement. In a change,
// what is absent stays and what is empty is emptied.
type EntitlementWish struct {
	ProductID       *string `json:"product_id,omitempty" format:"uuid"`
	Quantity        *int64  `json:"quantity,omitempty" minimum:"1"`
	PackSize        *int64  `json:"pack_size,omitempty" minimum:"1"`
	Metric          *string `json:"metric,omitempty"`
	StartsOn        *string `json:"starts_on,omitempty" doc:"Day such as 2026-03-14, or empty."`
	EndsOn          *string `json:"ends_on,omitempty" doc:"Day such as 2029-03-13, or empty."`
	MaintainedUntil *string `json:"maintained_until,omitempty" doc:"Day such as 2029-03-13, or empty."`
	Cost            *string `json:"cost,omitempty" doc:"Amount such as 19780.00, or empty."`
	Currency        *string `json:"currency,omitempty" doc:"ISO 4217."`
	UnitID          *string `json:"unit_id,omitempty" format:"uuid"`
	PaperID         *string `json:"paper_id,omitempty" doc:"Identifier of a paper, or empty."`
	AssetID         *string `json:"asset_id,omitempty" doc:"Identifier of an asset, or empty."`
	Note            *string `json:"note,omitempty"`
}

// Ending is how something is to end.
type Ending struct {
	EndsOn string `json:"ends_on" format:"date" doc:"The last day."`
	Reason string `json:"reason" doc:"Why; it is kept in the audit log."`
}

// TakingBack is why something is taken back.
type TakingBack struct {
	Reason string `json:"reason" doc:"Why; it is kept in the audit log."`
}

// Paper proves that rights were bought.
type Paper struct {
	ID           string    `json:"id" format:"uuid"`
	Number       string    `json:"number" doc:"As the supplier writes it."`
	Kind         string    `json:"kind" enum:"order,invoice,contract,certificate,other"`
	Supplier     string    `json:"supplier,omitempty"`
	DatedOn      string    `json:"dated_on,omitempty" format:"date"`
	Note         string    `json:"note,omitempty"`
	Entitlements int       `json:"entitlements" doc:"How many it proves."`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// PaperDetail is a paper with its files.
type PaperDetail struct {
	Paper
	Files []PaperFile `json:"files" nullable:"false"`
}

// PaperFile is a file of a paper, without its content.
type PaperFile struct {
	ID        string    `json:"id" format:"uuid"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size" doc:"Bytes."`
	CreatedAt time.Time `json:"created_at"`
}

// PaperWish is what a paper is to be. In a change, what is absent stays.
type PaperWish struct {
	Number   *string `json:"number,omitempty"`
	Kind     *string `json:"kind,omitempty" enum:"order,invoice,contract,certificate,other"`
	Supplier *string `json:"supplier,omitempty"`
	DatedOn  *string `json:"dated_on,omitempty" doc:"Day such as 2026-03-14, or empty."`
	Note     *string `json:"note,omitempty"`
}

// OneBody names a thing and says something about it.
type OneBody[T any] struct {
	OneInput
	Body T
}

// PaperUpload is a file for a paper.
type PaperUpload struct {
	OneInput
	Name    string `query:"name" required:"true" maxLength:"200" doc:"Name of the file; its ending says what it is."`
	RawBody []byte `contentType:"application/octet-stream"`
}

// Download is a file.
type Download struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (a *API) entitlements() {
	read, edit := identity.Needs(identity.LicencesRead), identity.Needs(identity.LicencesEdit)
	service := a.services.Rights
	columns := entitlement.Columns(time.Time{})
	registerList(a, operation{path: "/licences/entitlements", name: "list-entitlements", summary: "List entitlements", tag: tagLicences, rule: read},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Entitlement]], error) {
			return readPage(in.values, entitlement.Columns(service.Today()), func(q list.Query) (list.Page[entitlement.Row], error) {
				return service.List(ctx, q)
			}, a.writeEntitlement)
		})
	register(a, operation{method: http.MethodPost, path: "/licences/entitlements", name: "create-entitlement", summary: "Record rights that were bought", tag: tagLicences, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *body[EntitlementWish]) (*body[Entitlement], error) {
			wish, err := in.Body.apply(entitlement.Wish{})
			if err != nil {
				return nil, err
			}
			return a.entitled(service.Create(ctx, wish))
		})
	one := func(text string, do func(entitlement.ID) (entitlement.Row, error)) (*body[Entitlement], error) {
		of, err := thing[entitlement.Mark](text, "entitlement")
		if err != nil {
			return nil, err
		}
		return a.entitled(do(of))
	}
	register(a, operation{method: http.MethodGet, path: "/licences/entitlements/{id}", name: "get-entitlement", summary: "Get an entitlement", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Entitlement], error) {
			return one(in.ID, func(of entitlement.ID) (entitlement.Row, error) { return service.Get(ctx, of) })
		})
	register(a, operation{method: http.MethodPatch, path: "/licences/entitlements/{id}", name: "change-entitlement", summary: "Decide about an entitlement", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[EntitlementWish]) (*body[Entitlement], error) {
			return one(in.ID, func(of entitlement.ID) (entitlement.Row, error) { return service.Alter(ctx, of, in.Body.apply) })
		})
	register(a, operation{method: http.MethodPost, path: "/licences/entitlements/{id}/end", name: "end-entitlement", summary: "Let an entitlement end with a day", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[Ending]) (*body[Entitlement], error) {
			var day time.Time
			if wrong := setDay(&in.Body.EndsOn, "ends_on", &day); wrong != nil {
				return nil, fault.NewInvalid(wrong...)
			}
			return one(in.ID, func(of entitlement.ID) (entitlement.Row, error) { return service.End(ctx, of, day, in.Body.Reason) })
		})
	register(a, operation{method: http.MethodPost, path: "/licences/entitlements/{id}/remove", name: "remove-entitlement", summary: "Take back an entitlement that was recorded by mistake", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[TakingBack]) (*body[Entitlement], error) {
			return one(in.ID, func(of entitlement.ID) (entitlement.Row, error) { return service.Remove(ctx, of, in.Body.Reason) })
		})
	register(a, operation{method: http.MethodPost, path: "/licences/entitlements/{id}/undo", name: "undo-entitlement", summary: "Undo the last change of an entitlement", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneInput) (*body[Entitlement], error) {
			return one(in.ID, func(of entitlement.ID) (entitlement.Row, error) { return service.Undo(ctx, of) })
		})
	a.papers()
}

func (a *API) papers() {
	read, edit := identity.Needs(identity.LicencesRead), identity.Needs(identity.LicencesEdit)
	columns, service := entitlement.PaperColumns(), a.services.Rights
	registerList(a, operation{path: "/licences/papers", name: "list-papers", summary: "List papers that prove purchases", tag: tagLicences, rule: read},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Paper]], error) {
			return readPage(in.values, columns, func(q list.Query) (list.Page[entitlement.Paper], error) { return service.Papers(ctx, q) }, writePaper)
		})
	register(a, operation{method: http.MethodPost, path: "/licences/papers", name: "create-paper", summary: "Record a paper", tag: tagLicences, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *body[PaperWish]) (*body[Paper], error) {
			wish, err := in.Body.apply(entitlement.PaperWish{})
			if err != nil {
				return nil, err
			}
			made, err := service.FilePaper(ctx, wish)
			return &body[Paper]{writePaper(made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/licences/papers/{id}", name: "get-paper", summary: "Get a paper and its files", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*body[PaperDetail], error) {
			of, err := thing[entitlement.PaperMark](in.ID, "paper")
			if err != nil {
				return nil, err
			}
			found, _, err := service.Paper(ctx, of)
			if err != nil {
				return nil, err
			}
			files, err := service.Files(ctx, of)
			return &body[PaperDetail]{PaperDetail{writePaper(found), each(files[of.String()], writePaperFile)}}, err
		})
	register(a, operation{method: http.MethodPatch, path: "/licences/papers/{id}", name: "change-paper", summary: "Change a paper", tag: tagLicences, rule: edit},
		func(ctx context.Context, in *OneBody[PaperWish]) (*body[Paper], error) {
			of, err := thing[entitlement.PaperMark](in.ID, "paper")
			if err != nil {
				return nil, err
			}
			before, _, err := service.Paper(ctx, of)
			if err != nil {
				return nil, err
			}
			wish, err := in.Body.apply(before.PaperWish)
			if err != nil {
				return nil, err
			}
			changed, err := service.ChangePaper(ctx, of, wish)
			return &body[Paper]{writePaper(changed)}, err
		})
	register(a, operation{
		method: http.MethodPost, path: "/licences/papers/{id}/files", name: "attach-paper-file", summary: "Attach a file to a paper", tag: tagLicences, rule: edit,
		status: http.StatusCreated, maxBody: attachment.Most + 1,
	}, func(ctx context.Context, in *PaperUpload) (*body[PaperFile], error) {
		of, err := thing[entitlement.PaperMark](in.ID, "paper")
		if err != nil {
			return nil, err
		}
		files, err := service.Attach(ctx, of, attachment.Upload{Name: in.Name, Content: in.RawBody})
		if err != nil {
			return nil, err
		}
		return &body[PaperFile]{writePaperFile(files[0])}, nil
	})
	register(a, operation{method: http.MethodGet, path: "/licences/files/{id}", name: "get-paper-file", summary: "Get a file of a paper", tag: tagLicences, rule: read},
		func(ctx context.Context, in *OneInput) (*Download, error) {
			of, err := thing[attachment.File](in.ID, "attachment")
			if err != nil {
				return nil, err
			}
			file, content, err := service.File(ctx, of)
			return &Download{file.MediaType, file.Disposition(), content}, err
		})
}

func (a *API) entitled(row entitlement.Row, err error) (*body[Entitlement], error) {
	if err != nil {
		return nil, err
	}
	return &body[Entitlement]{a.writeEntitlement(row)}, nil
}

// apply puts what is given into a wish. Fault: Invalid.
func (w EntitlementWish) apply(to entitlement.Wish) (entitlement.Wish, error) {
	set(w.Metric, &to.Metric)
	set(w.Currency, &to.Currency)
	set(w.Note, &to.Note)
	set(w.Quantity, &to.Quantity)
	set(w.PackSize, &to.PackSize)
	var wrong []fault.Field
	wrong = append(wrong, setID(w.ProductID, "product_id", &to.ProductID)...)
	wrong = append(wrong, setID(w.UnitID, "unit_id", &to.UnitID)...)
	wrong = append(wrong, setID(w.PaperID, "paper_id", &to.PaperID)...)
	wrong = append(wrong, setID(w.AssetID, "asset_id", &to.AssetID)...)
	wrong = append(wrong, setDay(w.StartsOn, "starts_on", &to.StartsOn)...)
	wrong = append(wrong, setDay(w.EndsOn, "ends_on", &to.EndsOn)...)
	wrong = append(wrong, setDay(w.MaintainedUntil, "maintained_until", &to.MaintainedUntil)...)
	wrong = append(wrong, setCost(w.Cost, &to.CostCents)...)
	if len(wrong) > 0 {
		return entitlement.Wish{}, fault.NewInvalid(wrong...)
	}
	return to, nil
}

func (w PaperWish) apply(to entitlement.PaperWish) (entitlement.PaperWish, error) {
	set(w.Number, &to.Number)
	set(w.Supplier, &to.Supplier)
	set(w.Note, &to.Note)
	if w.Kind != nil {
		to.Kind = entitlement.PaperKind(*w.Kind)
	}
	if wrong := setDay(w.DatedOn, "dated_on", &to.DatedOn); wrong != nil {
		return entitlement.PaperWish{}, fault.NewInvalid(wrong...)
	}
	return to, nil
}

func (a *API) writeEntitlement(r entitlement.Row) Entitlement {
	written := Entitlement{
		ID: r.ID.String(), Reference: r.Reference, ProductID: r.ProductID.String(), Product: r.Product, State: string(r.StateOn(a.services.Rights.Today())),
		Quantity: r.Quantity, PackSize: r.PackSize, Metric: r.Metric, StartsOn: dayText(r.StartsOn), EndsOn: dayText(r.EndsOn),
		MaintainedUntil: dayText(r.MaintainedUntil), Currency: r.Currency, UnitID: r.UnitID.String(), Unit: r.Unit,
		PaperID: r.PaperID.String(), Paper: r.Paper, AssetID: r.AssetID.String(), Asset: r.AssetTag, Note: r.Note, Undoable: r.Undoable(),
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy, RemovedAt: known(r.RemovedAt),
	}
	if r.CostCents != nil {
		written.Cost = money.Format(*r.CostCents)
	}
	return written
}

func writePaper(p entitlement.Paper) Paper {
	return Paper{
		ID: p.ID.String(), Number: p.Number, Kind: string(p.Kind), Supplier: p.Supplier, DatedOn: dayText(p.DatedOn), Note: p.Note,
		Entitlements: p.Entitlements, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

func writePaperFile(f attachment.File) PaperFile {
	return PaperFile{f.ID.String(), f.Name, f.MediaType, f.Size, f.CreatedAt}
}
