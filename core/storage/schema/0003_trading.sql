-- What the agent and the order manager did. Prices are YES prices; side b is a bid, a an ask.
-- row_no continues the numbering of the session's market data, so that one order joins them all.

create table rl_orders (
    ts_ms            bigint   not null,
    total_lots       bigint   not null,
    filled_lots      bigint   not null,
    session_id       int      not null,
    row_no           int      not null,
    market_id        int      not null,
    yes_price_pips   smallint not null,
    side             "char"   not null,
    client_order_id  text     not null,
    order_id         text     not null,
    state            text     not null,
    origin           text     not null,
    reason           text     not null
);
create index rl_orders_brin on rl_orders
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on table rl_orders is 'every change of an own order; the highest row_no is its last state';

create table rl_fills (
    ts_ms            bigint   not null,
    quantity_lots    bigint   not null,
    fee_micros       bigint   not null,
    position_lots    bigint   not null,
    cash_micros      bigint   not null,
    realized_micros  bigint   not null,
    session_id       int      not null,
    row_no           int      not null,
    market_id        int      not null,
    yes_price_pips   smallint not null,
    side             "char"   not null,
    is_taker         boolean  not null,
    trade_id         text     not null,
    order_id         text     not null,
    client_order_id  text     not null
);
create index rl_fills_brin on rl_fills
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on table rl_fills is 'position, cash and realised profit are those after the fill';

create table trading_actions (
    ts_ms            bigint   not null,
    session_id       int      not null,
    row_no           int      not null,
    market_id        int      not null,
    number           int      not null,
    action           smallint not null,
    probability      double precision,
    outcome          text     not null,
    reason           text     not null,
    client_order_id  text     not null,
    policy           text     not null
);
create index trading_actions_brin on trading_actions
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on column trading_actions.number is 'k of the decision instant, counted for this market';
comment on column trading_actions.action is
    '0 HOLD, 1 BUY_YES, 2 SELL_YES, 3 BUY_NO, 4 SELL_NO';

create table portfolio_syncs (
    ts_ms                bigint not null,
    cash_micros          bigint not null,
    reserved_micros      bigint not null,
    drift_cash_micros    bigint not null,
    drift_position_lots  bigint not null,
    session_id           int    not null,
    row_no               int    not null,
    drift_orders         int    not null
);
create index portfolio_syncs_brin on portfolio_syncs
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on table portfolio_syncs is 'drift is what the exchange reports minus what we had';
