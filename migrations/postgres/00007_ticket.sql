-- +goose Up

-- Rules as data ---------------------------------------------------------------

-- When somebody works: hours of each weekday, less the holidays.
CREATE TABLE calendars (
    id        uuid PRIMARY KEY,
    name      text NOT NULL,
    time_zone text -- IANA name; none is the zone of the server
);
CREATE TABLE calendar_hours (
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    weekday     integer NOT NULL, -- 0 is Sunday
    opens       integer NOT NULL, -- minutes since midnight
    closes      integer NOT NULL,
    PRIMARY KEY (calendar_id, weekday, opens)
);
CREATE TABLE calendar_holidays (
    calendar_id uuid NOT NULL REFERENCES calendars (id),
    day         integer NOT NULL, -- days since 1970-01-01
    name        text NOT NULL,
    PRIMARY KEY (calendar_id, day)
);

-- Which priority follows from how many are hit and how much it holds them up.
CREATE TABLE ticket_matrix (
    impact   text NOT NULL COLLATE "C",
    urgency  text NOT NULL COLLATE "C",
    priority text NOT NULL COLLATE "C",
    PRIMARY KEY (impact, urgency)
);

-- How soon a ticket is to be owned and resolved, in minutes of the calendar.
CREATE TABLE service_levels (
    kind            text NOT NULL COLLATE "C",
    priority        text NOT NULL COLLATE "C",
    own_minutes     integer NOT NULL,
    resolve_minutes integer NOT NULL,
    calendar_id     uuid NOT NULL REFERENCES calendars (id),
    PRIMARY KEY (kind, priority)
);

CREATE TABLE ticket_categories (
    id       uuid PRIMARY KEY,
    key      text NOT NULL COLLATE "C", -- by which rules name it
    name_en  text NOT NULL,
    name_fr  text NOT NULL,
    position integer NOT NULL,
    portal   boolean NOT NULL, -- offered to requesters
    active   boolean NOT NULL
);
CREATE UNIQUE INDEX ticket_categories_key ON ticket_categories (key);

-- Which team has tickets of a category first, and where each escalation leads.
CREATE TABLE ticket_routes (
    category_id uuid NOT NULL REFERENCES ticket_categories (id),
    level       integer NOT NULL, -- 1 is first
    team        text NOT NULL COLLATE "C",
    PRIMARY KEY (category_id, level)
);

-- What administrators changed about which alerts become tickets; without a row
-- the check is as it comes.
CREATE TABLE ticket_alert_rules (
    check_id    text PRIMARY KEY COLLATE "C",
    since_level text NOT NULL COLLATE "C", -- warn, crit, or never
    cause       text NOT NULL COLLATE "C", -- what makes alerts one ticket: device, subject, model, unit
    impact      text NOT NULL COLLATE "C",
    urgency     text NOT NULL COLLATE "C",
    category_id uuid NOT NULL REFERENCES ticket_categories (id),
    updated_at  timestamptz NOT NULL,
    updated_by  text NOT NULL
);

-- Numbers that the rules name; without a row each is as it comes.
CREATE TABLE ticket_settings (
    name       text PRIMARY KEY,
    value      integer NOT NULL,
    updated_at timestamptz NOT NULL,
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
    id              uuid PRIMARY KEY,
    number          integer NOT NULL,
    kind            text NOT NULL COLLATE "C",
    title           text NOT NULL,
    title_key       text COLLATE "C", -- when the server wrote the title: message key, and
    title_args      json, -- what it names
    state           text NOT NULL COLLATE "C",
    impact          text NOT NULL COLLATE "C",
    urgency         text NOT NULL COLLATE "C",
    priority        text NOT NULL COLLATE "C",
    category_id     uuid NOT NULL REFERENCES ticket_categories (id),
    team            text NOT NULL COLLATE "C",
    level           integer NOT NULL, -- of the route that it has reached
    owner_id        uuid REFERENCES users (id),
    requester_id    uuid REFERENCES people (id),
    device_id       integer REFERENCES devices (id),
    asset_id        uuid REFERENCES assets (id),
    unit_id         uuid NOT NULL REFERENCES units (id),
    source          text NOT NULL COLLATE "C", -- desk, portal, alert, disposal, api
    opened_by       text,          -- name of who opened it, none when the server did
    opened_at       timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    opening         json, -- how the device was then

    calendar_id     uuid NOT NULL REFERENCES calendars (id),
    own_minutes     integer NOT NULL,
    own_due_at      timestamptz NOT NULL,
    owned_at        timestamptz,
    resolve_minutes integer NOT NULL,
    resolve_used_s  integer NOT NULL,
    resolve_since   timestamptz, -- since when the clock runs; none while it stands
    resolve_warn_at timestamptz, -- when little is left of it
    resolve_due_at  timestamptz,

    planned_for     timestamptz,
    pending_reason  text,
    wake_at         timestamptz, -- when a pending ticket comes back by itself
    solved_at       timestamptz,
    confirmed_at    timestamptz, -- when the requester said that it is solved
    closed_at       timestamptz,
    reopened        integer NOT NULL DEFAULT 0,
    asked_at        timestamptz, -- when the requester wrote what nobody has answered yet
    merged_into     uuid REFERENCES tickets (id),
    cause           text COLLATE "C",     -- of alerts: by which later ones join it
    storm           boolean NOT NULL DEFAULT false, -- many devices, one cause
    cleared_at      timestamptz  -- since when all of its alerts are over
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
    id          uuid PRIMARY KEY,
    ticket_id   uuid NOT NULL REFERENCES tickets (id),
    at          timestamptz NOT NULL,
    kind        text NOT NULL COLLATE "C", -- message, note, solution
    user_id     uuid REFERENCES users (id),
    person_id   uuid REFERENCES people (id), -- when the requester's side wrote it
    author      text NOT NULL,
    body        text NOT NULL,
    via         text NOT NULL COLLATE "C", -- desk, portal, mail, api
    merged_from uuid REFERENCES tickets (id)
);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket_id, at, id);
CREATE INDEX ticket_messages_merged ON ticket_messages (merged_from);

-- What happened to a ticket: appended, never edited.
CREATE TABLE ticket_events (
    id          uuid PRIMARY KEY,
    ticket_id   uuid NOT NULL REFERENCES tickets (id),
    at          timestamptz NOT NULL,
    action      text NOT NULL COLLATE "C",
    actor       text, -- none when the server did it
    args        json,
    merged_from uuid REFERENCES tickets (id)
);
CREATE INDEX ticket_events_ticket ON ticket_events (ticket_id, at, id);
CREATE INDEX ticket_events_merged ON ticket_events (merged_from);

-- Who hears of a ticket besides its requester.
CREATE TABLE ticket_followers (
    ticket_id   uuid NOT NULL REFERENCES tickets (id),
    person_id   uuid NOT NULL REFERENCES people (id),
    merged_from uuid REFERENCES tickets (id),
    PRIMARY KEY (ticket_id, person_id)
);
CREATE INDEX ticket_followers_person ON ticket_followers (person_id, ticket_id);

CREATE TABLE ticket_alerts (
    ticket_id  uuid NOT NULL REFERENCES tickets (id),
    alert_id   uuid NOT NULL REFERENCES alerts (id),
    joined_at  timestamptz NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (ticket_id, alert_id)
);
CREATE INDEX ticket_alerts_alert ON ticket_alerts (alert_id);

-- Files ---------------------------------------------------------------------------

-- Small files that belong to something, such as a message or a paper.
CREATE TABLE attachments (
    id          uuid PRIMARY KEY,
    object_kind text NOT NULL COLLATE "C",
    object_id   text NOT NULL COLLATE "C",
    name        text NOT NULL,
    media_type  text NOT NULL COLLATE "C",
    size_bytes  integer NOT NULL,
    sha256      bytea NOT NULL,
    content     bytea NOT NULL,
    created_by  text NOT NULL, -- name
    created_at  timestamptz NOT NULL
);
CREATE INDEX attachments_object ON attachments (object_kind, object_id, created_at);

-- Notices ------------------------------------------------------------------------

-- What people are told by mail, as it was written; also what could not be sent.
CREATE TABLE notices (
    id          uuid PRIMARY KEY,
    object_kind text NOT NULL COLLATE "C",
    object_id   text NOT NULL COLLATE "C",
    template    text NOT NULL COLLATE "C",
    name        text NOT NULL,
    address     text, -- none when the person has none
    language    text NOT NULL,
    subject     text NOT NULL COLLATE "C",
    body        text NOT NULL,
    state       text NOT NULL COLLATE "C", -- waiting, sent, unsent, refused
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz, -- of the next try, while it waits
    sent_at     timestamptz
);
CREATE INDEX notices_object ON notices (object_kind, object_id, created_at);
CREATE INDEX notices_due ON notices (due_at, id);

-- How usual changes are --------------------------------------------------------------

-- On how many devices the same change was seen in the last fourteen days.
CREATE TABLE change_counts (
    section    text NOT NULL COLLATE "C",
    action     text NOT NULL COLLATE "C",
    subject    text NOT NULL COLLATE "C",
    field      text NOT NULL COLLATE "C",
    devices    integer NOT NULL,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (section, action, subject, field)
);

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
