-- +goose Up

-- What proves a purchase: an order, an invoice, a contract, a certificate. Its
-- file is an attachment.
CREATE TABLE papers (
    id         uuid PRIMARY KEY,
    number     text NOT NULL COLLATE "C", -- as the supplier writes it
    kind       text NOT NULL COLLATE "C", -- order, invoice, contract, certificate or other
    supplier   text NOT NULL DEFAULT '' COLLATE "C",
    dated_on   integer, -- days since 1970-01-01
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL, -- name
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX papers_number_key ON papers (LOWER(number), LOWER(supplier));
CREATE INDEX papers_number ON papers (number, id);
CREATE INDEX papers_kind ON papers (kind, id);
CREATE INDEX papers_supplier ON papers (supplier, id);
CREATE INDEX papers_dated ON papers (dated_on, id);
CREATE INDEX papers_updated ON papers (updated_at, id);

-- Rights bought, one row for each line of a purchase. Rows are ended or taken
-- back, never deleted: positions of past days name them.
CREATE TABLE entitlements (
    id               uuid PRIMARY KEY,
    reference        text NOT NULL COLLATE "C", -- by which people and explanations call it
    product_id       uuid NOT NULL REFERENCES products (id),
    quantity         bigint NOT NULL, -- packs; single rights where pack_size is 1
    pack_size        bigint NOT NULL DEFAULT 1,
    metric           text COLLATE "C", -- that it was bought by, where that is not the product's
    starts_on        integer, -- days since 1970-01-01, like all that end in _on
    ends_on          integer, -- the last day; none is perpetual
    maintained_until integer,
    cost_cents       bigint, -- of the whole quantity
    currency         text,
    unit_id          uuid NOT NULL REFERENCES units (id), -- that bought it; of a site licence, the site
    paper_id         uuid REFERENCES papers (id),
    asset_id         uuid REFERENCES assets (id), -- that it is bound to, as OEM rights are
    note             text NOT NULL DEFAULT '',
    before           json, -- what the last change replaced, for undo
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL, -- name
    updated_at       timestamptz NOT NULL,
    updated_by       text NOT NULL, -- name
    removed_at       timestamptz -- recorded by mistake: counts on no day
);
CREATE UNIQUE INDEX entitlements_reference ON entitlements (reference);
CREATE INDEX entitlements_product ON entitlements (product_id, id);
CREATE INDEX entitlements_paper ON entitlements (paper_id, id);
CREATE INDEX entitlements_asset ON entitlements (asset_id, id);
CREATE INDEX entitlements_unit ON entitlements (unit_id, id);
-- One index for each order that the list of rights offers.
CREATE INDEX entitlements_quantity ON entitlements (quantity, id);
CREATE INDEX entitlements_starts ON entitlements (starts_on, id);
CREATE INDEX entitlements_ends ON entitlements (ends_on, id);
CREATE INDEX entitlements_cost ON entitlements (cost_cents, id);
CREATE INDEX entitlements_updated ON entitlements (updated_at, id);

-- Uses that need no right, each with its reason: those on a device, or those
-- of a person.
CREATE TABLE exemptions (
    id         uuid PRIMARY KEY,
    reference  text NOT NULL COLLATE "C",
    product_id uuid NOT NULL REFERENCES products (id),
    device_id  integer REFERENCES devices (id),
    person_id  uuid REFERENCES people (id),
    reason     text NOT NULL,
    starts_on  integer,
    ends_on    integer,
    before     json,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX exemptions_reference ON exemptions (reference);
CREATE INDEX exemptions_product ON exemptions (product_id, id);
CREATE INDEX exemptions_device ON exemptions (device_id, id);
CREATE INDEX exemptions_person ON exemptions (person_id, id);

-- Rights given to named users, whether they have the product installed or not.
CREATE TABLE assignments (
    id         uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id),
    person_id  uuid NOT NULL REFERENCES people (id),
    starts_on  integer,
    ends_on    integer,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    removed_at timestamptz
);
CREATE INDEX assignments_product ON assignments (product_id, person_id);
CREATE INDEX assignments_person ON assignments (person_id, product_id);

-- How products are counted here, where people decided it: by a rule of the
-- bundle, or by a metric with parameters. The others count as the program says.
CREATE TABLE product_metrics (
    product_id    uuid PRIMARY KEY REFERENCES products (id),
    rule_id       text COLLATE "C",
    metric        json,
    packs         json,
    free_editions json,
    note          text NOT NULL DEFAULT '', -- why
    before        json,
    updated_at    timestamptz NOT NULL,
    updated_by    text NOT NULL
);

-- The last number given to an entitlement and to an exemption.
CREATE TABLE licence_numbers (
    name text PRIMARY KEY COLLATE "C",
    last integer NOT NULL
);
INSERT INTO licence_numbers (name, last) VALUES ('entitlement', 0), ('exemption', 0);

-- What is owned and needed of each licensed product, as last worked out.
-- owned = needed + idle + available. Halves are rounded against us here; the
-- explanation has the exact figures.
CREATE TABLE positions (
    product_id     uuid PRIMARY KEY REFERENCES products (id),
    status         text NOT NULL COLLATE "C", -- short, exact, ample or unknown
    metric         text NOT NULL COLLATE "C",
    owned          bigint NOT NULL,
    needed         bigint NOT NULL,
    idle           bigint NOT NULL,
    available      bigint NOT NULL, -- below zero is short
    certain        boolean NOT NULL,
    exposure_cents bigint, -- cost of what is missing
    currency       text,
    term_ends_on   integer, -- of the right in force that ends first
    lines          integer NOT NULL, -- machines, users and sites that count
    spared         integer NOT NULL, -- uses that need no right
    rights         integer NOT NULL, -- entitlements in force
    rule_id        text COLLATE "C", -- none when the product has a metric of its own
    rule_version   text NOT NULL, -- of the bundle
    evaluated_on   integer NOT NULL, -- the day that it holds for
    computed_at    timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL, -- when the figures last changed
    took_us        bigint NOT NULL, -- microseconds
    explanation    json NOT NULL
);
CREATE INDEX positions_status ON positions (status, product_id);
CREATE INDEX positions_metric ON positions (metric, product_id);
CREATE INDEX positions_owned ON positions (owned, product_id);
CREATE INDEX positions_needed ON positions (needed, product_id);
CREATE INDEX positions_available ON positions (available, product_id);
CREATE INDEX positions_exposure ON positions (exposure_cents, product_id);
CREATE INDEX positions_term ON positions (term_ends_on, product_id);
CREATE INDEX positions_computed ON positions (computed_at, product_id);
CREATE INDEX positions_changed ON positions (changed_at, product_id);

-- What the figures were: appended whenever they change.
CREATE TABLE position_history (
    product_id   uuid NOT NULL REFERENCES products (id),
    at           timestamptz NOT NULL,
    owned        bigint NOT NULL,
    needed       bigint NOT NULL,
    idle         bigint NOT NULL,
    available    bigint NOT NULL,
    certain      boolean NOT NULL,
    cause        text NOT NULL COLLATE "C", -- report, recognition, decision, day or start
    rule_version text NOT NULL,
    PRIMARY KEY (product_id, at)
);
