package api

import (
	"context"
	"net/http"

	"holdfast/server/identity"
)

func (a *API) deviceAgents() {
	register(a, operation{
		method: http.MethodDelete, path: "/devices/{id}/credential", name: "revoke-device-credential",
		summary: "Revoke the credential of a device's agent", tag: tagDevices, rule: identity.Needs(identity.AgentsManage), status: http.StatusNoContent,
	}, func(ctx context.Context, in *OneInput) (*struct{}, error) {
		of, err := deviceID(in.ID)
		if err != nil {
			return nil, err
		}
		return nil, a.services.Agents.Revoke(ctx, of)
	})
}
