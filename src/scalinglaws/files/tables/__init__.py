"""Tables by format: the names of their columns, and the columns asked for."""
