"""The shell around the core: reads what is there, carries a plan out. Knows Azure only by ports."""
