-- +goose Up

-- People hold things and ask for help; only some of them sign in. login and
-- email are kept in lower case.
CREATE TABLE people (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    email      text,
    login      text,
    unit_id    text NOT NULL REFERENCES units (id),
    language   text,
    user_id    text REFERENCES users (id),
    active     boolean NOT NULL DEFAULT true,
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);
CREATE UNIQUE INDEX people_email ON people (email);
CREATE UNIQUE INDEX people_login ON people (login);
CREATE UNIQUE INDEX people_user ON people (user_id);
CREATE INDEX people_name ON people (name, id);
CREATE INDEX people_unit ON people (unit_id, name, id);
CREATE INDEX people_updated ON people (updated_at, id);

-- Places form trees: sites, buildings, rooms. path lists the names from the
-- top down, 'Main building/2nd floor/214'.
CREATE TABLE places (
    id         text PRIMARY KEY,
    parent_id  text REFERENCES places (id),
    name       text NOT NULL,
    path       text NOT NULL,
    unit_id    text NOT NULL REFERENCES units (id),
    created_at datetime NOT NULL
);
CREATE UNIQUE INDEX places_path ON places (LOWER(path));
CREATE INDEX places_parent ON places (parent_id, name);
CREATE INDEX places_unit ON places (unit_id, path, id);

-- What the body owns and decides about. Nothing here is observed, and nothing
-- observed is written here: device_id says which device is evidence for it.
CREATE TABLE assets (
    id               text PRIMARY KEY,
    tag              text NOT NULL,
    kind             text NOT NULL,
    maker            text,
    model            text,
    serial           text,
    status           text NOT NULL,
    custodian_id     text REFERENCES people (id),
    place_id         text REFERENCES places (id),
    unit_id          text NOT NULL REFERENCES units (id),
    purchased_on     integer, -- days since 1970-01-01
    cost_cents       bigint,
    currency         text,
    warranty_ends_on integer, -- days since 1970-01-01
    order_number     text,
    device_id        integer REFERENCES devices (id),
    linked_by        text,    -- rule or hand, when device_id is set
    linked_at        datetime,
    note             text,
    created_at       datetime NOT NULL,
    updated_at       datetime NOT NULL
);
CREATE UNIQUE INDEX assets_tag_key ON assets (LOWER(tag));
CREATE UNIQUE INDEX assets_device ON assets (device_id);
CREATE INDEX assets_serial_key ON assets (LOWER(serial));
CREATE INDEX assets_custodian ON assets (custodian_id, tag, id);
CREATE INDEX assets_place ON assets (place_id, tag, id);
CREATE INDEX assets_unit ON assets (unit_id, tag, id);
-- One index for each order that the list of assets offers.
CREATE INDEX assets_tag ON assets (tag, id);
CREATE INDEX assets_kind ON assets (kind, id);
CREATE INDEX assets_model ON assets (model, id);
CREATE INDEX assets_serial ON assets (serial, id);
CREATE INDEX assets_status ON assets (status, id);
CREATE INDEX assets_purchased ON assets (purchased_on, id);
CREATE INDEX assets_cost ON assets (cost_cents, id);
CREATE INDEX assets_warranty ON assets (warranty_ends_on, id);
CREATE INDEX assets_order ON assets (order_number, id);
CREATE INDEX assets_updated ON assets (updated_at, id);

-- On which device a peripheral hangs (until is missing) or hung.
CREATE TABLE asset_attachments (
    asset_id  text NOT NULL REFERENCES assets (id),
    device_id integer NOT NULL REFERENCES devices (id),
    since     datetime NOT NULL,
    until     datetime,
    PRIMARY KEY (asset_id, device_id, since)
) WITHOUT ROWID;
CREATE INDEX asset_attachments_device ON asset_attachments (device_id, until);

-- Assets that a device may be, where the rule would not decide by itself:
-- several fit, or the one that fits has a device, or a person parted the two.
CREATE TABLE asset_candidates (
    device_id integer NOT NULL REFERENCES devices (id),
    asset_id  text NOT NULL REFERENCES assets (id),
    reason    text NOT NULL,
    noted_at  datetime NOT NULL,
    PRIMARY KEY (device_id, asset_id)
) WITHOUT ROWID;
CREATE INDEX asset_candidates_asset ON asset_candidates (asset_id, device_id);

-- Files that were uploaded and previewed, until somebody confirms them.
CREATE TABLE imports (
    id         text PRIMARY KEY,
    kind       text NOT NULL,
    name       text NOT NULL,
    content    blob NOT NULL,
    created_by text NOT NULL,
    created_at datetime NOT NULL
);
CREATE INDEX imports_created ON imports (created_at);
