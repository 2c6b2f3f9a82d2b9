-- +goose Up

-- The ladder: where things that are no longer needed may go, in the order in
-- which it is tried. An offer stands for offer_days; 0 is not offered.
CREATE TABLE disposal_routes (
    key        text COLLATE "C" PRIMARY KEY,
    position   integer NOT NULL,
    name_en    text NOT NULL,
    name_fr    text NOT NULL,
    offer_days integer NOT NULL,
    approvals  integer NOT NULL, -- different people who must approve
    keeps      boolean NOT NULL  -- the body keeps the thing: it is not disposed of
);
CREATE UNIQUE INDEX disposal_routes_position ON disposal_routes (position);

-- The last number given in each year.
CREATE TABLE disposal_numbers (
    year integer PRIMARY KEY,
    last integer NOT NULL
);

-- A batch of assets on its way out.
CREATE TABLE disposal_cases (
    id             uuid PRIMARY KEY,
    number         text NOT NULL COLLATE "C", -- DC-2026-014
    title          text NOT NULL COLLATE "C",
    state          text NOT NULL COLLATE "C",
    unit_id        uuid NOT NULL REFERENCES units (id),
    sensitivity    text, -- of the data, in the body's own words
    reason         text,
    version        integer NOT NULL, -- counts what changed about lines and routes
    created_by     text NOT NULL, -- name
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    proposed_by_id uuid REFERENCES users (id),
    proposed_by    text,
    offered_at     timestamptz,
    approved_at    timestamptz,
    cleared_at     timestamptz,
    released_at    timestamptz,
    collected_at   timestamptz,
    collector      text, -- who took it
    closed_at      timestamptz,
    cancelled_at   timestamptz,
    outcome        json -- what release changed
);
CREATE UNIQUE INDEX disposal_cases_number ON disposal_cases (number);
CREATE INDEX disposal_cases_unit ON disposal_cases (unit_id, state, id);
-- One index for each order that the list of cases offers.
CREATE INDEX disposal_cases_title ON disposal_cases (title, id);
CREATE INDEX disposal_cases_state ON disposal_cases (state, id);
CREATE INDEX disposal_cases_created ON disposal_cases (created_at, id);
CREATE INDEX disposal_cases_updated ON disposal_cases (updated_at, id);

-- An asset of a case. It is active until it is taken out or the case ends: a
-- thing is on its way out once at a time.
CREATE TABLE disposal_lines (
    id             uuid PRIMARY KEY,
    case_id        uuid NOT NULL REFERENCES disposal_cases (id),
    asset_id       uuid NOT NULL REFERENCES assets (id),
    route          text NOT NULL COLLATE "C" REFERENCES disposal_routes (key),
    reason         text, -- why this route
    active         boolean NOT NULL,
    settled_at     timestamptz, -- when it was clear where it goes
    taker          text,
    no_data_reason text, -- why it holds no data
    no_data_by_id  uuid REFERENCES users (id),
    no_data_by     text,
    no_data_at     timestamptz,
    added_by       text NOT NULL,
    added_at       timestamptz NOT NULL,
    removed_at     timestamptz -- when it was taken out
);
CREATE INDEX disposal_lines_case ON disposal_lines (case_id, id);
CREATE INDEX disposal_lines_route ON disposal_lines (route);
CREATE INDEX disposal_lines_past ON disposal_lines (asset_id, case_id);
CREATE UNIQUE INDEX disposal_lines_asset ON disposal_lines (asset_id) WHERE active;

-- The steps of each line down the ladder: appended, and ended once.
CREATE TABLE disposal_offers (
    id         uuid PRIMARY KEY,
    line_id    uuid NOT NULL REFERENCES disposal_lines (id),
    route      text NOT NULL COLLATE "C" REFERENCES disposal_routes (key),
    outcome    text NOT NULL COLLATE "C", -- open, taken, passed, skipped, withdrawn
    started_at timestamptz NOT NULL,
    ends_at    timestamptz,
    ended_at   timestamptz,
    taker      text,
    reason     text,
    ended_by   text
);
CREATE INDEX disposal_offers_line ON disposal_offers (line_id, started_at, id);

-- The devices that were evidence for the asset of a line, also before and
-- though they no longer are.
CREATE TABLE disposal_devices (
    line_id   uuid NOT NULL REFERENCES disposal_lines (id),
    device_id integer NOT NULL REFERENCES devices (id),
    noted_at  timestamptz NOT NULL,
    PRIMARY KEY (line_id, device_id)
);
CREATE INDEX disposal_devices_device ON disposal_devices (device_id);

-- Every drive that was ever seen in those devices, and those that people know
-- of, which have no device. Rows are never deleted.
CREATE TABLE disposal_drives (
    id            uuid PRIMARY KEY,
    line_id       uuid NOT NULL REFERENCES disposal_lines (id),
    device_id     integer REFERENCES devices (id),
    ident         text NOT NULL COLLATE "C", -- by which it is told from others in its device
    maker         text,
    model         text,
    serial        text,
    size_bytes    bigint,
    medium        text NOT NULL COLLATE "C", -- ssd, hdd or unknown
    first_seen_at timestamptz,
    last_seen_at  timestamptz,
    removed_at    timestamptz,
    note          text, -- how a person knows of it
    noted_by      text, -- none when a device reported it
    noted_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX disposal_drives_ident ON disposal_drives (line_id, COALESCE(device_id, 0), ident);
CREATE INDEX disposal_drives_device ON disposal_drives (device_id, ident);

-- What became of the data on a drive, after NIST SP 800-88: appended, checked
-- once, withdrawn with a reason, never edited.
CREATE TABLE drive_records (
    id              uuid PRIMARY KEY,
    drive_id        uuid NOT NULL REFERENCES disposal_drives (id),
    outcome         text NOT NULL COLLATE "C", -- clear, purge, destroy, lost
    technique       text COLLATE "C",
    tool            text,
    tool_version    text,
    performer_id    uuid REFERENCES users (id), -- none when no user
    performer       text,
    performed_on    integer NOT NULL, -- days since 1970-01-01; of a loss, when it was found out
    note            text,
    ticket_id       uuid REFERENCES tickets (id), -- the incident of a loss
    recorded_by_id  uuid NOT NULL REFERENCES users (id),
    recorded_by     text NOT NULL,
    recorded_at     timestamptz NOT NULL,
    verification    text COLLATE "C", -- full, sample, inspection
    validated_by_id uuid REFERENCES users (id),
    validated_by    text,
    validated_at    timestamptz,
    validation_note text,
    withdrawn_at    timestamptz,
    withdrawn_by    text,
    withdrawn_why   text
);
CREATE UNIQUE INDEX drive_records_drive ON drive_records (drive_id) WHERE withdrawn_at IS NULL;
CREATE INDEX drive_records_past ON drive_records (drive_id, recorded_at);
CREATE INDEX drive_records_ticket ON drive_records (ticket_id);

-- Who said yes or no to a case, and what release would have changed then.
CREATE TABLE disposal_approvals (
    id        uuid PRIMARY KEY,
    case_id   uuid NOT NULL REFERENCES disposal_cases (id),
    version   integer NOT NULL, -- of the case that they saw
    decision  text NOT NULL COLLATE "C", -- approved, declined
    user_id   uuid NOT NULL REFERENCES users (id),
    name      text NOT NULL,
    note      text,
    at        timestamptz NOT NULL,
    saw       json NOT NULL,
    void_at   timestamptz -- when the case went back
);
CREATE UNIQUE INDEX disposal_approvals_user ON disposal_approvals (case_id, user_id) WHERE void_at IS NULL;
CREATE INDEX disposal_approvals_case ON disposal_approvals (case_id, at);

-- Devices that were heard of after they had been released: one row, and one
-- ticket, for each.
CREATE TABLE disposal_sightings (
    device_id integer PRIMARY KEY REFERENCES devices (id),
    case_id   uuid NOT NULL REFERENCES disposal_cases (id),
    ticket_id uuid REFERENCES tickets (id),
    how       text NOT NULL COLLATE "C", -- refused or reported
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    count     integer NOT NULL
);
CREATE INDEX disposal_sightings_case ON disposal_sightings (case_id, first_at);

INSERT INTO disposal_routes (key, position, name_en, name_fr, offer_days, approvals, keeps) VALUES
    ('within_unit', 1, 'Within the unit', 'Dans l’unité', 14, 1, true),
    ('other_unit', 2, 'Other unit', 'Autre unité', 14, 1, true),
    ('public_body', 3, 'Other public body', 'Autre organisme public', 30, 1, false),
    ('schools', 4, 'Schools and charities', 'Écoles et organismes de bienfaisance', 30, 1, false),
    ('sale', 5, 'Sale', 'Vente', 0, 1, false),
    ('lessor', 6, 'Return to lessor', 'Retour au bailleur', 0, 1, false),
    ('recycling', 7, 'Recycling', 'Recyclage', 0, 1, false),
    ('destruction', 8, 'Destruction', 'Destruction', 0, 2, false);
