"""Qt item models: rows in, text and roles out."""
