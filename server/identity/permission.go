package identity

import "slices"

// Role is a kind of work, as DESIGN and the manual describe the people who do it.
type Role string

// The roles.
const (
	Requester      Role = "requester"      // any employee: own things only
	HelpDesk       Role = "helpdesk"       // callers and their devices
	OfficeSystems  Role = "officesystems"  // software and licences
	Servers        Role = "servers"        // servers and their lifecycle
	LineOfBusiness Role = "lineofbusiness" // applications and their hosts
	Manager        Role = "manager"        // measures and plans
	Committee      Role = "committee"      // oversight, without personal data
	Administrator  Role = "administrator"  // everything
)

// Roles lists all roles, from the one that may least to the one that may most.
func Roles() []Role {
	return []Role{Requester, Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator}
}

// ParseRole reads a role; "admin" is short for administrator.
func ParseRole(text string) (Role, bool) {
	if text == "admin" {
		return Administrator, true
	}
	role := Role(text)
	return role, slices.Contains(Roles(), role)
}

// Permission is something that may be done.
type Permission string

// The permissions.
const (
	OverviewRead      Permission = "overview.read"      // figures of the units, no single device
	DevicesRead       Permission = "devices.read"       // devices, their facts and changes
	DevicesExport     Permission = "devices.export"     // the same as a file
	PeopleRead        Permission = "people.read"        // who uses a device, who holds an asset
	PeopleManage      Permission = "people.manage"      // add and change people
	PlacesManage      Permission = "places.manage"      // add and change places
	AssetsRead        Permission = "assets.read"        // assets, their history, places
	AssetsExport      Permission = "assets.export"      // the same as a file
	AssetsEdit        Permission = "assets.edit"        // add, change, hand out, link assets
	AssetsRetire      Permission = "assets.retire"      // call assets surplus, and back
	RecordsImport     Permission = "records.import"     // add and change many of them from a file
	SoftwareRead      Permission = "software.read"      // titles, versions and how many have them
	SoftwareExport    Permission = "software.export"    // the same as a file
	LicencesRead      Permission = "licences.read"      // positions, rights and the papers behind them
	LicencesExport    Permission = "licences.export"    // the same as a file
	LicencesEdit      Permission = "licences.edit"      // record rights, exemptions, how products are counted
	ProductsRead      Permission = "products.read"      // what titles were recognised as
	RecognitionManage Permission = "recognition.manage" // rules that say so
	AlertsRead        Permission = "alerts.read"        // what checks found, alerts and their history
	AlertsHandle      Permission = "alerts.handle"      // acknowledge and snooze alerts
	ChecksManage      Permission = "checks.manage"      // switch checks, change their limits
	TicketsOwn        Permission = "tickets.own"        // one's own devices, reports and requests
	TicketsRead       Permission = "tickets.read"       // everybody's tickets, with the notes of the desk
	TicketsExport     Permission = "tickets.export"     // the same as a file
	TicketsHandle     Permission = "tickets.handle"     // open, answer, take, assign, solve and merge tickets
	TicketsManage     Permission = "tickets.manage"     // categories, service levels, calendars, which alerts become tickets
	AgentsManage      Permission = "agents.manage"      // revoke the credential of an agent
	EnrolmentManage   Permission = "enrolment.manage"   // keys that let agents in
	UsersManage       Permission = "users.manage"       // users, their grants and sessions
	UnitsManage       Permission = "units.manage"       // the organisation tree
	DisposalRead      Permission = "disposal.read"      // disposal cases, their drives and certificates
	DisposalEdit      Permission = "disposal.edit"      // propose, release and close disposal cases
	DisposalApprove   Permission = "disposal.approve"   // approve and decline them
	DisposalRecord    Permission = "disposal.record"    // record and check what became of drives
	TokensOwn         Permission = "tokens.own"         // one's own API tokens
	TokensManage      Permission = "tokens.manage"      // everybody's API tokens
	AuditRead         Permission = "audit.read"         // who did what
	MetricsRead       Permission = "metrics.read"       // /metrics from another machine
)

// Grants is the one table of who may do what: the source of every check, of
// the manual and of the tests.
func Grants() map[Permission][]Role {
	return map[Permission][]Role{
		OverviewRead:      {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		DevicesRead:       {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		DevicesExport:     {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		PeopleRead:        {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		PeopleManage:      {HelpDesk, OfficeSystems, Administrator},
		PlacesManage:      {HelpDesk, OfficeSystems, Servers, Administrator},
		AssetsRead:        {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		AssetsExport:      {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		AssetsEdit:        {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		AssetsRetire:      {OfficeSystems, Servers, LineOfBusiness, Administrator},
		RecordsImport:     {OfficeSystems, Servers, Administrator},
		SoftwareRead:      {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		SoftwareExport:    {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		LicencesRead:      {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		LicencesExport:    {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		LicencesEdit:      {OfficeSystems, Servers, Administrator},
		ProductsRead:      {Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		RecognitionManage: {OfficeSystems, Administrator},
		AlertsRead:        {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		AlertsHandle:      {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		ChecksManage:      {Administrator},
		TicketsOwn:        {Requester, Committee, Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		TicketsRead:       {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		TicketsExport:     {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		TicketsHandle:     {HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		TicketsManage:     {Administrator},
		AgentsManage:      {HelpDesk, Servers, Administrator},
		EnrolmentManage:   {HelpDesk, Servers, Administrator},
		UsersManage:       {Administrator},
		UnitsManage:       {Administrator},
		DisposalRead:      {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		DisposalEdit:      {OfficeSystems, Servers, Administrator},
		DisposalApprove:   {Manager, Administrator},
		DisposalRecord:    {HelpDesk, OfficeSystems, Servers, Administrator},
		TokensOwn:         {Manager, HelpDesk, OfficeSystems, Servers, LineOfBusiness, Administrator},
		TokensManage:      {Administrator},
		AuditRead:         {Administrator},
		MetricsRead:       {Servers, Administrator},
	}
}

// Permissions lists all permissions by name.
func Permissions() []Permission {
	all := make([]Permission, 0, len(permitted))
	for permission := range permitted {
		all = append(all, permission)
	}
	slices.Sort(all)
	return all
}

// May reports whether the role has the permission.
func (r Role) May(permission Permission) bool { return slices.Contains(permitted[permission], r) }

// permitted is Grants, built once: every request asks it.
var permitted = Grants() //nolint:gochecknoglobals // a constant that Go cannot write as one
