package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"holdfast/server/account"
	"holdfast/server/config"
	"holdfast/server/identity"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

type tokens struct {
	Create tokenCreate `cmd:"" help:"Create an API token and print it. It is shown this once."`
	List   tokenList   `cmd:"" help:"List API tokens."`
	Revoke tokenRevoke `cmd:"" help:"End an API token."`
}

type tokenCreate struct {
	config.Store `embed:""`

	Name    string   `help:"What the token is for." required:""`
	Role    []string `help:"Role of the token: ${roles}. May be given again." required:""`
	Unit    string   `help:"Unit that the token reaches, with all below it, such as Finance/Payroll. Without it, the whole organisation."`
	Expires string   `help:"When the token ends: a date such as 2027-01-31, or a time from now such as 90d or 12h. Without it, never."`
}

// Run creates the token and prints it alone, so that scripts can keep it.
func (t tokenCreate) Run(ctx context.Context, std streams) (err error) {
	ctx, db, err := open(ctx, t.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	expires, err := ending(t.Expires, db.Now())
	if err != nil {
		return err
	}
	wishes, err := grants(ctx, unit.New(db), t.Role, t.Unit)
	if err != nil {
		return err
	}
	_, secret, err := account.New(db).CreateToken(ctx, account.TokenWish{Name: t.Name, ExpiresAt: expires, Grants: wishes})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, string(secret))
	return err
}

// grants makes roles in a unit, given by its path of names, into wishes.
func grants(ctx context.Context, units *unit.Service, roles []string, path string) ([]account.GrantWish, error) {
	in, err := units.ByName(ctx, path)
	if err != nil {
		return nil, err
	}
	wishes := make([]account.GrantWish, len(roles))
	for i, name := range roles {
		role, known := identity.ParseRole(name)
		if !known {
			return nil, fmt.Errorf("there is no role %q; the roles are %s", name, roleNames())
		}
		wishes[i] = account.GrantWish{Role: role, UnitID: in.ID}
	}
	return wishes, nil
}

type tokenList struct {
	config.Store `embed:""`
}

// Run lists the tokens, the newest first.
func (t tokenList) Run(ctx context.Context, std streams) (err error) {
	ctx, db, err := open(ctx, t.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := account.New(db).Tokens(ctx)
	if err != nil {
		return err
	}
	units, err := unit.New(db).List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLES\tCREATED\tLAST USED\tENDS\tSTATE")
	for _, token := range found {
		state := "active"
		switch {
		case token.RevokedAt != nil:
			state = "revoked"
		case !token.Active(db.Now()):
			state = "expired"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", token.ID, token.Name, granted(token.Grants, units),
			day(&token.CreatedAt), day(token.UsedAt), day(token.ExpiresAt), state)
	}
	return table.Flush()
}

type tokenRevoke struct {
	config.Store `embed:""`

	ID string `arg:"" help:"Identifier of the token, as token list shows it."`
}

// Run ends the token.
func (t tokenRevoke) Run(ctx context.Context, std streams) (err error) {
	token, err := id.Parse[identity.Token](t.ID)
	if err != nil {
		return err
	}
	ctx, db, err := open(ctx, t.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return account.New(db).RevokeToken(ctx, token)
}

// day writes a time for a table; "-" stands for none.
func day(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}
