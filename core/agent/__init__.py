"""Who decides: policies and the actor that runs them. Pure: no IO, no clock."""
