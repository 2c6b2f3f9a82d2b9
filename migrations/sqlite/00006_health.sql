-- +goose Up

-- What each check last found on each device, one row for each subject of the
-- check, such as a volume. level is what is known now; held is the level of
-- the last time that it was known, which alerts follow and hysteresis needs.
CREATE TABLE findings (
    device_id integer NOT NULL,
    check_id  text NOT NULL,
    subject   text NOT NULL,
    level     text NOT NULL,
    held      text NOT NULL,
    args      text CHECK (json_valid(args)),
    memory    text CHECK (json_valid(memory)), -- what the check itself wants to remember
    since     datetime NOT NULL, -- when held became what it is
    seen_at   datetime NOT NULL, -- when it was last known
    PRIMARY KEY (device_id, check_id, subject)
) WITHOUT ROWID;
CREATE INDEX findings_check ON findings (check_id, device_id);

-- The verdict on a device: its worst finding, and when it must be judged
-- again even if nothing is reported. rank is 0 crit, 1 warn, 2 unknown, 3 ok.
CREATE TABLE device_health (
    device_id integer PRIMARY KEY,
    rank      integer NOT NULL,
    level     text NOT NULL,
    check_id  text,
    subject   text,
    args      text CHECK (json_valid(args)),
    since     datetime,
    judged_at datetime NOT NULL,
    due_at    datetime,
    silent    boolean NOT NULL -- judged as one that is not heard from: its next word counts
);
CREATE INDEX device_health_due ON device_health (due_at, device_id);
CREATE INDEX device_health_rank ON device_health (rank, device_id);
CREATE INDEX device_health_silent ON device_health (device_id) WHERE silent;

-- Free space of each volume, at most once a day and only when it changed:
-- between two rows it stayed as in the earlier one.
CREATE TABLE volume_samples (
    device_id  integer NOT NULL,
    mount      text NOT NULL,
    day        integer NOT NULL, -- days since 1970-01-01
    free_bytes bigint NOT NULL,
    size_bytes bigint NOT NULL,
    PRIMARY KEY (device_id, mount, day)
) WITHOUT ROWID;

-- What administrators changed about checks; without a row the check is as it
-- comes.
CREATE TABLE check_settings (
    check_id     text PRIMARY KEY,
    enabled      boolean NOT NULL,
    limits       text NOT NULL CHECK (json_valid(limits)),
    hold_minutes integer NOT NULL,
    updated_at   datetime NOT NULL,
    updated_by   text NOT NULL
);

-- A condition that lasts and concerns somebody: one row for each check, device
-- and subject, however often it is seen and however grave it is.
CREATE TABLE alerts (
    id              text PRIMARY KEY,
    check_id        text NOT NULL,
    device_id       integer REFERENCES devices (id),
    subject         text NOT NULL,
    unit_id         text NOT NULL REFERENCES units (id),
    severity        text NOT NULL,
    state           text NOT NULL,
    args            text CHECK (json_valid(args)),
    first_seen_at   datetime NOT NULL,
    last_seen_at    datetime NOT NULL,
    count           integer NOT NULL, -- times that it was seen
    reopened        integer NOT NULL DEFAULT 0,
    acknowledged_by text REFERENCES users (id), -- none when a program did it
    acknowledged_at datetime,
    acknowledged_as text, -- name of who did it
    snoozed_until   datetime,
    resolved_at     datetime,
    resolved_why    text
);
CREATE UNIQUE INDEX alerts_open ON alerts (COALESCE(device_id, 0), check_id, subject) WHERE state = 'open';
CREATE INDEX alerts_device ON alerts (device_id, check_id, subject);
CREATE INDEX alerts_subject ON alerts (check_id, subject);
CREATE INDEX alerts_unit ON alerts (unit_id, state, last_seen_at, id);
-- One index for each order that the list of alerts offers.
CREATE INDEX alerts_check ON alerts (check_id, id);
CREATE INDEX alerts_severity ON alerts (severity, id);
CREATE INDEX alerts_state ON alerts (state, id);
CREATE INDEX alerts_first_seen ON alerts (first_seen_at, id);
CREATE INDEX alerts_last_seen ON alerts (last_seen_at, id);
CREATE INDEX alerts_count ON alerts (count, id);
CREATE INDEX alerts_resolved ON alerts (resolved_at, id);

-- What happened to an alert: appended, never edited.
CREATE TABLE alert_events (
    id         text PRIMARY KEY,
    alert_id   text NOT NULL REFERENCES alerts (id),
    at         datetime NOT NULL,
    action     text NOT NULL,
    severity   text NOT NULL,
    actor_name text, -- none when the server did it
    note       text
);
CREATE INDEX alert_events_alert ON alert_events (alert_id, at, id);
