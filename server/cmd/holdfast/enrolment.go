package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"

	"holdfast/server/config"
	enrolments "holdfast/server/enrolment"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

type enrolment struct {
	Create enrolmentCreate `cmd:"" help:"Create an enrolment key and print it. It is shown this once."`
	List   enrolmentList   `cmd:"" help:"List enrolment keys."`
	Revoke enrolmentRevoke `cmd:"" help:"End an enrolment key. Agents that have enrolled with it stay."`
}

type enrolmentCreate struct {
	config.Store `embed:""`

	Name    string `help:"What the key is for." default:"Made at the command line"`
	Unit    string `help:"Unit that the devices land in, such as Finance/Payroll. Without it, the root of the organisation."`
	Expires string `help:"When the key ends: a date such as 2027-01-31, or a time from now such as 90d or 12h. Without it, never."`
	MaxUses int    `help:"How many agents may enrol with it. Without it, any number."`
}

// Run creates the key and prints it alone, so that scripts can keep it.
func (e enrolmentCreate) Run(ctx context.Context, std streams) (err error) {
	ctx, db, err := open(ctx, e.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	wish := enrolments.Wish{Name: e.Name}
	if wish.ExpiresAt, err = ending(e.Expires, db.Now()); err != nil {
		return err
	}
	if e.MaxUses != 0 {
		wish.MaxUses = &e.MaxUses
	}
	in, err := unit.New(db).ByName(ctx, e.Unit)
	if err != nil {
		return err
	}
	wish.UnitID = in.ID
	_, secret, err := enrolments.New(db).Create(ctx, wish)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, string(secret))
	return err
}

type enrolmentList struct {
	config.Store `embed:""`
}

// Run lists the keys, the newest first.
func (e enrolmentList) Run(ctx context.Context, std streams) (err error) {
	ctx, db, err := open(ctx, e.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	keys, err := enrolments.New(db).List(ctx)
	if err != nil {
		return err
	}
	units, err := unit.New(db).List(ctx)
	if err != nil {
		return err
	}
	labels := unit.Labels(units)
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tUNIT\tUSES\tLAST USED\tENDS\tSTATE")
	for _, key := range keys {
		uses := strconv.Itoa(key.Uses)
		if key.MaxUses != nil {
			uses += " of " + strconv.Itoa(*key.MaxUses)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, key.Name, labels[key.UnitID], uses,
			day(key.UsedAt), day(key.ExpiresAt), key.State(db.Now()))
	}
	return table.Flush()
}

type enrolmentRevoke struct {
	config.Store `embed:""`

	ID string `arg:"" help:"Identifier of the key, as enrolment list shows it."`
}

// Run ends the key.
func (e enrolmentRevoke) Run(ctx context.Context, std streams) (err error) {
	key, err := id.Parse[enrolments.Key](e.ID)
	if err != nil {
		return err
	}
	ctx, db, err := open(ctx, e.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return enrolments.New(db).Revoke(ctx, key)
}
