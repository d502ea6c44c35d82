"""The local exchange.

It imports neither the live book nor the live ledger, or agreeing with them would prove nothing.
"""
