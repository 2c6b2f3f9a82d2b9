// Package api is the door for programs: JSON under /api/v1, described by an
// OpenAPI 3.1 document that is generated from the types and definitions which
// serve the requests, so that it cannot be out of date.
//
// It owns the wire: names, shapes, status codes, errors as RFC 9457 problem
// details in the reader's language. It decides nothing; the services do. Every
// operation carries its access rule and becomes a route.Route, so that it is
// mounted, guarded and tested like every other route of the server.
//
// Fields are only ever added. Sizes are bytes, times RFC 3339 in UTC; what is
// not known is absent.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/certificate"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/enrolment"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/inventory"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/position"
	"holdfast/server/recognition"
	"holdfast/server/route"
	"holdfast/server/ticket"
	"holdfast/server/unit"
)

// Prefix is the path below which all operations are.
const Prefix = "/api/v1"

// Services are what the operations call.
type Services struct {
	Inventory   *inventory.Reader
	Agents      *device.Agents
	Accounts    *account.Service
	Units       *unit.Service
	Enrolments  *enrolment.Service
	Audit       *audit.Reader
	Assets      *asset.Service
	People      *person.Service
	Places      *place.Service
	Imports     *importer.Service
	Health      *health.Service
	Recognition *recognition.Service
	Rights      *entitlement.Service
	Positions   *position.Service
	Disposal    *disposal.Service
	Tickets     *ticket.Service
	Desk        *desk.Service
	Panels      *panel.Reader
}

// Texts is how the API speaks.
type Texts struct {
	// Accepted picks a language for an Accept-Language header.
	Accepted func(header string) string
	// Translate gives a message in a language.
	Translate func(language, key string, args fault.Args) string
	// Sentence is Translate with values as the program keeps them: sizes, days
	// and times are written in the manner of the language.
	Sentence func(language, key string, args map[string]any) string
	// Certificate is how a certificate of disposal speaks in a language.
	Certificate func(ctx context.Context, language string) certificate.Texts
}

// API is all operations, ready to be mounted.
type API struct {
	services Services
	texts    Texts
	log      *slog.Logger
	huma     huma.API
	routes   []route.Route
}

// New makes the API. The version is that of the product.
func New(services Services, texts Texts, version string, log *slog.Logger) *API {
	a := &API{services: services, texts: texts, log: log}
	config := huma.DefaultConfig("Holdfast", version)
	config.Info.Description = description
	config.Servers = []*huma.Server{{URL: Prefix}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An API token, as the server's pages or \"holdfast token create\" make it."},
	}
	config.Security = []map[string][]string{{"token": {}}}
	// Documentation pages of others load scripts from elsewhere, and links to
	// schemas in every answer help nobody: only the document is served, by us.
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{a.translated}
	a.huma = huma.NewAPI(config, recorder{a})
	a.huma.UseMiddleware(a.withLanguage)

	a.devices()
	a.deviceAgents()
	a.software()
	a.health()
	a.products()
	a.recognition()
	a.search()
	a.overview()
	a.me()
	a.enrolmentKeys()
	a.units()
	a.users()
	a.sessions()
	a.tokens()
	a.audit()
	a.assets()
	a.people()
	a.places()
	a.imports()
	a.licences()
	a.entitlements()
	a.exemptions()
	a.disposals()
	a.tickets()
	a.desk()
	a.context()
	a.document()
	return a
}

const description = `Asset, inventory and licence tracking.

Lists answer ` + "`{\"items\": [...], \"total\": N, \"next\": \"CURSOR\"}`" + `; ` + "`next`" + ` is absent on the last page, and is passed back
as ` + "`cursor`" + ` to get the page after. Filters are named after the fields: ` + "`FIELD=value`" + ` (text: contains, whatever the
case; otherwise: is; several values are separated by commas), ` + "`FIELD.is`" + ` (exactly), ` + "`FIELD.not`" + `, ` + "`FIELD.from`" + ` and
` + "`FIELD.to`" + ` (both included; times may be ages such as ` + "`-14d`" + `), ` + "`FIELD.known=no`" + `, and ` + "`q`" + ` for free text.

Errors are RFC 9457 problem details; ` + "`errors[].location`" + ` names the parameter or field. Texts follow Accept-Language.
Sizes are bytes. Times are RFC 3339 in UTC. What is not known is absent.`

// Routes gives the routes of all operations.
func (a *API) Routes() []route.Route { return a.routes }

// Document is the OpenAPI 3.1 document.
func (a *API) Document() ([]byte, error) {
	document, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	return append(document, '\n'), nil
}

// document serves the document, which is written at the first request and
// kept: it takes longer than all that the other operations do.
func (a *API) document() {
	document := sync.OnceValues(a.Document)
	a.routes = append(a.routes, route.Route{
		Method: http.MethodGet, Path: Prefix + "/openapi.json", Rule: identity.Public,
		Handler: func(c *gin.Context) {
			content, err := document()
			if err != nil {
				a.Fail(c, err)
				return
			}
			c.Data(http.StatusOK, "application/json", content)
		},
	})
}

// recorder is the adapter by which huma hands its operations over: each
// becomes a route with the rule that the operation carries.
type recorder struct{ api *API }

// ruleKey is where an operation carries its rule.
const ruleKey = "rule"

// Handle implements huma.Adapter.
func (r recorder) Handle(op *huma.Operation, handler func(huma.Context)) {
	rule, _ := op.Metadata[ruleKey].(identity.Rule) // without one, the route is refused at start
	r.api.routes = append(r.api.routes, route.Route{
		Method: op.Method, Path: Prefix + ginPath(op.Path), Rule: rule,
		Handler: func(c *gin.Context) { handler(humagin.NewContext(op, c)) },
	})
}

// ServeHTTP implements huma.Adapter; only huma's own tests call it.
func (recorder) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

// operation is what is to be said about an operation besides its types.
type operation struct {
	method  string
	path    string
	name    string // operation id, such as "list-devices"
	summary string
	tag     string
	rule    identity.Rule
	status  int // of success; 200 when 0
	params  []*huma.Param
	maxBody int64 // bytes that it reads; the package's maxBody when 0
}

// register adds an operation. Faults that the handler returns become problem
// details; anything else is logged and answered without its text.
func register[I, O any](a *API, op operation, handler func(context.Context, *I) (*O, error)) {
	if op.maxBody == 0 {
		op.maxBody = maxBody
	}
	described := huma.Operation{
		OperationID: op.name, Method: op.method, Path: op.path, Summary: op.summary, Tags: []string{op.tag},
		Parameters: op.params, DefaultStatus: op.status, MaxBodyBytes: op.maxBody,
		Metadata: map[string]any{ruleKey: op.rule},
	}
	if op.rule == identity.Public {
		described.Security = []map[string][]string{{}}
	} else {
		described.Description = "Access: " + string(op.rule) + "."
	}
	huma.Register(a.huma, described, func(ctx context.Context, input *I) (*O, error) {
		output, err := handler(ctx, input)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return output, nil
	})
}
