package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

const tagAccess = "access"

// nothing is the answer of what has nothing to say.
type nothing struct{}

// User is a person who signs in.
type User struct {
	ID         string     `json:"id" format:"uuid"`
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Email      string     `json:"email,omitempty"`
	Language   string     `json:"language,omitempty"`
	Grants     []Grant    `json:"grants" nullable:"false"`
	CreatedAt  time.Time  `json:"created_at"`
	SignedInAt *time.Time `json:"signed_in_at,omitempty"`
	DisabledAt *time.Time `json:"disabled_at,omitempty"`
}

// NewUser is a user to be made.
type NewUser struct {
	Login    string  `json:"login"`
	Name     string  `json:"name"`
	Email    string  `json:"email,omitempty"`
	Language string  `json:"language,omitempty" doc:"en or fr; absent follows the browser."`
	Password string  `json:"password,omitempty" doc:"Absent: the user sets one through a link."`
	Grants   []Grant `json:"grants,omitempty"`
}

// UserChange is what is to change about a user.
type UserChange struct {
	Disabled *bool `json:"disabled,omitempty" doc:"Whether the user is kept out."`
}

// Session is one signed-in browser of a user.
type Session struct {
	ID        string    `json:"id" format:"uuid"`
	UserID    string    `json:"user_id" format:"uuid"`
	Address   string    `json:"address,omitempty"`
	Client    string    `json:"client,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Token is an API token, without its secret.
type Token struct {
	ID        string     `json:"id" format:"uuid"`
	Name      string     `json:"name"`
	Grants    []Grant    `json:"grants" nullable:"false"`
	CreatedBy string     `json:"created_by,omitempty" doc:"The user whose it is; absent for the operator's."`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// NewToken is an API token to be made.
type NewToken struct {
	Name      string     `json:"name"`
	Grants    []Grant    `json:"grants"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Absent: never."`
}

// MadeToken is a new token with its secret.
type MadeToken struct {
	Token
	Secret string `json:"secret" doc:"Shown this once."`
}

func (a *API) users() {
	needs := identity.Needs(identity.UsersManage)
	register(a, operation{method: http.MethodGet, path: "/users", name: "list-users", summary: "List users", tag: tagAccess, rule: needs},
		func(ctx context.Context, _ *struct{}) (*body[Page[User]], error) {
			users, err := a.services.Accounts.Users(ctx)
			return whole(users, writeUser), err
		})
	register(a, operation{method: http.MethodPost, path: "/users", name: "create-user", summary: "Create a user", tag: tagAccess, rule: needs, status: http.StatusCreated},
		func(ctx context.Context, in *body[NewUser]) (*body[User], error) {
			wishes, err := wishes(in.Body.Grants)
			if err != nil {
				return nil, err
			}
			user, err := a.services.Accounts.CreateUser(ctx, account.Newcomer{
				Login: in.Body.Login, Name: in.Body.Name, Email: in.Body.Email, Language: in.Body.Language, Password: in.Body.Password,
			}, wishes)
			return &body[User]{writeUser(user)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/users/{id}", name: "get-user", summary: "Get a user", tag: tagAccess, rule: needs},
		func(ctx context.Context, in *OneInput) (*body[User], error) {
			return a.user(ctx, in.ID)
		})
	register(a, operation{method: http.MethodPatch, path: "/users/{id}", name: "change-user", summary: "Keep a user out, or let them in again", tag: tagAccess, rule: needs},
		func(ctx context.Context, in *struct {
			OneInput
			Body UserChange
		}) (*body[User], error) {
			user, err := thing[identity.User](in.ID, "user")
			if err != nil {
				return nil, err
			}
			switch disabled := in.Body.Disabled; {
			case disabled == nil:
			case *disabled:
				err = a.services.Accounts.Disable(ctx, user)
			default:
				err = a.services.Accounts.Enable(ctx, user)
			}
			if err != nil {
				return nil, err
			}
			return a.user(ctx, in.ID)
		})
	register(a, operation{method: http.MethodPut, path: "/users/{id}/grants/{role}/{unit_id}", name: "grant-role", summary: "Give a user a role in a unit", tag: tagAccess, rule: needs, status: http.StatusNoContent},
		func(ctx context.Context, in *GrantInput) (*nothing, error) {
			return a.grant(ctx, in, a.services.Accounts.Grant)
		})
	register(a, operation{method: http.MethodDelete, path: "/users/{id}/grants/{role}/{unit_id}", name: "take-role", summary: "Take a role in a unit from a user", tag: tagAccess, rule: needs, status: http.StatusNoContent},
		func(ctx context.Context, in *GrantInput) (*nothing, error) {
			return a.grant(ctx, in, a.services.Accounts.Ungrant)
		})
}

// GrantInput names a role of a user in a unit.
type GrantInput struct {
	OneInput
	Role   string `path:"role" enum:"requester,committee,manager,helpdesk,officesystems,servers,lineofbusiness,administrator"`
	UnitID string `path:"unit_id" format:"uuid"`
}

func (a *API) grant(ctx context.Context, in *GrantInput, change func(context.Context, identity.UserID, identity.Role, identity.UnitID) error) (*nothing, error) {
	user, err := thing[identity.User](in.ID, "user")
	if err != nil {
		return nil, err
	}
	unit, err := thing[identity.Unit](in.UnitID, "unit")
	if err != nil {
		return nil, err
	}
	return &nothing{}, change(ctx, user, identity.Role(in.Role), unit)
}

func (a *API) user(ctx context.Context, text string) (*body[User], error) {
	of, err := thing[identity.User](text, "user")
	if err != nil {
		return nil, err
	}
	user, err := a.services.Accounts.User(ctx, of)
	return &body[User]{writeUser(user)}, err
}

func (a *API) sessions() {
	register(a, operation{method: http.MethodGet, path: "/users/{id}/sessions", name: "list-user-sessions", summary: "List the open sessions of a user", tag: tagAccess, rule: identity.Needs(identity.UsersManage)},
		func(ctx context.Context, in *OneInput) (*body[Page[Session]], error) {
			user, err := thing[identity.User](in.ID, "user")
			if err != nil {
				return nil, err
			}
			sessions, err := a.services.Accounts.SessionsOf(ctx, user)
			return whole(sessions, writeSession), err
		})
	register(a, operation{method: http.MethodDelete, path: "/sessions/{id}", name: "revoke-session", summary: "End a session", tag: tagAccess, rule: identity.SignedIn, status: http.StatusNoContent},
		func(ctx context.Context, in *OneInput) (*nothing, error) {
			session, err := thing[account.SessionRow](in.ID, "session")
			if err != nil {
				return nil, err
			}
			return &nothing{}, a.services.Accounts.RevokeSession(ctx, session)
		})
}

func (a *API) tokens() {
	needs := identity.Needs(identity.TokensOwn)
	register(a, operation{method: http.MethodGet, path: "/tokens", name: "list-tokens", summary: "List API tokens", tag: tagAccess, rule: needs},
		func(ctx context.Context, _ *struct{}) (*body[Page[Token]], error) {
			tokens, err := a.services.Accounts.Tokens(ctx)
			return whole(tokens, writeToken), err
		})
	register(a, operation{method: http.MethodPost, path: "/tokens", name: "create-token", summary: "Create an API token", tag: tagAccess, rule: needs, status: http.StatusCreated},
		func(ctx context.Context, in *body[NewToken]) (*body[MadeToken], error) {
			wishes, err := wishes(in.Body.Grants)
			if err != nil {
				return nil, err
			}
			token, secret, err := a.services.Accounts.CreateToken(ctx, account.TokenWish{
				Name: in.Body.Name, ExpiresAt: in.Body.ExpiresAt, Grants: wishes,
			})
			return &body[MadeToken]{MadeToken{Token: writeToken(token), Secret: string(secret)}}, err
		})
	register(a, operation{method: http.MethodDelete, path: "/tokens/{id}", name: "revoke-token", summary: "Revoke an API token", tag: tagAccess, rule: needs, status: http.StatusNoContent},
		func(ctx context.Context, in *OneInput) (*nothing, error) {
			token, err := thing[identity.Token](in.ID, "token")
			if err != nil {
				return nil, err
			}
			return &nothing{}, a.services.Accounts.RevokeToken(ctx, token)
		})
}

// thing reads the identifier in a path; one that is none names nothing.
func thing[T any](text, kind string) (id.Of[T], error) {
	of, err := id.Parse[T](text)
	if err != nil {
		return id.Of[T]{}, fault.NewMissing(kind)
	}
	return of, nil
}

func wishes(grants []Grant) ([]account.GrantWish, error) {
	wishes := make([]account.GrantWish, 0, len(grants))
	for i, grant := range grants {
		unit, err := id.Parse[identity.Unit](grant.UnitID)
		if err != nil {
			return nil, fault.NewInvalid(fault.Field{Name: "grants[" + strconv.Itoa(i) + "].unit_id", Key: "problem.field.uuid"})
		}
		wishes = append(wishes, account.GrantWish{Role: grant.Role, UnitID: unit})
	}
	return wishes, nil
}

func writeUser(u account.User) User {
	return User{
		ID: u.ID.String(), Login: u.Login, Name: u.Name, Email: text(u.Email), Language: text(u.Language),
		Grants: each(u.Grants, writeGrant), CreatedAt: u.CreatedAt, SignedInAt: u.SignedInAt, DisabledAt: u.DisabledAt,
	}
}

func writeSession(s account.SessionRow) Session {
	return Session{
		ID: s.ID.String(), UserID: s.UserID.String(), Address: text(s.Address), Client: text(s.Client),
		CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt,
	}
}

func writeToken(t account.Token) Token {
	return Token{
		ID: t.ID.String(), Name: t.Name, Grants: each(t.Grants, writeGrant), CreatedBy: t.CreatedBy.String(),
		CreatedAt: t.CreatedAt, UsedAt: t.UsedAt, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt,
	}
}

func text(known *string) string {
	if known == nil {
		return ""
	}
	return *known
}
