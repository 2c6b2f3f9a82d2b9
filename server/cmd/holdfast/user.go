package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"holdfast/server/account"
	"holdfast/server/config"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/unit"
)

type users struct {
	Create  userCreate  `cmd:"" help:"Add a user. Prints a link, for one use, with which the user sets a password."`
	List    userList    `cmd:"" help:"List users."`
	Disable userDisable `cmd:"" help:"Keep a user out from now on."`
	Enable  userEnable  `cmd:"" help:"Let a disabled user in again."`
	Link    userLink    `cmd:"" help:"Print a link, for one use, with which a user sets a new password."`
}

// address is how links begin.
type address struct {
	PublicURL string `help:"Address of the server in a browser, for the link." default:"http://127.0.0.1:8080" env:"HOLDFAST_PUBLIC_URL" name:"public-url"`
}

func (a address) link(secret identity.Secret) string {
	return strings.TrimRight(a.PublicURL, "/") + "/link/" + string(secret)
}

type userCreate struct {
	config.Store `embed:""`
	address      `embed:""`

	Login         string   `arg:"" help:"What the user signs in as."`
	Name          string   `help:"Name of the person. Without it, the login."`
	Email         string   `help:"Where the person gets mail."`
	Language      string   `help:"Language of the person: en or fr. Without it, the browser's."`
	Role          []string `help:"Role of the user: ${roles}. May be given again."`
	Unit          string   `help:"Unit that the roles reach, with all below it. Without it, the whole organisation."`
	PasswordStdin bool     `help:"Read the password from the first line of the input instead of printing a link."`
}

// Run adds the user.
func (u userCreate) Run(ctx context.Context, std streams) (err error) {
	who := account.Newcomer{Login: u.Login, Name: u.Name, Email: u.Email, Language: u.Language}
	if who.Name == "" {
		who.Name = u.Login
	}
	if u.PasswordStdin {
		line, err := bufio.NewReader(std.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read password: %w", err)
		}
		if who.Password = strings.TrimRight(line, "\r\n"); who.Password == "" {
			return errors.New("read password: the first line of the input is empty")
		}
	}
	ctx, db, err := open(ctx, u.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	wishes, err := grants(ctx, unit.New(db), u.Role, u.Unit)
	if err != nil {
		return err
	}
	accounts := account.New(db)
	made, err := accounts.CreateUser(ctx, who, wishes)
	if err != nil || u.PasswordStdin {
		return err
	}
	secret, err := accounts.MakeLink(ctx, made.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, u.link(secret))
	return err
}

type userList struct {
	config.Store `embed:""`
}

// Run lists the users by login.
func (u userList) Run(ctx context.Context, std streams) (err error) {
	ctx, db, err := open(ctx, u.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := account.New(db).Users(ctx)
	if err != nil {
		return err
	}
	units, err := unit.New(db).List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LOGIN\tNAME\tROLES\tSIGNED IN\tSTATE")
	for _, each := range found {
		state := "active"
		switch {
		case each.DisabledAt != nil:
			state = "disabled"
		case each.PasswordHash == nil:
			state = "no password yet"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", each.Login, each.Name, granted(each.Grants, units), day(each.SignedInAt), state)
	}
	return table.Flush()
}

type userDisable struct {
	config.Store `embed:""`

	Login string `arg:"" help:"What the user signs in as."`
}

// Run keeps the user out.
func (u userDisable) Run(ctx context.Context, std streams) error {
	return withUser(ctx, u.Store, u.Login, std, func(ctx context.Context, accounts *account.Service, found account.User) error {
		return accounts.Disable(ctx, found.ID)
	})
}

type userEnable struct {
	config.Store `embed:""`

	Login string `arg:"" help:"What the user signs in as."`
}

// Run lets the user in again.
func (u userEnable) Run(ctx context.Context, std streams) error {
	return withUser(ctx, u.Store, u.Login, std, func(ctx context.Context, accounts *account.Service, found account.User) error {
		return accounts.Enable(ctx, found.ID)
	})
}

type userLink struct {
	config.Store `embed:""`
	address      `embed:""`

	Login string `arg:"" help:"What the user signs in as."`
}

// Run prints the link.
func (u userLink) Run(ctx context.Context, std streams) error {
	return withUser(ctx, u.Store, u.Login, std, func(ctx context.Context, accounts *account.Service, found account.User) error {
		secret, err := accounts.MakeLink(ctx, found.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, u.link(secret))
		return err
	})
}

func withUser(ctx context.Context, settings config.Store, login string, std streams,
	work func(context.Context, *account.Service, account.User) error,
) (err error) {
	var db *store.DB
	ctx, db, err = open(ctx, settings, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	accounts := account.New(db)
	found, err := accounts.ByLogin(ctx, login)
	if err != nil {
		return err
	}
	return work(ctx, accounts, found)
}
