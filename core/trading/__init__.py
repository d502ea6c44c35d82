"""What we own and want: orders, ledger, fees, planner. Pure: no IO, no clock."""
