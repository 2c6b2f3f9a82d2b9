package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
)

// Person is one person that the body works for.
type Person struct {
	ID        string    `json:"id" format:"uuid"`
	Name      string    `json:"name"`
	Email     string    `json:"email,omitempty"`
	Login     string    `json:"login,omitempty"`
	UnitID    string    `json:"unit_id" format:"uuid"`
	Unit      string    `json:"unit"`
	Language  string    `json:"language,omitempty" enum:"en,fr"`
	UserID    string    `json:"user_id,omitempty" format:"uuid" doc:"User that they sign in as."`
	Active    bool      `json:"active" doc:"No once they have left."`
	Assets    int       `json:"assets" doc:"Assets that they hold."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// PersonWish is what a person is to be. In a change, what is absent stays.
type PersonWish struct {
	Name     *string `json:"name,omitempty"`
	Email    *string `json:"email,omitempty"`
	Login    *string `json:"login,omitempty"`
	UnitID   *string `json:"unit_id,omitempty" format:"uuid"`
	Language *string `json:"language,omitempty" doc:"en, fr or empty."`
	UserID   *string `json:"user_id,omitempty" doc:"Identifier of a user, or empty."`
	Active   *bool   `json:"active,omitempty"`
}

func (a *API) people() {
	read, manage := identity.Needs(identity.PeopleRead), identity.Needs(identity.PeopleManage)
	columns, service := person.Columns(), a.services.People
	registerList(a, operation{path: "/people", name: "list-people", summary: "List people", tag: tagAssets, rule: read},
		columns.Fields(), columns.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Person]], error) {
			return readPage(in.values, columns, func(q list.Query) (list.Page[person.Person], error) { return service.List(ctx, q) }, writePerson)
		})
	register(a, operation{method: http.MethodPost, path: "/people", name: "create-person", summary: "Add a person", tag: tagAssets, rule: manage, status: http.StatusCreated},
		func(ctx context.Context, in *body[PersonWish]) (*body[Person], error) {
			wish, err := in.Body.apply(person.Wish{Active: true})
			if err != nil {
				return nil, err
			}
			made, err := service.Create(ctx, wish)
			return &body[Person]{writePerson(made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/people/{id}", name: "get-person", summary: "Get a person", tag: tagAssets, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Person], error) {
			of, err := thing[person.Mark](in.ID, "person")
			if err != nil {
				return nil, err
			}
			found, err := service.Get(ctx, of)
			return &body[Person]{writePerson(found)}, err
		})
	register(a, operation{method: http.MethodPatch, path: "/people/{id}", name: "change-person", summary: "Change a person", tag: tagAssets, rule: manage},
		func(ctx context.Context, in *struct {
			OneInput
			Body PersonWish
		}) (*body[Person], error) {
			of, err := thing[person.Mark](in.ID, "person")
			if err != nil {
				return nil, err
			}
			changed, err := service.Alter(ctx, of, in.Body.apply)
			return &body[Person]{writePerson(changed)}, err
		})
}

func (w PersonWish) apply(to person.Wish) (person.Wish, error) {
	set(w.Name, &to.Name)
	set(w.Email, &to.Email)
	set(w.Login, &to.Login)
	set(w.Language, &to.Language)
	set(w.Active, &to.Active)
	wrong := append(setID(w.UnitID, "unit_id", &to.UnitID), setID(w.UserID, "user_id", &to.UserID)...)
	if len(wrong) > 0 {
		return person.Wish{}, fault.NewInvalid(wrong...)
	}
	return to, nil
}

func writePerson(p person.Person) Person {
	return Person{
		ID: p.ID.String(), Name: p.Name, Email: p.Email, Login: p.Login, UnitID: p.UnitID.String(), Unit: p.Unit, Language: p.Language,
		UserID: p.UserID.String(), Active: p.Active, Assets: p.Assets, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}
