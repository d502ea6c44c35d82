"""The exchange as a client sees it: signatures, wire forms, feed session, REST."""
