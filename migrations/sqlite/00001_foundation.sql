-- +goose Up

-- Organisation, people and access -------------------------------------------

-- Units form a tree. path is the list of identifiers from the root down,
-- "/ROOT/CHILD/", so that "this unit and all below" is one prefix.
CREATE TABLE units (
    id            text PRIMARY KEY,
    parent_id     text REFERENCES units (id),
    name          text NOT NULL,
    path          text NOT NULL,
    users_private boolean NOT NULL DEFAULT false,
    created_at    datetime NOT NULL
);
CREATE UNIQUE INDEX units_path ON units (path);
CREATE UNIQUE INDEX units_parent_name ON units (parent_id, name);

CREATE TABLE users (
    id            text PRIMARY KEY,
    login         text NOT NULL,
    name          text NOT NULL,
    email         text,
    password_hash text,
    language      text,
    theme         text,
    time_zone     text,
    created_at    datetime NOT NULL,
    signed_in_at  datetime,
    disabled_at   datetime
);
CREATE UNIQUE INDEX users_login ON users (login);

-- A grant gives a user or an API token a role in a unit and all below it.
CREATE TABLE grants (
    holder_id  text NOT NULL,
    role       text NOT NULL,
    unit_id    text NOT NULL REFERENCES units (id),
    created_at datetime NOT NULL,
    PRIMARY KEY (holder_id, role, unit_id)
);

CREATE TABLE sessions (
    id         text PRIMARY KEY,
    user_id    text NOT NULL REFERENCES users (id),
    token_hash blob NOT NULL,
    address    text,
    client     text,
    created_at datetime NOT NULL,
    seen_at    datetime NOT NULL,
    expires_at datetime NOT NULL,
    revoked_at datetime
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, created_at);

CREATE TABLE api_tokens (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    token_hash blob NOT NULL,
    created_by text REFERENCES users (id),
    created_at datetime NOT NULL,
    used_at    datetime,
    expires_at datetime,
    revoked_at datetime
);
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (token_hash);

-- One-time links: the first administrator, later a forgotten password.
CREATE TABLE sign_in_links (
    token_hash blob PRIMARY KEY,
    user_id    text REFERENCES users (id),
    created_at datetime NOT NULL,
    expires_at datetime NOT NULL,
    used_at    datetime
);

-- Failed sign-ins by login and by address, for throttling.
CREATE TABLE sign_in_failures (
    subject  text PRIMARY KEY,
    failures integer NOT NULL,
    last_at  datetime NOT NULL
);

CREATE TABLE saved_views (
    id         text PRIMARY KEY,
    user_id    text NOT NULL REFERENCES users (id),
    list       text NOT NULL,
    name       text NOT NULL,
    query      text NOT NULL,
    created_at datetime NOT NULL
);
CREATE UNIQUE INDEX saved_views_user ON saved_views (user_id, list, name);

-- What people did: who, when, what, before and after.
CREATE TABLE audit_entries (
    id          text PRIMARY KEY,
    at          datetime NOT NULL,
    actor_kind  text NOT NULL,
    actor_id    text,
    actor_name  text NOT NULL,
    action      text NOT NULL,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    before      text CHECK (json_valid(before)),
    after       text CHECK (json_valid(after)),
    request_id  text
);
CREATE INDEX audit_entries_at ON audit_entries (at, id);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, at);

-- Agents --------------------------------------------------------------------

CREATE TABLE enrolment_keys (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    key_hash   blob NOT NULL,
    unit_id    text NOT NULL REFERENCES units (id),
    created_by text REFERENCES users (id),
    created_at datetime NOT NULL,
    expires_at datetime,
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    used_at    datetime,
    revoked_at datetime
);
CREATE UNIQUE INDEX enrolment_keys_key ON enrolment_keys (key_hash);

-- Devices -------------------------------------------------------------------

-- Current state, one row a device: what lists show, filter and sort by.
-- id is the narrow key inside, uid the identifier outside.
CREATE TABLE devices (
    id              integer PRIMARY KEY,
    uid             text NOT NULL,
    unit_id         text NOT NULL REFERENCES units (id),
    name            text NOT NULL,
    kind            text NOT NULL,
    maker           text,
    model           text,
    serial          text,
    asset_tag       text,
    os_family       text,
    os_name         text,
    os_version      text,
    kernel          text,
    arch            text,
    cpu             text,
    cores           integer,
    memory_bytes    integer,
    disk_bytes      integer,
    free_bytes      integer,
    address         text,
    mac             text,
    last_user       text,
    booted_at       datetime,
    updates         integer,
    security_updates integer,
    restart_required boolean,
    first_seen_at   datetime NOT NULL,
    reported_at     datetime
);
CREATE UNIQUE INDEX devices_uid ON devices (uid);
CREATE INDEX devices_name ON devices (name, id);
CREATE INDEX devices_unit ON devices (unit_id, name, id);
-- One index for each order that the list of devices offers.
CREATE INDEX devices_kind ON devices (kind, id);
CREATE INDEX devices_model ON devices (model, id);
CREATE INDEX devices_serial ON devices (serial, id);
CREATE INDEX devices_tag ON devices (asset_tag, id);
CREATE INDEX devices_os ON devices (TRIM(os_name || ' ' || COALESCE(os_version, '')), id);
CREATE INDEX devices_memory ON devices (memory_bytes, id);
CREATE INDEX devices_free ON devices (free_bytes, id);
CREATE INDEX devices_user ON devices (last_user, id);
CREATE INDEX devices_security ON devices (security_updates, id);
CREATE INDEX devices_first_seen ON devices (first_seen_at, id);
CREATE INDEX devices_reported ON devices (reported_at, id);

-- The agent of a device: its credential, and when it was last here. One row a
-- device, apart from devices because every check-in writes it.
CREATE TABLE device_contacts (
    device_id       integer PRIMARY KEY REFERENCES devices (id),
    credential_hash blob NOT NULL,
    enrolment_key_id text REFERENCES enrolment_keys (id),
    agent_version   text,
    digest          text,
    enrolled_at     datetime NOT NULL,
    seen_at         datetime NOT NULL,
    revoked_at      datetime
);
CREATE UNIQUE INDEX device_contacts_credential ON device_contacts (credential_hash);
CREATE INDEX device_contacts_seen ON device_contacts (seen_at, device_id);

-- The tables from here on grow by rows a device and are written with every
-- report, by which the device is locked: a foreign key would look it up again
-- for each row.

-- Everything that a device can be found by, in lower case: identity evidence
-- (serial, uuid, mac) and search terms (name, user, address, model, tag).
CREATE TABLE device_keys (
    device_id integer NOT NULL,
    kind      text NOT NULL,
    value     text NOT NULL,
    PRIMARY KEY (device_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX device_keys_value ON device_keys (value, kind, device_id);

-- The newest facts of each section, whole.
CREATE TABLE device_sections (
    device_id   integer NOT NULL,
    name        text NOT NULL,
    hash        text NOT NULL,
    outcome     text NOT NULL,
    detail      text,
    took_ms     integer NOT NULL DEFAULT 0,
    reported_at datetime NOT NULL,
    facts       text CHECK (json_valid(facts)),
    PRIMARY KEY (device_id, name)
) WITHOUT ROWID;

-- Values that a report held and that were not stored, until a better one comes.
CREATE TABLE device_notes (
    device_id integer NOT NULL,
    section   text NOT NULL,
    path      text NOT NULL,
    reason    text NOT NULL,
    value     text,
    noted_at  datetime NOT NULL,
    PRIMARY KEY (device_id, section, path)
) WITHOUT ROWID;

-- Parts and peripherals that can be told apart, now and formerly in the device.
CREATE TABLE components (
    device_id     integer NOT NULL,
    kind          text NOT NULL,
    ident         text NOT NULL,
    maker         text,
    model         text,
    serial        text,
    size_bytes    integer,
    first_seen_at datetime NOT NULL,
    last_seen_at  datetime NOT NULL,
    removed_at    datetime,
    PRIMARY KEY (device_id, kind, ident)
) WITHOUT ROWID;
CREATE INDEX components_serial ON components (serial, kind, device_id);

-- What changed: appended, never edited. Partitioned by month on
-- PostgreSQL only.
CREATE TABLE device_changes (
    device_id integer NOT NULL,
    at        datetime NOT NULL,
    seq       integer NOT NULL,
    section   text NOT NULL,
    action    text NOT NULL,
    subject   text NOT NULL,
    field     text,
    before    text,
    after     text,
    PRIMARY KEY (device_id, at, seq)
) WITHOUT ROWID;

-- Reports that were acknowledged, so that the same one sent twice is stored once.
CREATE TABLE device_reports (
    device_id integer NOT NULL,
    report_id text NOT NULL,
    stored_at datetime NOT NULL,
    PRIMARY KEY (device_id, report_id)
) WITHOUT ROWID;
CREATE INDEX device_reports_stored ON device_reports (stored_at);

-- Software ------------------------------------------------------------------

CREATE TABLE titles (
    id        integer PRIMARY KEY,
    uid       text NOT NULL,
    name      text NOT NULL,
    publisher text NOT NULL DEFAULT '',
    source    text NOT NULL DEFAULT '',
    devices   integer NOT NULL DEFAULT 0,
    first_seen_at datetime NOT NULL
);
CREATE UNIQUE INDEX titles_uid ON titles (uid);
CREATE UNIQUE INDEX titles_name ON titles (name, publisher, source);
CREATE INDEX titles_devices ON titles (devices, id);
CREATE INDEX titles_publisher ON titles (publisher, id);
CREATE INDEX titles_first_seen ON titles (first_seen_at, id);

-- A release is stored once, however many devices have it.
CREATE TABLE releases (
    id         integer PRIMARY KEY,
    title_id   integer NOT NULL REFERENCES titles (id),
    version    text NOT NULL DEFAULT '',
    edition    text NOT NULL DEFAULT '',
    arch       text NOT NULL DEFAULT '',
    size_bytes integer,
    extra      text CHECK (json_valid(extra)),
    devices    integer NOT NULL DEFAULT 0,
    first_seen_at datetime NOT NULL
);
CREATE UNIQUE INDEX releases_title ON releases (title_id, version, edition, arch);

-- What is installed now: the narrowest row there is.
CREATE TABLE installations (
    device_id    integer NOT NULL,
    release_id   integer NOT NULL,
    since        datetime NOT NULL,
    installed_on integer, -- days since 1970-01-01
    PRIMARY KEY (device_id, release_id)
) WITHOUT ROWID;
-- The narrowest index too: PostgreSQL keeps equal keys once, which it does not when the device is part of them.
CREATE INDEX installations_release ON installations (release_id);

-- What was installed: from, to. With installations it answers any past date.
CREATE TABLE installations_past (
    device_id  integer NOT NULL,
    release_id integer NOT NULL,
    since      datetime NOT NULL,
    until      datetime NOT NULL,
    PRIMARY KEY (device_id, release_id, until)
) WITHOUT ROWID;

-- Devices with a title by unit, as of count_runs.counted_at; titles.devices and
-- releases.devices are the same over all units.
CREATE TABLE title_counts (
    title_id integer NOT NULL,
    unit_id  text NOT NULL,
    devices  integer NOT NULL,
    PRIMARY KEY (title_id, unit_id)
) WITHOUT ROWID;
CREATE INDEX title_counts_devices ON title_counts (unit_id, devices, title_id);
-- Devices of a unit by kind and system, of which how many wait for a restart or
-- for security updates, as of count_runs.counted_at.
CREATE TABLE device_counts (
    unit_id  text NOT NULL,
    kind     text NOT NULL,
    system   text NOT NULL, -- empty when it is not known
    devices  integer NOT NULL,
    restart  integer NOT NULL,
    security integer NOT NULL,
    PRIMARY KEY (unit_id, kind, system)
) WITHOUT ROWID;
CREATE TABLE count_runs (
    name       text PRIMARY KEY,
    counted_at datetime NOT NULL,
    took_ms    integer NOT NULL
);
