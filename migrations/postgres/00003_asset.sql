-- +goose Up

-- People hold things and ask for help; only some of them sign in. login and
-- email are kept in lower case.
CREATE TABLE people (
    id         uuid PRIMARY KEY,
    name       text NOT NULL COLLATE "C",
    email      text COLLATE "C",
    login      text COLLATE "C",
    unit_id    uuid NOT NULL REFERENCES units (id),
    language   text,
    user_id    uuid REFERENCES users (id),
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
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
    id         uuid PRIMARY KEY,
    parent_id  uuid REFERENCES places (id),
    name       text NOT NULL COLLATE "C",
    path       text NOT NULL COLLATE "C",
    unit_id    uuid NOT NULL REFERENCES units (id),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX places_path ON places (LOWER(path));
CREATE INDEX places_parent ON places (parent_id, name);
CREATE INDEX places_unit ON places (unit_id, path, id);

-- What the body owns and decides about. Nothing here is observed, and nothing
-- observed is written here: device_id says which device is evidence for it.
CREATE TABLE assets (
    id               uuid PRIMARY KEY,
    tag              text NOT NULL COLLATE "C",
    kind             text NOT NULL COLLATE "C",
    maker            text COLLATE "C",
    model            text COLLATE "C",
    serial           text COLLATE "C",
    status           text NOT NULL COLLATE "C",
    custodian_id     uuid REFERENCES people (id),
    place_id         uuid REFERENCES places (id),
    unit_id          uuid NOT NULL REFERENCES units (id),
    purchased_on     integer, -- days since 1970-01-01
    cost_cents       bigint,
    currency         text,
    warranty_ends_on integer, -- days since 1970-01-01
    order_number     text COLLATE "C",
    device_id        integer REFERENCES devices (id),
    linked_by        text,    -- rule or hand, when device_id is set
    linked_at        timestamptz,
    note             text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
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
    asset_id  uuid NOT NULL REFERENCES assets (id),
    device_id integer NOT NULL REFERENCES devices (id),
    since     timestamptz NOT NULL,
    until     timestamptz,
    PRIMARY KEY (asset_id, device_id, since)
);
CREATE INDEX asset_attachments_device ON asset_attachments (device_id, until);

-- Assets that a device may be, where the rule would not decide by itself:
-- several fit, or the one that fits has a device, or a person parted the two.
CREATE TABLE asset_candidates (
    device_id integer NOT NULL REFERENCES devices (id),
    asset_id  uuid NOT NULL REFERENCES assets (id),
    reason    text NOT NULL,
    noted_at  timestamptz NOT NULL,
    PRIMARY KEY (device_id, asset_id)
);
CREATE INDEX asset_candidates_asset ON asset_candidates (asset_id, device_id);

-- Files that were uploaded and previewed, until somebody confirms them.
CREATE TABLE imports (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    name       text NOT NULL,
    content    bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX imports_created ON imports (created_at);
