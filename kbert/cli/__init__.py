"""The `kbert` command: one small file a command; each parses, calls one function of the library, and prints."""
