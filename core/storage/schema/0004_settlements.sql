-- What a determined market paid us.

create table settlement_payouts (
    ts_ms          bigint   not null,
    position_lots  bigint   not null,
    payout_micros  bigint   not null,
    cash_micros    bigint   not null,
    session_id     int      not null,
    row_no         int      not null,
    market_id      int      not null,
    yes_pips       smallint not null
);
create index settlement_payouts_brin on settlement_payouts
    using brin (ts_ms, session_id, row_no) with (autosummarize = on);
comment on table settlement_payouts is 'position that was paid out, and cash after it';
