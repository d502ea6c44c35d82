"""What is traded: markets, ticks, order books. Pure: no IO, no clock."""
