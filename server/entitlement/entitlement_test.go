package entitlement_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"holdfast/server/asset"
	"holdfast/server/attachment"
	"holdfast/server/audit"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

// body is an organisation with two units and a product, and the products that
// the outbox heard of.
type body struct {
	*entitlement.Service
	db           *store.DB
	ctx          context.Context // may do everything
	root         unit.Unit
	north, south unit.Unit
	product      entitlement.ProductID
	other        entitlement.ProductID
	heard        *[]string
}

func each(t *testing.T, test func(t *testing.T, b body)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := body{db: db, ctx: identity.WithActor(t.Context(), identity.System("root")), heard: &[]string{}}
		b.Service = entitlement.New(db, func(_ *store.Tx, topic, subject string, _ any) error {
			if topic != entitlement.Topic {
				t.Errorf("said to %s", topic)
			}
			*b.heard = append(*b.heard, subject)
			return nil
		})
		units := unit.New(db)
		var err error
		if b.root, err = units.EnsureRoot(b.ctx, "Organisation"); err != nil {
			t.Fatal(err)
		}
		b.north, b.south = must(units.Create(b.ctx, b.root.ID, "North")), must(units.Create(b.ctx, b.root.ID, "South"))
		b.product, b.other = b.make(t, "cad"), b.make(t, "cam")
		test(t, b)
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func (b body) make(t *testing.T, key string) (made entitlement.ProductID) {
	t.Helper()
	if err := made.UnmarshalText([]byte(id.New[struct{}]().String())); err != nil {
		t.Fatal(err)
	}
	err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO products (id, key, name, class, origin, created_at, updated_at) VALUES (?, ?, ?, 'licensed', 'local', ?, ?)",
			made, key, "The "+key, tx.Now, tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// as is an actor with one role in one unit.
func (b body) as(role identity.Role, unit unit.Unit) context.Context {
	reach := identity.Scope{Units: []identity.UnitID{unit.ID}}
	if unit.ID == b.root.ID {
		reach = identity.Scope{All: true}
	}
	return identity.WithActor(b.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Name: string(role), Grants: []identity.Grant{
		{Role: role, UnitID: unit.ID, Reach: reach},
	}})
}

func (b body) wish() entitlement.Wish {
	return entitlement.Wish{ProductID: b.product, Quantity: 10, PackSize: 2, UnitID: b.north.ID}
}

// actions gives what the trail has of an object, the oldest first.
func (b body) actions(t *testing.T, of string) []string {
	t.Helper()
	var entries []audit.Entry
	if err := b.db.Read(b.ctx).Where("object_id = ?", of).Order("at, id").Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	actions := make([]string, len(entries))
	for i, entry := range entries {
		actions[i] = entry.Action
	}
	return actions
}

func TestRightsAreRecordedChangedEndedAndUndone(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		ctx := b.as(identity.OfficeSystems, b.north)
		made, err := b.Create(ctx, b.wish())
		if err != nil || made.Reference != "R-0001" || made.Rights() != 20 || made.Product != "The cad" || made.UpdatedBy != "officesystems" {
			t.Fatalf("recorded %+v, %v", made, err)
		}
		wish := made.Wish
		cost := int64(5000)
		wish.Quantity, wish.ProductID, wish.CostCents, wish.Currency = 12, b.other, &cost, "cad"
		changed, err := b.Change(ctx, made.ID, wish)
		if err != nil || changed.Quantity != 12 || changed.Currency != "CAD" {
			t.Fatalf("changed to %+v, %v", changed, err)
		}
		if want := []string{b.product.String(), b.product.String(), b.other.String()}; !slices.Equal(*b.heard, want) {
			t.Errorf("the outbox heard of %v, not both products", *b.heard)
		}
		if again, err := b.Change(ctx, made.ID, changed.Wish); err != nil || !again.UpdatedAt.Equal(changed.UpdatedAt) {
			t.Errorf("the same again: %+v, %v", again, err)
		}
		undone, err := b.Undo(ctx, made.ID)
		if err != nil || undone.Quantity != 10 || undone.ProductID != b.product || undone.CostCents != nil {
			t.Fatalf("undone to %+v, %v", undone, err)
		}
		_, err = b.Undo(ctx, made.ID)
		wants(t, err, fault.Conflict)

		day := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
		_, err = b.End(ctx, made.ID, day, "")
		wants(t, err, fault.Invalid)
		if ended, err := b.End(ctx, made.ID, day, "sold"); err != nil || ended.StateOn(day) != entitlement.InForce || ended.StateOn(day.AddDate(0, 0, 1)) != entitlement.Ended {
			t.Fatalf("ended %+v, %v", ended, err)
		}
		removed, err := b.Remove(ctx, made.ID, "recorded twice")
		if err != nil || removed.StateOn(day) != entitlement.Removed {
			t.Fatalf("taken back %+v, %v", removed, err)
		}
		_, err = b.Change(ctx, made.ID, b.wish())
		wants(t, err, fault.Conflict)
		if back, err := b.Undo(ctx, made.ID); err != nil || !back.RemovedAt.IsZero() || !back.EndsOn.Equal(day) {
			t.Fatalf("taking back undone: %+v, %v", back, err)
		}
		want := []string{"entitlement.created", "entitlement.changed", "entitlement.undone", "entitlement.ended", "entitlement.removed", "entitlement.undone"}
		if got := b.actions(t, made.ID.String()); !slices.Equal(got, want) {
			t.Errorf("the trail has %v", got)
		}
		var rows int
		if err := b.db.Read(b.ctx).Raw("SELECT COUNT(*) FROM entitlements").Scan(&rows).Error; err != nil || rows != 1 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

func TestUndoOfARecordingTakesItBack(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := must(b.Create(b.ctx, b.wish()))
		undone, err := b.Undo(b.ctx, made.ID)
		if err != nil || undone.RemovedAt.IsZero() {
			t.Fatalf("undone to %+v, %v", undone, err)
		}
		next := must(b.Create(b.ctx, b.wish()))
		if next.Reference != "R-0002" {
			t.Errorf("the next one is %s", next.Reference)
		}
	})
}

func TestWrongValuesAreAllNamed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		negative := int64(-1)
		_, err := b.Create(b.ctx, entitlement.Wish{
			Quantity: 0, PackSize: 2_000_000, Metric: "per_moon", CostCents: &negative, Currency: "dollars",
			StartsOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), EndsOn: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC),
		})
		wants(t, err, fault.Invalid)
		var names []string
		for _, field := range fault.Of(err).Fields {
			names = append(names, field.Name)
		}
		slices.Sort(names)
		if want := []string{"cost", "currency", "ends_on", "metric", "pack_size", "product_id", "quantity", "unit_id"}; !slices.Equal(names, want) {
			t.Errorf("named are %v", names)
		}
	})
}

func TestOnlyTheUnitThatBoughtMayChangeIt(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := must(b.Create(b.ctx, b.wish()))
		south := b.as(identity.OfficeSystems, b.south)
		if found, err := b.Get(south, made.ID); err != nil || found.ID != made.ID {
			t.Errorf("south reads %+v, %v", found, err)
		}
		_, err := b.Change(south, made.ID, made.Wish)
		wants(t, err, fault.Denied)
		_, err = b.Undo(south, made.ID)
		wants(t, err, fault.Denied)
		away := made.Wish
		away.UnitID = b.south.ID
		_, err = b.Change(b.as(identity.OfficeSystems, b.north), made.ID, away)
		wants(t, err, fault.Denied)
		machine := must(asset.New(b.db, func(*store.Tx, string, string, any) error { return nil }).Create(b.ctx,
			asset.Wish{Kind: asset.Server, UnitID: b.north.ID}, asset.InUse))
		bound := b.wish()
		bound.UnitID, bound.AssetID = b.south.ID, machine.ID
		_, err = b.Create(south, bound) // a machine of another unit is not there
		wants(t, err, fault.Invalid)
		if _, err := b.Create(b.ctx, bound); err != nil {
			t.Errorf("who sees both: %v", err)
		}
		_, err = b.Create(b.as(identity.Manager, b.root), b.wish())
		wants(t, err, fault.Denied)
		_, err = b.Get(b.as(identity.Requester, b.root), made.ID)
		wants(t, err, fault.Denied)
	})
}

func TestPaperIsMadeWithItsFirstRight(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first := must(b.Record(b.ctx, b.wish(), "PO-1"))
		second := must(b.Record(b.ctx, b.wish(), "po-1"))
		if first.Paper != "PO-1" || second.PaperID != first.PaperID {
			t.Errorf("papers are %q and %q", first.Paper, second.Paper)
		}
		_, err := b.FilePaper(b.ctx, entitlement.PaperWish{Number: "PO-1"})
		wants(t, err, fault.Conflict)
		_ = must(b.FilePaper(b.ctx, entitlement.PaperWish{Number: "PO-1", Supplier: "Another"}))
		_, err = b.Record(b.ctx, b.wish(), "PO-1")
		wants(t, err, fault.Invalid)

		files, err := b.Attach(b.ctx, first.PaperID, attachment.Upload{Name: "order.txt", Content: []byte("10 packs")})
		if err != nil || len(files) != 1 {
			t.Fatalf("attached %+v, %v", files, err)
		}
		file, content, err := b.File(b.ctx, files[0].ID)
		if err != nil || string(content) != "10 packs" || file.Name != "order.txt" {
			t.Errorf("the file is %+v %q, %v", file, content, err)
		}
		page := must(b.Papers(b.ctx, list.Query{}))
		if page.Total != 2 {
			t.Errorf("%d papers", page.Total)
		}
		for _, paper := range page.Items {
			if paper.ID == first.PaperID && (paper.Files != 1 || paper.Entitlements != 2) {
				t.Errorf("the paper has %d files and proves %d rights", paper.Files, paper.Entitlements)
			}
		}
		_, _, err = b.File(b.as(identity.Requester, b.root), files[0].ID)
		wants(t, err, fault.Denied)
	})
}

func TestPaperIsChangedByThoseWhoseRightsItProves(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		north, south := b.as(identity.OfficeSystems, b.north), b.as(identity.OfficeSystems, b.south)
		bought := must(b.Record(north, b.wish(), "PO-1"))
		wish := entitlement.PaperWish{Number: "PO-1", Supplier: "Another"}
		_, err := b.ChangePaper(south, bought.PaperID, wish)
		wants(t, err, fault.Denied)
		_, err = b.Attach(south, bought.PaperID, attachment.Upload{Name: "order.txt", Content: []byte("99 packs")})
		wants(t, err, fault.Denied)
		if changed, err := b.ChangePaper(north, bought.PaperID, wish); err != nil || changed.Supplier != "Another" {
			t.Errorf("it became %+v, %v", changed, err)
		}
	})
}

func TestListKnowsWhatIsInForce(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		today := b.Today()
		for _, term := range [][2]time.Time{{{}, {}}, {today.AddDate(0, 0, 1), {}}, {{}, today.AddDate(0, 0, -1)}, {today, today}} {
			wish := b.wish()
			wish.StartsOn, wish.EndsOn = term[0], term[1]
			_ = must(b.Create(b.ctx, wish))
		}
		for state, want := range map[entitlement.State]int{entitlement.InForce: 2, entitlement.Coming: 1, entitlement.Ended: 1, entitlement.Removed: 0} {
			page := must(b.List(b.ctx, list.Query{Filters: []list.Filter{{Key: "state", Values: []string{string(state)}}}}))
			if page.Total != want {
				t.Errorf("%d are %s, want %d", page.Total, state, want)
			}
			for _, row := range page.Items {
				if row.StateOn(today) != state {
					t.Errorf("%s is %s and not %s", row.Reference, row.StateOn(today), state)
				}
			}
		}
	})
}

func TestHowAProductIsCountedIsDecidedAndUndone(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		standard := must(b.CountedBy(b.ctx, b.product))
		if standard.ByHand || standard.Metric.Metric != (licence.PerDevice{}) {
			t.Errorf("at first it is %+v", standard)
		}
		metric := licence.PerCore{FloorPerServer: 16, VirtualMachinesBy: "host"}
		wish := &entitlement.CountedWish{
			Metric: licence.Counting{Metric: metric}, Packs: &licence.Packs{Size: 2, WholePer: "machine"}, FreeEditions: []string{"Express"}, Note: "clause 4",
		}
		decided := must(b.CountBy(b.ctx, b.product, wish))
		if !decided.ByHand || decided.Metric.Metric != metric || decided.Packs.Size != 2 || decided.FreeEditions[0] != "Express" {
			t.Errorf("decided %+v", decided)
		}
		ruled := must(b.CountBy(b.ctx, b.product, &entitlement.CountedWish{Rule: "vmware-core"}))
		if ruled.Rule != "vmware-core" || ruled.Metric.Metric != nil {
			t.Errorf("ruled %+v", ruled)
		}
		undone := must(b.UndoCountBy(b.ctx, b.product))
		if undone.Metric.Metric != metric || undone.Packs == nil || undone.Note != "clause 4" {
			t.Errorf("undone to %+v", undone)
		}
		_, err := b.UndoCountBy(b.ctx, b.product)
		wants(t, err, fault.Conflict)
		if back := must(b.CountBy(b.ctx, b.product, nil)); back.ByHand {
			t.Errorf("left to the program it is %+v", back)
		}
		for _, bad := range []entitlement.CountedWish{{}, {Rule: "nonsense"}, {Rule: "vmware-core", Metric: licence.Counting{Metric: metric}}} {
			_, err := b.CountBy(b.ctx, b.product, &bad)
			wants(t, err, fault.Invalid)
		}
		_, err = b.CountBy(b.as(identity.OfficeSystems, b.north), b.product, wish)
		wants(t, err, fault.Denied)
	})
}

func TestExemptionIsForADeviceOrAPersonThatOneMaySee(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		okafor := must(person.New(b.db).Create(b.ctx, person.Wish{Name: "R. Okafor", Login: "rokafor", UnitID: b.north.ID, Active: true}))
		_, err := b.Exempt(b.ctx, entitlement.ExemptionWish{ProductID: b.product, Reason: "nobody"})
		wants(t, err, fault.Invalid)
		wish := entitlement.ExemptionWish{ProductID: b.product, PersonID: okafor.ID, Reason: "trial"}
		_, err = b.Exempt(b.as(identity.OfficeSystems, b.south), wish)
		wants(t, err, fault.Invalid)
		made := must(b.Exempt(b.as(identity.OfficeSystems, b.north), wish))
		if made.Reference != "X-0001" || made.Person != "R. Okafor" {
			t.Errorf("recorded %+v", made)
		}
		ended := must(b.EndExemption(b.ctx, made.ID, b.Today()))
		if !ended.EndsOn.Equal(b.Today()) {
			t.Errorf("ended %+v", ended)
		}
		if undone := must(b.UndoExemption(b.ctx, made.ID)); !undone.EndsOn.IsZero() {
			t.Errorf("undone to %+v", undone)
		}
		found := must(b.Exemptions(b.as(identity.Manager, b.north), b.product))
		if len(found) != 1 || found[0].Person != "" || found[0].Reason != "trial" {
			t.Errorf("a manager, who may not know people, sees %+v", found)
		}
		assigned := must(b.Assign(b.ctx, b.product, okafor.ID, time.Time{}))
		if err := b.Unassign(b.ctx, assigned.ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if left := must(b.Assignments(b.ctx, b.product)); len(left) != 0 {
			t.Errorf("assigned are %+v", left)
		}
		if got := b.actions(t, assigned.ID.String()); !slices.Equal(got, []string{"assignment.created", "assignment.removed"}) {
			t.Errorf("the trail has %v", got)
		}
	})
}

func TestMetricSurvivesBeingKept(t *testing.T) {
	for _, metric := range []licence.Metric{licence.PerInstallation{}, licence.PerNamedUser{AssignedOnly: true}, licence.Site{Scope: "organisation"}, licence.PerCore{FloorPerProcessor: 4}} {
		text, err := json.Marshal(licence.Counting{Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		var back licence.Counting
		if err := json.Unmarshal(text, &back); err != nil || back.Metric != metric {
			t.Errorf("%s came back as %+v, %v", text, back.Metric, err)
		}
	}
	var bad licence.Counting
	if err := json.Unmarshal([]byte(`{"kind": "per_moon"}`), &bad); err == nil {
		t.Error("there is a metric per_moon")
	}
}
