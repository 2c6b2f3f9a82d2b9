package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/place"
)

// Place is one place where things are.
type Place struct {
	ID        string    `json:"id" format:"uuid"`
	ParentID  string    `json:"parent_id,omitempty" format:"uuid"`
	Name      string    `json:"name"`
	Path      string    `json:"path" doc:"Names from the top down, separated by slashes."`
	UnitID    string    `json:"unit_id" format:"uuid"`
	Unit      string    `json:"unit"`
	Assets    int       `json:"assets" doc:"Assets at this very place."`
	CreatedAt time.Time `json:"created_at"`
}

// PlaceWish is what a place is to be. In a change, what is absent stays.
type PlaceWish struct {
	ParentID *string `json:"parent_id,omitempty" doc:"Identifier of a place, or empty for a site."`
	Name     *string `json:"name,omitempty"`
	UnitID   *string `json:"unit_id,omitempty" format:"uuid"`
}

func (a *API) places() {
	read, manage := identity.Needs(identity.AssetsRead), identity.Needs(identity.PlacesManage)
	service := a.services.Places
	register(a, operation{method: http.MethodGet, path: "/places", name: "list-places", summary: "List places", tag: tagAssets, rule: read},
		func(ctx context.Context, _ *struct{}) (*body[Page[Place]], error) {
			all, err := service.All(ctx)
			return whole(all, writePlace), err
		})
	register(a, operation{method: http.MethodPost, path: "/places", name: "create-place", summary: "Add a place", tag: tagAssets, rule: manage, status: http.StatusCreated},
		func(ctx context.Context, in *body[PlaceWish]) (*body[Place], error) {
			wish, err := in.Body.apply(place.Wish{})
			if err != nil {
				return nil, err
			}
			made, err := service.Create(ctx, wish)
			return &body[Place]{writePlace(made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/places/{id}", name: "get-place", summary: "Get a place", tag: tagAssets, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Place], error) {
			of, err := thing[place.Mark](in.ID, "place")
			if err != nil {
				return nil, err
			}
			found, err := service.Get(ctx, of)
			return &body[Place]{writePlace(found)}, err
		})
	register(a, operation{method: http.MethodPatch, path: "/places/{id}", name: "change-place", summary: "Rename or move a place", tag: tagAssets, rule: manage},
		func(ctx context.Context, in *struct {
			OneInput
			Body PlaceWish
		}) (*body[Place], error) {
			of, err := thing[place.Mark](in.ID, "place")
			if err != nil {
				return nil, err
			}
			changed, err := service.Alter(ctx, of, in.Body.apply)
			return &body[Place]{writePlace(changed)}, err
		})
	register(a, operation{method: http.MethodDelete, path: "/places/{id}", name: "remove-place", summary: "Remove an empty place", tag: tagAssets, rule: manage, status: http.StatusNoContent},
		func(ctx context.Context, in *OneInput) (*nothing, error) {
			of, err := thing[place.Mark](in.ID, "place")
			if err != nil {
				return nil, err
			}
			return &nothing{}, service.Remove(ctx, of)
		})
}

func (w PlaceWish) apply(to place.Wish) (place.Wish, error) {
	set(w.Name, &to.Name)
	wrong := append(setID(w.ParentID, "parent_id", &to.ParentID), setID(w.UnitID, "unit_id", &to.UnitID)...)
	if len(wrong) > 0 {
		return place.Wish{}, fault.NewInvalid(wrong...)
	}
	return to, nil
}

func writePlace(p place.Place) Place {
	return Place{
		ID: p.ID.String(), ParentID: p.ParentID.String(), Name: p.Name, Path: p.Path, UnitID: p.UnitID.String(), Unit: p.Unit,
		Assets: p.Assets, CreatedAt: p.CreatedAt,
	}
}
