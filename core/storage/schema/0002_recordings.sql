-- One row for each event of a session, in order of row_no, which counts over all tables.
-- No btree: an index costs more than the rows. BRIN finds a time span, and finds the rows of a
-- batch whose commit was in doubt.
--
-- recv_after_ms is when the row was received: wall ms since sessions.started_wall_ms.
-- Columns stand widest first, and an absent client_order_id is '' instead of null: null would
-- widen the header of every row by 8 bytes.
-- Books are in the exchange's own terms: side y or n, price of that side's bids.

create table orderbook_deltas (
    ts_ms            bigint   not null,
    session_id       int      not null,
    row_no           int      not null,
    market_id        int      not null,
    recv_after_ms    int      not null,
    sid              int      not null,
    seq              int      not null,
    delta_lots       int      not null,
    price_pips       smallint not null,
    side             "char"   not null,
    client_order_id  text     not null
);
create index orderbook_deltas_brin on orderbook_deltas
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on column orderbook_deltas.client_order_id is 'own order that caused it, else empty';

create table orderbook_snapshots (
    ts_ms          bigint     not null,
    session_id     int        not null,
    row_no         int        not null,
    market_id      int        not null,
    recv_after_ms  int        not null,
    sid            int        not null,
    seq            int        not null,
    yes_bid_pips   smallint[] not null,
    yes_bid_lots   bigint[]   not null,
    no_bid_pips    smallint[] not null,
    no_bid_lots    bigint[]   not null
);
create index orderbook_snapshots_brin on orderbook_snapshots
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on table orderbook_snapshots is 'levels ascend by the price of their own side';

-- From here on prices are YES prices; side b is a bid (buys YES), a an ask (sells YES).

create table trades (
    ts_ms           bigint   not null,
    quantity_lots   bigint   not null,
    session_id      int      not null,
    row_no          int      not null,
    market_id       int      not null,
    recv_after_ms   int      not null,
    sid             int      not null,
    seq             int      not null,
    yes_price_pips  smallint not null,
    taker_side      "char"   not null,
    is_inferred     boolean  not null,
    trade_id        text     not null
);
create index trades_brin on trades
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on column trades.is_inferred is 'deduced from the books of a source without trades';
