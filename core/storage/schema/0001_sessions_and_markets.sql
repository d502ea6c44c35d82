-- Units are in the column names: pips ($0.0001), lots (0.01 contract), micros ($0.000001),
-- ms (Unix milliseconds). Wall times are this machine's, venue times the exchange's.

create table sessions (
    id                int generated always as identity primary key,
    mode              text   not null,
    venue             text   not null,
    source            text   not null,
    program_version   text   not null,
    started_wall_ms   bigint not null,
    started_venue_ms  bigint not null,
    ended_wall_ms     bigint,
    ended_venue_ms    bigint,
    snapshots         bigint not null default 0,
    deltas            bigint not null default 0,
    trades            bigint not null default 0,
    order_changes     bigint not null default 0,
    fills             bigint not null default 0,
    decisions         bigint not null default 0
);
comment on column sessions.ended_wall_ms is 'null while it runs, or if the program was killed';

create table markets (
    id              int generated always as identity primary key,
    ticker          text   not null unique,
    event_ticker    text   not null default '',
    title           text   not null default '',
    subtitle        text   not null default '',
    status          text   not null default '',
    open_ms         bigint not null default 0,
    close_ms        bigint not null default 0,
    result          text   not null default '',
    price_ranges    int[]  not null default '{}',
    taker_fee_rate  int    not null default 0,
    maker_fee_rate  int    not null default 0
);
comment on column markets.price_ranges is 'start, end, step in pips, repeated for each band';
comment on column markets.taker_fee_rate is 'units of 1e-5 of contracts x P x (1 - P)';
