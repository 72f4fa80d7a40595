"""When to send, send again, wait or stop: budgets, error codes, what moved meanwhile."""
