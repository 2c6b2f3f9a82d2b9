-- +goose Up

-- What is licensed, or known to be free: the normalised thing behind the many
-- names that it is reported under. key is what rules and people call it by.
CREATE TABLE products (
    id         uuid PRIMARY KEY,
    key        text NOT NULL COLLATE "C",
    name       text NOT NULL COLLATE "C",
    publisher  text NOT NULL DEFAULT '' COLLATE "C",
    category   text NOT NULL DEFAULT '' COLLATE "C",
    class      text NOT NULL COLLATE "C", -- licensed or free
    family     text NOT NULL DEFAULT '' COLLATE "C", -- what its versions and editions have in common
    edition    text NOT NULL DEFAULT '' COLLATE "C",
    version    text NOT NULL DEFAULT '' COLLATE "C", -- where each version is a product of its own
    origin     text NOT NULL COLLATE "C", -- bundled or local
    devices    integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz -- no longer in the bundle
);
CREATE UNIQUE INDEX products_key ON products (key);
CREATE INDEX products_name ON products (name, id);
CREATE INDEX products_publisher ON products (publisher, id);
CREATE INDEX products_category ON products (category, id);
CREATE INDEX products_devices ON products (devices, id);

-- Which releases are which product, a part of something, or of no interest.
-- Bundled rules come with the program and are replaced with it; local ones are
-- made by people. A rule that is no longer in force stays, because releases
-- and the trail name it.
CREATE TABLE recognition_rules (
    id             uuid PRIMARY KEY,
    origin         text NOT NULL COLLATE "C", -- bundled or local
    match          text NOT NULL COLLATE "C", -- exact, prefix, contains or regexp
    name           text NOT NULL COLLATE "C",
    publisher      text NOT NULL DEFAULT '' COLLATE "C",
    sources        text NOT NULL DEFAULT '' COLLATE "C", -- separated by commas
    version_from   text NOT NULL DEFAULT '' COLLATE "C",
    version_until  text NOT NULL DEFAULT '' COLLATE "C", -- the first that is not meant
    edition        text NOT NULL DEFAULT '' COLLATE "C",
    arch           text NOT NULL DEFAULT '' COLLATE "C",
    class          text NOT NULL COLLATE "C", -- product, part or ignored
    product        text NOT NULL DEFAULT '' COLLATE "C", -- its key, which may name what the rule reads: {version}, {edition}
    priority       integer NOT NULL DEFAULT 0,
    note           text NOT NULL DEFAULT '',
    bundle_version text NOT NULL DEFAULT '',
    before         json, -- what the last change replaced, for undo
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    updated_by     text NOT NULL, -- name of who did it
    retired_at     timestamptz
);
CREATE INDEX recognition_rules_name ON recognition_rules (name, id);
CREATE INDEX recognition_rules_product ON recognition_rules (product, id);
CREATE INDEX recognition_rules_updated ON recognition_rules (updated_at, id);

-- One row: which bundle is in force, and the number of the last change of
-- rules. Who numbers releases holds it for reading, who changes rules for
-- writing, so that no release is missed by either.
CREATE TABLE recognition_state (
    id             integer PRIMARY KEY,
    bundle_version text NOT NULL,
    bundle_hash    text NOT NULL,
    revision       integer NOT NULL,
    changed_at     timestamptz
);
INSERT INTO recognition_state (id, bundle_version, bundle_hash, revision) VALUES (1, '', '', 0);

-- What each release is, by which rule, and which other rule has as good a
-- claim and says otherwise. Without a class nobody knows.
ALTER TABLE releases ADD COLUMN class text COLLATE "C"; -- product, part or ignored
ALTER TABLE releases ADD COLUMN product_id uuid REFERENCES products (id);
ALTER TABLE releases ADD COLUMN rule_id uuid REFERENCES recognition_rules (id);
ALTER TABLE releases ADD COLUMN rival_id uuid REFERENCES recognition_rules (id);
ALTER TABLE releases ADD COLUMN rules_version text; -- bundle and revision that said so
CREATE INDEX releases_product ON releases (product_id, id);
CREATE INDEX releases_rule ON releases (rule_id, id);
CREATE INDEX releases_rival ON releases (rival_id) WHERE rival_id IS NOT NULL;
CREATE INDEX releases_unrecognised ON releases (title_id) WHERE class IS NULL;

-- Devices with a product by unit, as of count_runs.counted_at of "products";
-- products.devices is the same over all units.
CREATE TABLE product_counts (
    product_id uuid NOT NULL,
    unit_id    uuid NOT NULL,
    devices    integer NOT NULL,
    PRIMARY KEY (product_id, unit_id)
);
CREATE INDEX product_counts_devices ON product_counts (unit_id, devices, product_id);
