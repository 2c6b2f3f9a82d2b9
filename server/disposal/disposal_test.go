package disposal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

func TestCaseIsLivedFromDraftToEnd(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M", "WFK2Q8LC")
		c := b.begin(t, "destruction", laptop)
		if c.Number == "" || len(c.Lines) != 1 || len(c.Lines[0].Drives) != 2 || c.Lines[0].Status != asset.Surplus {
			t.Fatalf("it begins as %+v", c)
		}
		c = must(b.Offer(b.ada, c.ID))
		if len(c.Lines[0].Offers) != 8 || c.Lines[0].SettledAt.IsZero() {
			t.Errorf("the ladder is %+v", c.Lines[0].Offers)
		}
		c = must(b.Approve(b.mia, c.ID, "seen"))
		if c.State != disposal.Offered {
			t.Fatal("one approval is enough for destruction")
		}
		if offered, approved := must(b.Count(b.max, identity.DisposalApprove, disposal.Offered)), must(b.Count(b.ada, identity.DisposalRecord, disposal.Approved)); offered != 1 || approved != 0 {
			t.Errorf("%d wait for an approval, %d for records", offered, approved)
		}
		_, err := b.Approve(b.mia, c.ID, "again")
		wants(t, err, fault.Conflict)
		c = must(b.Approve(b.max, c.ID, ""))
		if saw := c.Approvals[0].Saw; c.State != disposal.Approved || saw.Agents != 1 || saw.Disposed != 1 || saw.Rights[0].Product != "Windows 11 Pro" {
			t.Fatalf("%s, they saw %+v", c.State, saw)
		}
		_, err = b.Clear(b.ada, c.ID)
		wants(t, err, fault.Conflict)
		c = must(b.Clear(b.ada, b.wipe(t, c).ID))
		c = must(b.Release(b.ada, c.ID))
		if c.Lines[0].Status != asset.Disposed || c.Outcome.Agents != 1 || !slices.Equal(*b.released, []asset.ID{laptop}) {
			t.Errorf("release did %+v to %+v, and released %v", c.Outcome, c.Lines[0], *b.released)
		}
		var revoked *time.Time
		if err := b.db.Read(b.ctx).Raw("SELECT revoked_at FROM device_contacts WHERE device_id = ?", key).Row().Scan(&revoked); err != nil || revoked == nil {
			t.Errorf("its agent is revoked at %v, %v", revoked, err)
		}
		c = must(b.Collect(b.ada, c.ID, "Shred Ltd"))
		c = must(b.Close(b.ada, c.ID))
		events := must(b.History(b.help, c.ID))
		if c.State != disposal.Closed || len(c.Lines) != 1 || events[0].Action != "disposal.closed" || len(events) != 13 {
			t.Errorf("it ends as %s with %d lines and %d events", c.State, len(c.Lines), len(events))
		}
	})
}

func TestProposerDoesNotApprove(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1")
		c := b.begin(t, "recycling", laptop)
		admin := b.user(t, "Ida", "administrator")
		c = must(b.Offer(admin, c.ID))
		_, err := b.Approve(admin, c.ID, "")
		wants(t, err, fault.Conflict)
		_, err = b.Approve(b.ada, c.ID, "")
		wants(t, err, fault.Denied)
		_, err = b.Approve(b.ctx, c.ID, "") // nobody's program
		wants(t, err, fault.Conflict)
		if c = must(b.Approve(b.mia, c.ID, "")); c.State != disposal.Approved {
			t.Errorf("it is %s", c.State)
		}
	})
}

func TestChangedCaseNeedsNewApprovals(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1")
		c := b.approved(t, "destruction", laptop)
		c = must(b.Revise(b.ada, c.ID, "it goes to a school"))
		_, err := b.Add(b.ada, c.ID, "sale", "", laptop)
		wants(t, err, fault.Invalid) // a rung is skipped without a reason
		c = must(b.Reroute(b.ada, c.ID, c.Lines[0].ID, "schools", "no unit wants it"))
		c = must(b.Offer(b.ada, c.ID))
		if len(c.Given()) != 0 {
			t.Errorf("%d approvals count", len(c.Given()))
		}
		_, err = b.Approve(b.mia, c.ID, "")
		wants(t, err, fault.Conflict) // the offer is open
		c = must(b.Settle(b.ada, c.ID, c.Lines[0].ID, "Computers for Schools"))
		if c = must(b.Approve(b.mia, c.ID, "")); c.State != disposal.Approved || c.Lines[0].Taker != "Computers for Schools" {
			t.Errorf("it is %+v", c)
		}
	})
}

func TestLineGoesDownTheLadder(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1")
		c := must(b.Offer(b.ada, b.begin(t, "within_unit", laptop).ID))
		line := c.Lines[0].ID
		_, err := b.Pass(b.ada, c.ID, line, " ")
		wants(t, err, fault.Invalid)
		for _, want := range []string{"other_unit", "public_body", "schools", "sale"} {
			if c = must(b.Pass(b.ada, c.ID, line, "no taker")); c.Lines[0].Route != want {
				t.Fatalf("it goes to %s", c.Lines[0].Route)
			}
		}
		if c.Lines[0].SettledAt.IsZero() {
			t.Error("a sale is offered to somebody")
		}
		_, err = b.Pass(b.ada, c.ID, line, "nobody buys it")
		wants(t, err, fault.Conflict)
	})
}

func TestWhatTheBodyKeepsGoesBackToStock(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M")
		c := must(b.Offer(b.ada, b.begin(t, "within_unit", laptop).ID))
		c = must(b.Settle(b.ada, c.ID, c.Lines[0].ID, "Front office"))
		c = must(b.Approve(b.mia, c.ID, ""))
		c = must(b.Clear(b.ada, b.wipe(t, c).ID))
		c = must(b.Release(b.ada, c.ID))
		if c.Lines[0].Status != asset.InStock || c.Outcome.Agents != 0 || len(*b.released) != 0 {
			t.Errorf("%+v, %+v", c.Lines[0], c.Outcome)
		}
		b.tx(t, func(tx *store.Tx) error { return b.Refused(b.ctx, tx, b.message(key)) })
		if len(*b.alarms) != 0 {
			t.Error("a thing that the body kept raises an alarm")
		}
	})
}

func TestDriveThatLeftEarlierStillNeedsItsRecord(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M", "WFK2Q8LC")
		b.misses(t, key, "WFK2Q8LC")
		c := b.approved(t, "recycling", laptop)
		if len(c.Problems()) != 2 {
			t.Fatalf("%d problems", len(c.Problems()))
		}
		// Parting the device from the asset hides nothing.
		if _, err := b.assets.Unlink(b.ctx, laptop); err != nil {
			t.Fatal(err)
		}
		if c = must(b.Get(b.ada, c.ID)); len(c.Problems()) != 2 {
			t.Fatalf("without its device: %d problems", len(c.Problems()))
		}
		c = b.wipe(t, c)
		c = must(b.Clear(b.ada, c.ID))
		b.sees(t, key, "LATE-0001") // a late report
		_, err := b.Release(b.ada, c.ID)
		wants(t, err, fault.Conflict)
		c = must(b.Release(b.ada, b.wipe(t, must(b.Get(b.ada, c.ID))).ID))
		b.sees(t, key, "LATE-0002")
		_, err = b.Collect(b.ada, c.ID, "Shred Ltd")
		wants(t, err, fault.Conflict)
	})
}

func TestDevicePartedBeforeTheCaseIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M")
		if _, err := b.assets.Unlink(b.ctx, laptop); err != nil {
			t.Fatal(err)
		}
		c := b.begin(t, "recycling", laptop)
		if len(c.Lines[0].Drives) != 1 || c.Lines[0].Drives[0].Device != key {
			t.Fatalf("its drives are %+v", c.Lines[0].Drives)
		}
		// The device turns out to be another thing, which answers for it.
		other, _ := b.laptop(t, "A-2")
		if _, err := b.assets.Link(b.ctx, other, b.uid(t, key)); err != nil {
			t.Fatal(err)
		}
		c = must(b.Get(b.ada, c.ID))
		if moved := c.Lines[0].Drives[0].Moved; moved == nil || moved.Tag != "A-2" {
			t.Errorf("it is with %+v", moved)
		}
		if !c.Lines[0].NeedsWord() {
			t.Error("a laptop without a device needs nobody's word")
		}
	})
}

func TestDriveInAnotherDeviceIsThatDevices(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M")
		c := b.approved(t, "recycling", laptop)
		b.misses(t, key, "S4DYNX0M")
		stays := b.device(t, "stays")
		b.sees(t, stays, "S4DYNX0M")
		c = must(b.Get(b.ada, c.ID))
		drive := c.Lines[0].Drives[0]
		if drive.Need() != disposal.Elsewhere || drive.Moved.Name != "stays" || drive.Moved.Here {
			t.Fatalf("it needs %s: %+v", drive.Need(), drive.Moved)
		}
		c = must(b.Clear(b.ada, c.ID))
		b.misses(t, stays, "S4DYNX0M") // and is gone at release
		_, err := b.Release(b.ada, c.ID)
		wants(t, err, fault.Conflict)
		b.sees(t, stays, "S4DYNX0M")
		twin := b.device(t, "twin")
		b.sees(t, twin, "S4DYNX0M") // two say so: one of them is another drive
		_, err = b.Release(b.ada, c.ID)
		wants(t, err, fault.Conflict)
		b.misses(t, twin, "S4DYNX0M")
		b.tx(t, func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, stays).Error
		})
		_, err = b.Release(b.ada, c.ID) // it can say no more
		wants(t, err, fault.Conflict)
		b.tx(t, func(tx *store.Tx) error { return tx.Exec("UPDATE device_contacts SET revoked_at = NULL").Error })
		if c = must(b.Release(b.ada, c.ID)); c.State != disposal.Released {
			t.Errorf("it is %s", c.State)
		}
	})
}

func TestDriveStillInsideIsNotMovedByANamesake(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		twin := b.device(t, "twin")
		b.sees(t, twin, "S4DYNX0M")
		laptop, _ := b.laptop(t, "A-1", "S4DYNX0M")
		if c := b.approved(t, "recycling", laptop); len(c.Problems()) != 1 {
			t.Errorf("%d problems", len(c.Problems()))
		}
	})
}

func TestRecordsFollowTheStandard(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1", "S4DYNX0M")
		c := b.begin(t, "recycling", laptop)
		drive := c.Lines[0].Drives[0].ID
		_, err := b.Record(b.ben, c.ID, drive, purge())
		wants(t, err, fault.Conflict) // not approved yet
		c = must(b.Approve(b.mia, must(b.Offer(b.ada, c.ID)).ID, ""))
		for key, wish := range map[string]disposal.RecordWish{
			"fault.disposal.degauss":         {Outcome: disposal.Purge, Technique: "degauss", Tool: "Degausser", PerformedOn: time.Now()},
			"fault.disposal.overwrite_purge": {Outcome: disposal.Purge, Technique: "overwrite", Tool: "nwipe", PerformedOn: time.Now()},
			"fault.disposal.unfit":           {Outcome: disposal.Clear, Technique: "shred", Tool: "Shredder", PerformedOn: time.Now()},
			"fault.disposal.day":             {Outcome: disposal.Purge, Technique: "block_erase", Tool: "nvme-cli", PerformedOn: time.Now().AddDate(0, 0, 2)},
			"fault.field.required":           {Outcome: disposal.Purge, Technique: "block_erase", PerformedOn: time.Now()},
			"fault.field.choice":             {Outcome: "forget", Technique: "block_erase", Tool: "x", PerformedOn: time.Now()},
		} {
			_, err := b.Record(b.ben, c.ID, drive, wish)
			if found := fault.Of(err); found == nil || len(found.Fields) == 0 || found.Fields[0].Key != key {
				t.Errorf("%+v: %+v instead of %s", wish, found, key)
			}
		}
		c = must(b.Record(b.ben, c.ID, drive, disposal.RecordWish{Outcome: disposal.Clear, Technique: "overwrite", Tool: "nwipe", PerformedOn: time.Now()}))
		if !c.Lines[0].Drives[0].Weak() || c.Lines[0].Drives[0].Need() != disposal.Unchecked {
			t.Errorf("clearing a solid state drive is %+v", c.Lines[0].Drives[0])
		}
		_, err = b.Validate(b.ben, c.ID, drive, "full", "")
		wants(t, err, fault.Conflict) // who did it
		c = must(b.Withdraw(b.ben, c.ID, drive, "the wrong drive"))
		wish := purge()
		wish.Performer = "hal" // done by the help desk, written down by Ben
		c = must(b.Record(b.ben, c.ID, drive, wish))
		_, err = b.Validate(b.help, c.ID, drive, "full", "")
		wants(t, err, fault.Conflict)
		_, err = b.Validate(b.ben, c.ID, drive, "full", "")
		wants(t, err, fault.Conflict)
		if c = must(b.Validate(b.ada, c.ID, drive, "sample", "")); c.Lines[0].Drives[0].Need() != disposal.Verified {
			t.Errorf("it needs %s", c.Lines[0].Drives[0].Need())
		}
	})
}

func TestTechniqueAchievesWhatTheStandardSays(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "ZXA0F1CQ")
		b.tx(t, func(tx *store.Tx) error { // what it keeps data on is not known
			return tx.Exec("UPDATE components SET model = 'ST1000LM048' WHERE device_id = ?", key).Error
		})
		c := b.approved(t, "recycling", laptop)
		drive := c.Lines[0].Drives[0].ID
		for _, one := range []struct {
			medium    disposal.Medium
			technique string
			achieves  string
		}{
			{disposal.HDD, "overwrite", "clear purge"},
			{disposal.SSD, "overwrite", "clear"},
			{disposal.Unknown, "overwrite", "clear"},
			{disposal.HDD, "degauss", "purge"},
			{disposal.SSD, "degauss", ""},
			{disposal.Unknown, "degauss", ""},
			{disposal.SSD, "block_erase", "purge"},
			{disposal.HDD, "block_erase", ""},
			{disposal.SSD, "crypto_erase", "purge"},
			{disposal.HDD, "shred", "destroy"},
			{disposal.SSD, "incinerate", "destroy"},
		} {
			var achieves []string
			for _, outcome := range disposal.Outcomes() {
				wish := disposal.RecordWish{Outcome: outcome, Technique: one.technique, Medium: one.medium, Tool: "x", PerformedOn: time.Now()}
				if _, err := b.Record(b.ben, c.ID, drive, wish); err != nil {
					wants(t, err, fault.Invalid)
					continue
				}
				achieves = append(achieves, string(outcome))
				must(b.Withdraw(b.ben, c.ID, drive, "only tried"))
				b.tx(t, func(tx *store.Tx) error {
					return tx.Exec("UPDATE disposal_drives SET medium = ?", disposal.Unknown).Error
				})
			}
			if got := strings.Join(achieves, " "); got != one.achieves {
				t.Errorf("%s of %s achieves %q", one.technique, one.medium, got)
			}
		}
	})
}

func TestLossNeedsItsIncident(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1", "S4DYNX0M")
		c := b.approved(t, "recycling", laptop)
		drive := c.Lines[0].Drives[0].ID
		_, err := b.Lose(b.ben, c.ID, drive, "INC-1", "not in its bay")
		wants(t, err, fault.Invalid)
		b.tx(t, func(tx *store.Tx) error { b.incident(tx); return nil })
		_, err = b.Lose(b.ben, c.ID, drive, "INC-1", "")
		wants(t, err, fault.Invalid)
		for name, change := range map[string]string{"a request": "kind = 'request'", "an incident of another unit": "kind = 'incident', unit_id = ?"} {
			b.tx(t, func(tx *store.Tx) error {
				if strings.Contains(change, "?") {
					return tx.Exec("UPDATE tickets SET "+change, b.south.ID).Error
				}
				return tx.Exec("UPDATE tickets SET " + change).Error
			})
			if _, err := b.Lose(b.ben, c.ID, drive, "INC-1", "not in its bay"); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		b.tx(t, func(tx *store.Tx) error {
			return tx.Exec("UPDATE tickets SET kind = 'incident', unit_id = ?", b.unit.ID).Error
		})
		c = must(b.Lose(b.ben, c.ID, drive, "inc-1", "not in its bay"))
		if got := c.Lines[0].Drives[0]; got.Need() != disposal.Gone || got.Record.Ticket != 1 || len(c.Problems()) != 0 {
			t.Errorf("it is %+v", got.Record)
		}
		_, err = b.Validate(b.ada, c.ID, drive, "full", "")
		wants(t, err, fault.Conflict)
	})
}

func TestDriveKnownByHandIsTheOneReportedLater(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1")
		c := b.begin(t, "recycling", laptop)
		c = must(b.AddDrive(b.help, c.ID, c.Lines[0].ID, disposal.DriveWish{Serial: "s4dynx0m", Medium: disposal.HDD, Note: "read from its label"}))
		if c.Lines[0].NeedsWord() || len(c.Problems()) != 1 {
			t.Errorf("%+v", c.Problems())
		}
		_, err := b.AddDrive(b.help, c.ID, c.Lines[0].ID, disposal.DriveWish{Serial: "S4DYNX0M", Medium: disposal.HDD, Note: "again"})
		wants(t, err, fault.Conflict)
		key := b.device(t, "pc")
		b.sees(t, key, "S4DYNX0M")
		if _, err := b.assets.Link(b.ctx, laptop, b.uid(t, key)); err != nil {
			t.Fatal(err)
		}
		if c = must(b.Get(b.help, c.ID)); len(c.Lines[0].Drives) != 1 || c.Lines[0].Drives[0].Device != key {
			t.Errorf("its drives are %+v", c.Lines[0].Drives)
		}
	})
}

func TestThingIsInOneCaseAtATime(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, _ := b.laptop(t, "A-1")
		first := b.begin(t, "recycling", laptop)
		second := must(b.Create(b.ada, disposal.Wish{Title: "Other", UnitID: b.unit.ID}))
		_, err := b.Add(b.ada, second.ID, "within_unit", "", laptop)
		wants(t, err, fault.Conflict)
		must(b.Cancel(b.ada, first.ID, "another time"))
		must(b.Add(b.ada, second.ID, "within_unit", "", laptop))
	})
}

func TestCasesOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := must(b.Create(b.ctx, disposal.Wish{Title: "South", UnitID: b.south.ID}))
		_, err := b.Get(b.ada, made.ID)
		wants(t, err, fault.Missing)
		_, err = b.Offer(b.ada, made.ID)
		wants(t, err, fault.Missing)
		laptop, _ := b.laptop(t, "A-1")
		_, err = b.Add(b.ctx, made.ID, "within_unit", "", laptop)
		wants(t, err, fault.Conflict) // the case is about another unit
		_, err = b.Create(b.ada, disposal.Wish{Title: "South", UnitID: b.south.ID})
		wants(t, err, fault.Denied)
	})
}

func TestReleasedDeviceThatComesBackRaisesOneAlarm(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		laptop, key := b.laptop(t, "A-1", "S4DYNX0M")
		c := b.approved(t, "recycling", laptop)
		hears := func(how func(device.Key)) { how(key) }
		refused := func(key device.Key) {
			b.tx(t, func(tx *store.Tx) error { return b.Refused(b.ctx, tx, b.message(key)) })
		}
		hears(refused)
		if len(*b.alarms) != 0 {
			t.Fatal("a device that was not released raises an alarm")
		}
		c = must(b.Release(b.ada, must(b.Clear(b.ada, b.wipe(t, c).ID)).ID))
		hears(refused)
		hears(refused)
		b.tx(t, func(tx *store.Tx) error { return b.Returned(b.ctx, tx, b.message(key)) })
		c = must(b.Get(b.ada, c.ID))
		if len(*b.alarms) != 1 || (*b.alarms)[0].Tag != "A-1" || len(c.Sightings) != 1 || c.Sightings[0].Count != 3 || c.Sightings[0].Ticket == 0 {
			t.Errorf("alarms %+v, sightings %+v", *b.alarms, c.Sightings)
		}
	})
}

func TestReleaseDoesEverythingOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first, key := b.laptop(t, "A-1", "S4DYNX0M")
		second, _ := b.laptop(t, "A-2", "S4DYNX1R")
		c := b.approved(t, "recycling", first, second)
		c = must(b.Clear(b.ada, b.wipe(t, c).ID))
		if _, err := b.assets.Move(b.ctx, second, asset.InUse); err != nil {
			t.Fatal(err)
		}
		_, err := b.Release(b.ada, c.ID)
		wants(t, err, fault.Conflict)
		var revoked *time.Time
		if err := b.db.Read(b.ctx).Raw("SELECT revoked_at FROM device_contacts WHERE device_id = ?", key).Row().Scan(&revoked); err != nil || revoked != nil {
			t.Errorf("its agent is revoked at %v, %v", revoked, err)
		}
		if found := must(b.assets.Get(b.ctx, first)); found.Status != asset.Surplus {
			t.Errorf("it is %s", found.Status)
		}
	})
}
