"""What must survive: PostgreSQL, sessions, the recorder."""
