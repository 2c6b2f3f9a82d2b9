package position_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/outbox"
	"holdfast/server/position"
	"holdfast/server/store"
)

func TestPositionFollowsWhatIsInstalledAndBought(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad")
		first, _ := b.device(t, machine{name: "pc-1"})
		second, _ := b.device(t, machine{name: "pc-2"})
		b.install(t, releases[0], first, second)
		short := b.figures(t, product, 0, 2, -2)
		if short.Position.Status != licence.Short || !short.Kept {
			t.Errorf("it is %+v", short)
		}
		cost := int64(10_001)
		bought := b.buy(t, entitlement.Wish{ProductID: product, Quantity: 1, CostCents: &cost, Currency: "cad"})
		b.figures(t, product, 1, 2, -1)
		bought.Wish.Quantity = 2
		if _, err := b.rights.Change(b.ctx, bought.ID, bought.Wish); err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		b.figures(t, product, 2, 2, 0)
		b.uninstall(t, releases[0], second)
		b.figures(t, product, 2, 1, 1)

		var available []int64
		for _, one := range *b.heard {
			if one.Product != product || one.Name != "The cad" {
				t.Errorf("heard %+v", one)
			}
			available = append(available, one.Available)
		}
		if !slices.Equal(available, []int64{-2, -1, 0, 1}) {
			t.Errorf("position.changed told of %v", available)
		}
		past, err := b.History(b.ctx, product, 10)
		if err != nil || len(past) != 4 || past[0].Available != 1 || past[0].Cause != position.ByReport || past[1].Cause != position.ByDecision {
			t.Errorf("the history is %+v, %v", past, err)
		}
		page, err := b.List(b.ctx, list.Query{})
		if err != nil || page.Total != 1 || page.Items[0].Needed != 1 || page.Items[0].Status != licence.Ample {
			t.Errorf("the list has %+v, %v", page, err)
		}
	})
}

func TestUpdateThatChangesNothingIsNotWorkedOut(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad", "Pro", "Pro", "Free")
		key, _ := b.device(t, machine{name: "pc-1"})
		b.install(t, releases[0], key)
		before := b.figures(t, product, 0, 1, -1).Computed
		move := func(from, to int32) {
			b.write(t, func(tx *store.Tx) error {
				if err := tx.Exec("UPDATE installations SET release_id = ? WHERE device_id = ? AND release_id = ?", to, key, from).Error; err != nil {
					return err
				}
				return b.outbox.Publish(tx, device.Reported, "1", device.Event{Device: key, Added: []int32{to}, Removed: []int32{from}})
			})
			b.drain(t)
		}
		move(releases[0], releases[1]) // another version
		if after := b.figures(t, product, 0, 1, -1).Computed; !after.Equal(before) {
			t.Error("an update of the same edition was worked out")
		}
		move(releases[1], releases[2]) // another edition
		if after := b.figures(t, product, 0, 1, -1).Computed; after.Equal(before) {
			t.Error("another edition was not worked out")
		}
	})
}

func TestCoresComeFromWhatDevicesReport(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "db", "Standard", "Developer")
		if _, err := b.rights.CountBy(b.ctx, product, &entitlement.CountedWish{Rule: "microsoft-sql-server-core"}); err != nil {
			t.Fatal(err)
		}
		host, _ := b.device(t, machine{name: "sql-1", kind: device.Server, cpu: cpu(2, 12)})
		small, _ := b.device(t, machine{name: "vm-1", kind: device.Virtual, cpu: &report2})
		blind, _ := b.device(t, machine{name: "sql-2", kind: device.Server})
		dev, _ := b.device(t, machine{name: "dev", kind: device.Server, cpu: cpu(1, 16)})
		b.install(t, releases[0], host, small, blind)
		b.install(t, releases[1], dev)
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: 16, PackSize: 2, MaintainedUntil: day(30)})
		// 24 cores, a virtual machine of 2 raised to 4, and 4 for the one that nobody knows.
		found := b.figures(t, product, 32, 32, 0)
		if found.Position.Certain || found.Position.Status != licence.Unknown || len(found.Position.Problems) != 1 || found.Position.Problems[0].Ref.Name != "sql-2" {
			t.Errorf("it is certain %v, %+v", found.Position.Certain, found.Position.Problems)
		}
		if spared := found.Position.Explanation.NotCounted.Children; len(spared) != 1 || spared[0].Ref.Name != "dev" {
			t.Errorf("not counted is %+v", spared)
		}
		b.write(t, func(tx *store.Tx) error {
			err := tx.Exec(`INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, 'cpu', 'x', 'ok', ?, ?)`,
				blind, tx.Now, `{"sockets":1,"cores":8}`).Error
			if err != nil {
				return err
			}
			return b.outbox.Publish(tx, device.Reported, "3", device.Event{Device: blind, Sections: []string{"cpu"}})
		})
		b.drain(t)
		if found := b.figures(t, product, 32, 36, -4); !found.Position.Certain {
			t.Errorf("it is not certain: %+v", found.Position.Problems)
		}
	})
}

func TestNamedUsersAreCustodiansOrWhoeverSignsIn(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "pdf")
		b.countBy(t, product, licence.PerNamedUser{})
		diallo, okafor := b.person(t, "A. Diallo", "adiallo"), b.person(t, "R. Okafor", "rokafor")
		first, firstID := b.device(t, machine{name: "pc-1", user: `CORP\ADiallo`})
		second, _ := b.device(t, machine{name: "pc-2", user: "adiallo@corp.example"})
		third, _ := b.device(t, machine{name: "pc-3", user: "nobody-knows"})
		b.install(t, releases[0], first, second, third)
		found := b.figures(t, product, 0, 1, -1)
		if found.Position.Certain {
			t.Error("a machine of nobody is certain")
		}
		owned, err := b.assets.Own(b.ctx, firstID, "A-1")
		if err != nil {
			t.Fatal(err)
		}
		wish := owned.Wish()
		wish.CustodianID = okafor.ID
		if _, err := b.assets.Change(b.ctx, owned.ID, wish); err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		b.figures(t, product, 0, 2, -2)
		made, err := b.rights.Assign(b.ctx, product, diallo.ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.rights.Assign(b.ctx, product, diallo.ID, time.Time{}); err != nil || again.ID != made.ID {
			t.Errorf("assigned twice: %+v, %v", again, err)
		}
		b.drain(t)
		b.figures(t, product, 0, 2, -2) // who is assigned and uses it counts once
		if _, err := b.rights.Exempt(b.ctx, entitlement.ExemptionWish{ProductID: product, PersonID: okafor.ID, Reason: "trial"}); err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		b.figures(t, product, 0, 1, -1)
	})
}

func TestSiteLicencesServeTheirSite(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "map")
		b.countBy(t, product, licence.Site{})
		first, _ := b.device(t, machine{name: "pc-1"})
		second, _ := b.device(t, machine{name: "pc-2"})
		far, _ := b.device(t, machine{name: "pc-3", unit: b.south})
		b.install(t, releases[0], first, second, far)
		b.figures(t, product, 0, 2, -2)
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: 1, UnitID: b.north.ID})
		b.figures(t, product, 1, 2, -1)
	})
}

func TestRightsBoundToAnAssetServeItAlone(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "os")
		first, firstID := b.device(t, machine{name: "pc-1"})
		second, _ := b.device(t, machine{name: "pc-2"})
		b.install(t, releases[0], second)
		owned, err := b.assets.Own(b.ctx, firstID, "A-1")
		if err != nil {
			t.Fatal(err)
		}
		right := b.buy(t, entitlement.Wish{ProductID: product, Quantity: 1, AssetID: owned.ID})
		b.figures(t, product, 1, 1, -1) // idle where it is bound
		b.install(t, releases[0], first)
		b.figures(t, product, 1, 2, -1)

		effects, err := b.PreviewRelease(b.ctx, []asset.ID{owned.ID})
		if err != nil || len(effects) != 1 {
			t.Fatalf("the preview is %+v, %v", effects, err)
		}
		want := position.Effect{
			Product: product, Key: "os", Name: "The os", Unit: effects[0].Unit, Leaving: []string{right.Reference},
			Before: position.Figures{Owned: 1, Needed: 2, Available: -1, Certain: true}, After: position.Figures{Owned: 0, Needed: 1, Available: -1, Certain: true},
		}
		if diff := cmp.Diff(want, effects[0], cmpopts.EquateComparable(product)); diff != "" {
			t.Error(diff)
		}
		b.figures(t, product, 1, 2, -1) // nothing was changed

		b.write(t, func(tx *store.Tx) error {
			if err := tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, first).Error; err != nil {
				return err
			}
			left, err := b.rights.ReleaseRights(b.ctx, tx, []asset.ID{owned.ID}, tx.Now)
			if err == nil && (len(left) != 1 || left[0].ID != right.ID) {
				t.Errorf("released are %+v", left)
			}
			return err
		})
		b.drain(t)
		b.figures(t, product, 0, 1, -1)
	})
}

func TestMonthsEndWithTheLastFiguresKnown(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, _ := b.product(t, "cad")
		now := b.db.Now()
		month := func(back int) time.Time {
			return time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC)
		}
		b.write(t, func(tx *store.Tx) error {
			for at, owned := range map[time.Time]int{month(4).AddDate(0, 0, 3): 1, month(4).AddDate(0, 0, 9): 2, month(2).AddDate(0, 0, 5): 7} {
				err := tx.Exec(`INSERT INTO position_history (product_id, at, owned, needed, idle, available, certain, cause, rule_version)
					VALUES (?, ?, ?, 5, 0, ?, TRUE, 'report', 'v')`, product, at, owned, owned-5).Error
				if err != nil {
					return err
				}
			}
			return nil
		})
		figures := func(owned int64) position.Figures {
			return position.Figures{Owned: owned, Needed: 5, Available: owned - 5, Certain: true}
		}
		want := []position.Point{{month(4), figures(2)}, {month(3), figures(2)}, {month(2), figures(7)}, {month(1), figures(7)}, {month(0), figures(7)}}
		if diff := cmp.Diff(want, must(b.Months(b.ctx, product, 12))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPastDaysAreWorkedOutFromHistory(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad")
		old, _ := b.device(t, machine{name: "pc-1"})
		kept, _ := b.device(t, machine{name: "pc-2"})
		b.write(t, func(tx *store.Tx) error {
			err := tx.Exec("INSERT INTO installations_past (device_id, release_id, since, until) VALUES (?, ?, ?, ?)", old, releases[0], day(-20), day(-10).Add(12*time.Hour)).Error
			if err != nil {
				return err
			}
			return tx.Exec("INSERT INTO installations (device_id, release_id, since) VALUES (?, ?, ?)", kept, releases[0], day(-15).Add(12*time.Hour)).Error
		})
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: 3, StartsOn: day(-12), EndsOn: day(-11)})
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: 1, StartsOn: day(-11)})
		mistake := b.buy(t, entitlement.Wish{ProductID: product, Quantity: 100})
		if _, err := b.rights.Remove(b.ctx, mistake.ID, "twice"); err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		for offset, want := range map[int][2]string{
			-30: {"0", "0"}, -20: {"0", "1"}, -16: {"0", "1"}, -15: {"0", "2"}, -12: {"3", "2"}, -11: {"4", "2"}, -10: {"1", "1"}, -9: {"1", "1"}, 0: {"1", "1"},
		} {
			found, err := b.Product(b.ctx, product, day(offset))
			if err != nil {
				t.Fatal(err)
			}
			if got := [2]string{found.Position.Owned.String(), found.Position.Needed.String()}; got != want {
				t.Errorf("%d days ago owned and needed were %v, want %v", -offset, got, want)
			}
			if err := found.Position.Check(); err != nil || found.Past != (offset < 0) {
				t.Errorf("%d days ago: past %v, %v", -offset, found.Past, err)
			}
		}
	})
}

func TestANewDayIsFollowed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad")
		key, _ := b.device(t, machine{name: "pc-1"})
		b.write(t, func(tx *store.Tx) error {
			return tx.Exec("INSERT INTO installations (device_id, release_id, since) VALUES (?, ?, ?)", key, releases[0], tx.Now).Error
		})
		if err := b.Follow(b.ctx); err != nil {
			t.Fatal(err)
		}
		first := b.figures(t, product, 0, 1, -1)
		if err := b.Follow(b.ctx); err != nil {
			t.Fatal(err)
		}
		if again := b.figures(t, product, 0, 1, -1); !again.Computed.Equal(first.Computed) {
			t.Error("worked out twice on one day")
		}
		b.write(t, func(tx *store.Tx) error { return tx.Exec("UPDATE positions SET evaluated_on = evaluated_on - 1").Error })
		if err := b.Follow(b.ctx); err != nil {
			t.Fatal(err)
		}
		if next := b.figures(t, product, 0, 1, -1); next.Computed.Equal(first.Computed) || !next.Changed.Equal(first.Changed) {
			t.Errorf("the next day it was worked out %s, changed %s", next.Computed, next.Changed)
		}
	})
}

func TestNamesOfElsewhereAreHidden(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad")
		here, _ := b.device(t, machine{name: "pc-here"})
		there, thereID := b.device(t, machine{name: "pc-there", unit: b.south})
		b.install(t, releases[0], here, there)
		found, err := b.Product(b.as(identity.HelpDesk, b.north), product, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, line := range found.Position.Explanation.Needed.Children {
			names = append(names, line.Ref.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"", "pc-here"}) || found.Position.Needed.String() != "2" {
			t.Errorf("north sees %v", names)
		}
		if found, err := b.Explain(b.as(identity.Committee, b.root), product, time.Time{}); err != nil || found.Position.Explanation.Needed.Children[0].Ref.Name != "" {
			t.Errorf("the committee sees %+v, %v", found.Position.Explanation.Needed, err)
		}
		page, err := b.Installations(b.as(identity.HelpDesk, b.north), product, list.Query{})
		if err != nil || page.Total != 1 || page.Items[0].Device != "pc-here" {
			t.Errorf("north lists %+v, %v", page, err)
		}
		_, err = b.OnDevice(b.as(identity.HelpDesk, b.north), thereID)
		wants(t, err, fault.Missing)
		_, err = b.List(b.as(identity.Requester, b.root), list.Query{})
		wants(t, err, fault.Denied)
		if uses, err := b.OnDevice(b.ctx, thereID); err != nil || len(uses) != 1 || uses[0].Short != 2 || uses[0].Status != licence.Short {
			t.Errorf("on the device are %+v, %v", uses, err)
		}
	})
}

// Whatever the order in which reports come in, and in whatever batches, the
// position is the same in the end.
func TestOrderOfReportsNeverMatters(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		product, releases := b.product(t, "cad", "Pro", "Lite")
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: 5})
		source := rand.New(rand.NewPCG(1, 2))
		var keys []device.Key
		for range 12 {
			key, _ := b.device(t, machine{name: "pc"})
			keys = append(keys, key)
		}
		var want int64
		for round := range 6 {
			var messages []outbox.Message
			b.write(t, func(tx *store.Tx) error {
				for _, key := range keys {
					release := releases[source.IntN(2)]
					if err := tx.Exec("DELETE FROM installations WHERE device_id = ?", key).Error; err != nil {
						return err
					}
					if source.IntN(3) == 0 {
						continue
					}
					if err := tx.Exec("INSERT INTO installations (device_id, release_id, since) VALUES (?, ?, ?)", key, release, tx.Now).Error; err != nil {
						return err
					}
				}
				for _, key := range keys {
					event := device.Event{Device: key, First: source.IntN(2) == 0, Added: releases[:1], Removed: []int32{}}
					messages = append(messages, outbox.Message{Payload: must(jsonOf(event))})
				}
				return tx.Raw("SELECT COUNT(*) FROM installations").Scan(&want).Error
			})
			source.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
			for len(messages) > 0 {
				size := 1 + source.IntN(len(messages))
				b.write(t, func(tx *store.Tx) error { return b.Reported(b.ctx, tx, messages[:size]) })
				messages = messages[size:]
			}
			found := b.figures(t, product, 5, want, 5-want)
			if got := len(found.Position.Explanation.Needed.Children); int64(got) != want {
				t.Errorf("round %d has %d lines for %d", round, got, want)
			}
		}
	})
}
