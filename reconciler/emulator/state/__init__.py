"""What the emulator keeps: rows of one database, their history, and how it is told to behave."""
