-- +goose Up

-- What happened and who has yet to hear of it: one row a message and consumer,
-- written in the transaction that made it happen, deleted in the transaction
-- that dealt with it.
CREATE TABLE outbox (
    id         integer PRIMARY KEY,
    consumer   text NOT NULL,
    topic      text NOT NULL,
    subject    text NOT NULL,
    payload    text NOT NULL CHECK (json_valid(payload)),
    happened_at datetime NOT NULL,
    due_at     datetime NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    error      text
);
CREATE INDEX outbox_due ON outbox (consumer, due_at, id);
