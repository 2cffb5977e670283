"""The only code that reads foreign formats or opens a connection: one module a source."""
