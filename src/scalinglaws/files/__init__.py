"""A user's files -> arrays and columns. Every rule against hostile input stands here."""
