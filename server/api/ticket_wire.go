package api

import "time"

// Ticket is one piece of work as lists show it.
type Ticket struct {
	ID          string      `json:"id" format:"uuid"`
	Number      string      `json:"number" doc:"As people say it, such as INC-2481."`
	Kind        string      `json:"kind" enum:"incident,request"`
	Title       string      `json:"title"`
	State       string      `json:"state" enum:"new,assigned,planned,pending,solved,closed"`
	Impact      string      `json:"impact" enum:"one,group,site,all"`
	Urgency     string      `json:"urgency" enum:"low,medium,high"`
	Priority    string      `json:"priority" enum:"p1,p2,p3,p4" doc:"Follows from impact and urgency; p1 comes first."`
	CategoryID  string      `json:"category_id" format:"uuid"`
	Category    string      `json:"category" doc:"Its name in the reader's language."`
	Team        string      `json:"team" enum:"helpdesk,officesystems,servers,lineofbusiness"`
	Level       int         `json:"level" doc:"How far it has come on the route of its category."`
	OwnerID     string      `json:"owner_id,omitempty" format:"uuid"`
	Owner       string      `json:"owner,omitempty"`
	RequesterID string      `json:"requester_id,omitempty" format:"uuid"`
	Requester   string      `json:"requester,omitempty"`
	DeviceID    string      `json:"device_id,omitempty" format:"uuid"`
	Device      string      `json:"device,omitempty"`
	AssetID     string      `json:"asset_id,omitempty" format:"uuid"`
	Asset       string      `json:"asset,omitempty" doc:"Tag of the asset."`
	UnitID      string      `json:"unit_id" format:"uuid"`
	Unit        string      `json:"unit"`
	Source      string      `json:"source" enum:"desk,portal,alert,disposal,api"`
	OpenedBy    string      `json:"opened_by,omitempty" doc:"Absent when the server did."`
	OpenedAt    time.Time   `json:"opened_at"`
	UpdatedAt   time.Time   `json:"updated_at"`
	Own         TicketClock `json:"own" doc:"How soon somebody is to own it."`
	Resolve     TicketClock `json:"resolve" doc:"How soon it is to be resolved; stands while it is pending."`
	PlannedFor  *time.Time  `json:"planned_for,omitempty"`
	Reason      string      `json:"pending_reason,omitempty"`
	WakesAt     *time.Time  `json:"wakes_at,omitempty" doc:"When a pending ticket comes back by itself."`
	SolvedAt    *time.Time  `json:"solved_at,omitempty"`
	ConfirmedAt *time.Time  `json:"confirmed_at,omitempty" doc:"When the requester said that it is solved."`
	ClosedAt    *time.Time  `json:"closed_at,omitempty"`
	AskedAt     *time.Time  `json:"asked_at,omitempty" doc:"When the requester wrote what nobody has answered yet."`
	Reopened    int         `json:"reopened"`
	MergedInto  string      `json:"merged_into,omitempty" format:"uuid"`
	Storm       bool        `json:"storm" doc:"Many devices, one cause."`
}

// TicketClock is a clock of a ticket, in working time.
type TicketClock struct {
	State       string     `json:"state" enum:"running,close,paused,met,over" doc:"close: little is left; over: later than it should be, or than it should have been."`
	TargetHours float64    `json:"target_hours"`
	UsedHours   float64    `json:"used_hours"`
	DueAt       *time.Time `json:"due_at,omitempty" doc:"Absent while it stands and once it has stopped."`
}

// TicketDetail is a ticket with all that was said and happened.
type TicketDetail struct {
	Ticket
	Next      []string         `json:"next" nullable:"false" doc:"States that it may be given."`
	Escalates string           `json:"escalates_to,omitempty" doc:"Team that comes next; absent at the end of the route."`
	Opening   *TicketOpening   `json:"opening,omitempty" doc:"How the device was when the ticket was opened."`
	Thread    []TicketEntry    `json:"thread" nullable:"false" doc:"What was said and what happened, the oldest first."`
	Followers []TicketFollower `json:"followers" nullable:"false"`
	Alerts    []TicketAlert    `json:"alerts" nullable:"false"`
	Notices   []TicketNotice   `json:"notices" nullable:"false" doc:"What people were told, or were not."`
}

// TicketOpening is how a device was when its ticket was opened.
type TicketOpening struct {
	Level    string    `json:"level,omitempty" doc:"Absent when it had not been judged yet."`
	Findings []Finding `json:"findings" nullable:"false"`
}

// TicketEntry is a message, a note, or a line of the history.
type TicketEntry struct {
	At     time.Time        `json:"at"`
	Author string           `json:"author,omitempty" doc:"Absent when the server did it."`
	Kind   string           `json:"kind" enum:"message,note,solution,event" doc:"Requesters read messages and solutions."`
	Body   string           `json:"body,omitempty"`
	Asks   bool             `json:"by_requester"`
	Via    string           `json:"via,omitempty"`
	From   string           `json:"merged_from,omitempty" doc:"Number of the ticket that it came from."`
	Files  []AttachmentFile `json:"files" nullable:"false"`
	Action string           `json:"action,omitempty" doc:"Of an event."`
	Args   map[string]any   `json:"args,omitempty" doc:"Of an event."`
}

// AttachmentFile is a file without its content.
type AttachmentFile struct {
	ID        string `json:"id" format:"uuid"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size" doc:"Bytes."`
}

// TicketFollower is somebody who hears of a ticket besides its requester.
type TicketFollower struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

// TicketAlert is an alert that a ticket was made of, or that joined it.
type TicketAlert struct {
	ID        string     `json:"id" format:"uuid"`
	Check     string     `json:"check"`
	Severity  string     `json:"severity"`
	State     string     `json:"state"`
	Sentence  string     `json:"sentence" doc:"In the reader's language."`
	DeviceID  string     `json:"device_id,omitempty" format:"uuid"`
	Device    string     `json:"device,omitempty"`
	Subject   string     `json:"subject,omitempty"`
	FirstSeen time.Time  `json:"first_seen"`
	ClearedAt *time.Time `json:"cleared_at,omitempty"`
}

// TicketNotice is what somebody was told.
type TicketNotice struct {
	Template string     `json:"template"`
	Name     string     `json:"name"`
	Address  string     `json:"address,omitempty"`
	Language string     `json:"language"`
	Subject  string     `json:"subject"`
	State    string     `json:"state" enum:"waiting,sent,unsent,refused"`
	Error    string     `json:"error,omitempty"`
	At       time.Time  `json:"created_at"`
	SentAt   *time.Time `json:"sent_at,omitempty"`
}

// TicketWish is a ticket that is to be opened.
type TicketWish struct {
	Kind        string `json:"kind,omitempty" enum:"incident,request" default:"incident"`
	Title       string `json:"title"`
	Body        string `json:"body,omitempty" doc:"The first message."`
	Impact      string `json:"impact,omitempty" enum:"one,group,site,all" default:"one"`
	Urgency     string `json:"urgency,omitempty" enum:"low,medium,high" default:"medium"`
	CategoryID  string `json:"category_id,omitempty" format:"uuid"`
	RequesterID string `json:"requester_id,omitempty" format:"uuid"`
	DeviceID    string `json:"device_id,omitempty" format:"uuid"`
	AssetID     string `json:"asset_id,omitempty" format:"uuid"`
	UnitID      string `json:"unit_id,omitempty" format:"uuid" doc:"Without it, that of the device, else of the asset, else of the requester."`
}

// TicketChange is what is to be changed about a ticket; what is absent stays.
type TicketChange struct {
	Title       *string `json:"title,omitempty"`
	Kind        *string `json:"kind,omitempty" enum:"incident,request"`
	Impact      *string `json:"impact,omitempty" enum:"one,group,site,all"`
	Urgency     *string `json:"urgency,omitempty" enum:"low,medium,high"`
	CategoryID  *string `json:"category_id,omitempty" format:"uuid"`
	RequesterID *string `json:"requester_id,omitempty" doc:"Identifier, or empty for none."`
	DeviceID    *string `json:"device_id,omitempty" doc:"Identifier, or empty for none."`
	AssetID     *string `json:"asset_id,omitempty" doc:"Identifier, or empty for none."`
}

// TicketMove is a change of state.
type TicketMove struct {
	State string     `json:"state" enum:"new,assigned,planned,pending,solved,closed"`
	Text  string     `json:"text,omitempty" doc:"solved: what was done; pending: what it waits for; otherwise a note."`
	At    *time.Time `json:"at,omitempty" doc:"planned: for when; pending: when it is to come back by itself."`
}

// TicketMessage is what somebody of the desk writes.
type TicketMessage struct {
	Body    string          `json:"body"`
	Private bool            `json:"private,omitempty" doc:"A note, for the desk alone."`
	Then    string          `json:"then,omitempty" enum:"pending,solved" doc:"State that the ticket is to have after it."`
	Files   []MessageUpload `json:"files,omitempty" nullable:"false"`
}

// MessageUpload is a file that belongs to a message.
type MessageUpload struct {
	Name    string `json:"name"`
	Content []byte `json:"content" doc:"Base64."`
}

// TicketAssignment is who is to deal with a ticket.
type TicketAssignment struct {
	OwnerID string `json:"owner_id,omitempty" format:"uuid" doc:"Absent: somebody of the team takes it."`
	Team    string `json:"team,omitempty" enum:"helpdesk,officesystems,servers,lineofbusiness"`
}

// TicketEscalation is why a ticket goes to the next level.
type TicketEscalation struct {
	Note string `json:"note" doc:"What was tried."`
	Team string `json:"team,omitempty" enum:"helpdesk,officesystems,servers,lineofbusiness" doc:"Absent: as the route of the category says."`
}

// TicketMerge names the ticket that another one becomes a part of.
type TicketMerge struct {
	Into string `json:"into" format:"uuid"`
}

// TicketBody names a ticket and says something about it.
type TicketBody[T any] struct {
	OneInput
	Body T
}
