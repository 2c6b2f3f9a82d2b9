-- +goose Up

-- Rules as data ---------------------------------------------------------------

-- When somebody works: hours of each weekday, less the holidays.
CREATE TABLE calendars (
    id        text PRIMARY KEY,
    name      text NOT NULL,
    time_zone text -- IANA name; none is the zone of the server
);
CREATE TABLE calendar_hours (
    calendar_id text NOT NULL REFERENCES calendars (id),
    weekday     integer NOT NULL, -- 0 is Sunday
    opens       integer NOT NULL, -- minutes since midnight
    closes      integer NOT NULL,
    PRIMARY KEY (calendar_id, weekday, opens)
) WITHOUT ROWID;
CREATE TABLE calendar_holidays (
    calendar_id text NOT NULL REFERENCES calendars (id),
    day         integer NOT NULL, -- days since 1970-01-01
    name        text NOT NULL,
    PRIMARY KEY (calendar_id, day)
) WITHOUT ROWID;

-- Which priority follows from how many are hit and how much it holds them up.
CREATE TABLE ticket_matrix (
    impact   text NOT NULL,
    urgency  text NOT NULL,
    priority text NOT NULL,
    PRIMARY KEY (impact, urgency)
) WITHOUT ROWID;

-- How soon a ticket is to be owned and resolved, in minutes of the calendar.
CREATE TABLE service_levels (
    kind            text NOT NULL,
    priority        text NOT NULL,
    own_minutes     integer NOT NULL,
    resolve_minutes integer NOT NULL,
    calendar_id     text NOT NULL REFERENCES calendars (id),
    PRIMARY KEY (kind, priority)
) WITHOUT ROWID;

CREATE TABLE ticket_categories (
    id       text PRIMARY KEY,
    key      text NOT NULL, -- by which rules name it
    name_en  text NOT NULL,
    name_fr  text NOT NULL,
    position integer NOT NULL,
    portal   boolean NOT NULL, -- offered to requesters
    active   boolean NOT NULL
);
CREATE UNIQUE INDEX ticket_categories_key ON ticket_categories (key);

-- Which team has tickets of a category first, and where each escalation leads.
CREATE TABLE ticket_routes (
    category_id text NOT NULL REFERENCES ticket_categories (id),
    level       integer NOT NULL, -- 1 is first
    team        text NOT NULL,
    PRIMARY KEY (category_id, level)
) WITHOUT ROWID;

-- What administrators changed about which alerts become tickets; without a row
-- the check is as it comes.
CREATE TABLE ticket_alert_rules (
    check_id    text PRIMARY KEY,
    since_level text NOT NULL, -- warn, crit, or never
    cause       text NOT NULL, -- what makes alerts one ticket: device, subject, model, unit
    impact      text NOT NULL,
    urgency     text NOT NULL,
    category_id text NOT NULL REFERENCES ticket_categories (id),
    updated_at  datetime NOT NULL,
    updated_by  text NOT NULL
);

-- Numbers that the rules name; without a row each is as it comes.
CREATE TABLE ticket_settings (
    name       text PRIMARY KEY,
    value      integer NOT NULL,
    updated_at datetime NOT NULL,
    updated_by text NOT NULL
);

-- Tickets -----------------------------------------------------------------------

CREATE TABLE ticket_numbers (
    name text PRIMARY KEY,
    last integer NOT NULL
);

-- Work for a person. Times of clocks are worked out with the calendar when
-- something happens to the ticket: while the clock to resolve runs,
-- resolve_due_at says when it ends, and while it stands resolve_used_s how much
-- of it is used up.
CREATE TABLE tickets (
    id              text PRIMARY KEY,
    number          integer NOT NULL,
    kind            text NOT NULL,
    title           text NOT NULL,
    title_key       text, -- when the server wrote the title: message key, and
    title_args      text CHECK (json_valid(title_args)), -- what it names
    state           text NOT NULL,
    impact          text NOT NULL,
    urgency         text NOT NULL,
    priority        text NOT NULL,
    category_id     text NOT NULL REFERENCES ticket_categories (id),
    team            text NOT NULL,
    level           integer NOT NULL, -- of the route that it has reached
    owner_id        text REFERENCES users (id),
    requester_id    text REFERENCES people (id),
    device_id       integer REFERENCES devices (id),
    asset_id        text REFERENCES assets (id),
    unit_id         text NOT NULL REFERENCES units (id),
    source          text NOT NULL, -- desk, portal, alert, disposal, api
    opened_by       text,          -- name of who opened it, none when the server did
    opened_at       datetime NOT NULL,
    updated_at      datetime NOT NULL,
    opening         text CHECK (json_valid(opening)), -- how the device was then

    calendar_id     text NOT NULL REFERENCES calendars (id),
    own_minutes     integer NOT NULL,
    own_due_at      datetime NOT NULL,
    owned_at        datetime,
    resolve_minutes integer NOT NULL,
    resolve_used_s  integer NOT NULL,
    resolve_since   datetime, -- since when the clock runs; none while it stands
    resolve_warn_at datetime, -- when little is left of it
    resolve_due_at  datetime,

    planned_for     datetime,
    pending_reason  text,
    wake_at         datetime, -- when a pending ticket comes back by itself
    solved_at       datetime,
    confirmed_at    datetime, -- when the requester said that it is solved
    closed_at       datetime,
    reopened        integer NOT NULL DEFAULT 0,
    asked_at        datetime, -- when the requester wrote what nobody has answered yet
    merged_into     text REFERENCES tickets (id),
    cause           text,     -- of alerts: by which later ones join it
    storm           boolean NOT NULL DEFAULT false, -- many devices, one cause
    cleared_at      datetime  -- since when all of its alerts are over
);
CREATE UNIQUE INDEX tickets_number ON tickets (number);
CREATE INDEX tickets_unit ON tickets (unit_id, state, id);
CREATE INDEX tickets_state ON tickets (state, solved_at, id);
CREATE INDEX tickets_owner ON tickets (owner_id, state, id);
CREATE INDEX tickets_team ON tickets (team, state, id);
CREATE INDEX tickets_requester ON tickets (requester_id, opened_at, id);
CREATE INDEX tickets_device ON tickets (device_id, opened_at, id);
CREATE INDEX tickets_asset ON tickets (asset_id);
CREATE INDEX tickets_cause ON tickets (cause, opened_at);
CREATE INDEX tickets_cleared ON tickets (cleared_at);
CREATE INDEX tickets_wake ON tickets (wake_at);
CREATE INDEX tickets_solved ON tickets (solved_at, id);
CREATE INDEX tickets_merged ON tickets (merged_into);
-- One index for each order that the list of tickets offers.
CREATE INDEX tickets_priority ON tickets (priority, id);
CREATE INDEX tickets_opened ON tickets (opened_at, id);
CREATE INDEX tickets_updated ON tickets (updated_at, id);
CREATE INDEX tickets_due ON tickets (resolve_due_at, id);

-- What was said about a ticket: messages that its requester reads, and notes
-- that only the desk reads.
CREATE TABLE ticket_messages (
    id          text PRIMARY KEY,
    ticket_id   text NOT NULL REFERENCES tickets (id),
    at          datetime NOT NULL,
    kind        text NOT NULL, -- message, note, solution
    user_id     text REFERENCES users (id),
    person_id   text REFERENCES people (id), -- when the requester's side wrote it
    author      text NOT NULL,
    body        text NOT NULL,
    via         text NOT NULL, -- desk, portal, mail, api
    merged_from text REFERENCES tickets (id)
);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket_id, at, id);
CREATE INDEX ticket_messages_merged ON ticket_messages (merged_from);

-- What happened to a ticket: appended, never edited.
CREATE TABLE ticket_events (
    id          text PRIMARY KEY,
    ticket_id   text NOT NULL REFERENCES tickets (id),
    at          datetime NOT NULL,
    action      text NOT NULL,
    actor       text, -- none when the server did it
    args        text CHECK (json_valid(args)),
    merged_from text REFERENCES tickets (id)
);
CREATE INDEX ticket_events_ticket ON ticket_events (ticket_id, at, id);
CREATE INDEX ticket_events_merged ON ticket_events (merged_from);

-- Who hears of a ticket besides its requester.
CREATE TABLE ticket_followers (
    ticket_id   text NOT NULL REFERENCES tickets (id),
    person_id   text NOT NULL REFERENCES people (id),
    merged_from text REFERENCES tickets (id),
    PRIMARY KEY (ticket_id, person_id)
) WITHOUT ROWID;
CREATE INDEX ticket_followers_person ON ticket_followers (person_id, ticket_id);

CREATE TABLE ticket_alerts (
    ticket_id  text NOT NULL REFERENCES tickets (id),
    alert_id   text NOT NULL REFERENCES alerts (id),
    joined_at  datetime NOT NULL,
    cleared_at datetime,
    PRIMARY KEY (ticket_id, alert_id)
) WITHOUT ROWID;
CREATE INDEX ticket_alerts_alert ON ticket_alerts (alert_id);

-- Files ---------------------------------------------------------------------------

-- Small files that belong to something, such as a message or a paper.
CREATE TABLE attachments (
    id          text PRIMARY KEY,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    name        text NOT NULL,
    media_type  text NOT NULL,
    size_bytes  integer NOT NULL,
    sha256      blob NOT NULL,
    content     blob NOT NULL,
    created_by  text NOT NULL, -- name
    created_at  datetime NOT NULL
);
CREATE INDEX attachments_object ON attachments (object_kind, object_id, created_at);

-- Notices ------------------------------------------------------------------------

-- What people are told by mail, as it was written; also what could not be sent.
CREATE TABLE notices (
    id          text PRIMARY KEY,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    template    text NOT NULL,
    name        text NOT NULL,
    address     text, -- none when the person has none
    language    text NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    state       text NOT NULL, -- waiting, sent, unsent, refused
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    created_at  datetime NOT NULL,
    due_at      datetime, -- of the next try, while it waits
    sent_at     datetime
);
CREATE INDEX notices_object ON notices (object_kind, object_id, created_at);
CREATE INDEX notices_due ON notices (due_at, id);

-- How usual changes are --------------------------------------------------------------

-- On how many devices the same change was seen in the last fourteen days.
CREATE TABLE change_counts (
    section    text NOT NULL,
    action     text NOT NULL,
    subject    text NOT NULL,
    field      text NOT NULL,
    devices    integer NOT NULL,
    counted_at datetime NOT NULL,
    PRIMARY KEY (section, action, subject, field)
) WITHOUT ROWID;

-- As it comes ------------------------------------------------------------------------

INSERT INTO ticket_numbers (name, last) VALUES ('ticket', 0);

INSERT INTO calendars (id, name) VALUES ('01950000-0000-7000-8000-000000000001', 'Office hours');
INSERT INTO calendar_hours (calendar_id, weekday, opens, closes) VALUES
    ('01950000-0000-7000-8000-000000000001', 1, 480, 1020),
    ('01950000-0000-7000-8000-000000000001', 2, 480, 1020),
    ('01950000-0000-7000-8000-000000000001', 3, 480, 1020),
    ('01950000-0000-7000-8000-000000000001', 4, 480, 1020),
    ('01950000-0000-7000-8000-000000000001', 5, 480, 1020);

INSERT INTO ticket_matrix (impact, urgency, priority) VALUES
    ('one', 'low', 'p4'), ('one', 'medium', 'p4'), ('one', 'high', 'p3'),
    ('group', 'low', 'p4'), ('group', 'medium', 'p3'), ('group', 'high', 'p2'),
    ('site', 'low', 'p3'), ('site', 'medium', 'p2'), ('site', 'high', 'p1'),
    ('all', 'low', 'p2'), ('all', 'medium', 'p1'), ('all', 'high', 'p1');

INSERT INTO service_levels (kind, priority, own_minutes, resolve_minutes, calendar_id) VALUES
    ('incident', 'p1', 15, 120, '01950000-0000-7000-8000-000000000001'),
    ('incident', 'p2', 30, 240, '01950000-0000-7000-8000-000000000001'),
    ('incident', 'p3', 60, 480, '01950000-0000-7000-8000-000000000001'),
    ('incident', 'p4', 120, 1440, '01950000-0000-7000-8000-000000000001'),
    ('request', 'p1', 30, 240, '01950000-0000-7000-8000-000000000001'),
    ('request', 'p2', 60, 480, '01950000-0000-7000-8000-000000000001'),
    ('request', 'p3', 120, 1440, '01950000-0000-7000-8000-000000000001'),
    ('request', 'p4', 240, 2400, '01950000-0000-7000-8000-000000000001');

INSERT INTO ticket_categories (id, key, name_en, name_fr, position, portal, active) VALUES
    ('01950000-0000-7000-8000-000000000101', 'computer', 'Computer', 'Ordinateur', 1, true, true),
    ('01950000-0000-7000-8000-000000000102', 'peripheral', 'Printer, screen or other equipment', 'Imprimante, écran ou autre matériel', 2, true, true),
    ('01950000-0000-7000-8000-000000000103', 'office', 'Office systems, mail', 'Bureautique, courriel', 3, true, true),
    ('01950000-0000-7000-8000-000000000104', 'software', 'Software and licences', 'Logiciels et licences', 4, true, true),
    ('01950000-0000-7000-8000-000000000105', 'access', 'Account and access', 'Compte et accès', 5, true, true),
    ('01950000-0000-7000-8000-000000000106', 'network', 'Network and remote access', 'Réseau et accès à distance', 6, true, true),
    ('01950000-0000-7000-8000-000000000107', 'application', 'Line of business application', 'Application métier', 7, true, true),
    ('01950000-0000-7000-8000-000000000108', 'server', 'Server and storage', 'Serveur et stockage', 8, false, true),
    ('01950000-0000-7000-8000-000000000109', 'compliance', 'Licence position', 'Position de licences', 9, false, true),
    ('01950000-0000-7000-8000-000000000110', 'security', 'Security', 'Sécurité', 10, false, true),
    ('01950000-0000-7000-8000-000000000111', 'other', 'Something else', 'Autre chose', 11, true, true);

INSERT INTO ticket_routes (category_id, level, team) VALUES
    ('01950000-0000-7000-8000-000000000101', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000101', 2, 'officesystems'), ('01950000-0000-7000-8000-000000000101', 3, 'servers'),
    ('01950000-0000-7000-8000-000000000102', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000102', 2, 'officesystems'),
    ('01950000-0000-7000-8000-000000000103', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000103', 2, 'officesystems'), ('01950000-0000-7000-8000-000000000103', 3, 'servers'),
    ('01950000-0000-7000-8000-000000000104', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000104', 2, 'officesystems'),
    ('01950000-0000-7000-8000-000000000105', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000105', 2, 'servers'),
    ('01950000-0000-7000-8000-000000000106', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000106', 2, 'servers'),
    ('01950000-0000-7000-8000-000000000107', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000107', 2, 'lineofbusiness'), ('01950000-0000-7000-8000-000000000107', 3, 'servers'),
    ('01950000-0000-7000-8000-000000000108', 1, 'servers'), ('01950000-0000-7000-8000-000000000108', 2, 'lineofbusiness'),
    ('01950000-0000-7000-8000-000000000109', 1, 'officesystems'),
    ('01950000-0000-7000-8000-000000000110', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000110', 2, 'servers'),
    ('01950000-0000-7000-8000-000000000111', 1, 'helpdesk'), ('01950000-0000-7000-8000-000000000111', 2, 'officesystems');
