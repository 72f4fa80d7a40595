"""Services beside Azure that hear of plans and drift: chats, and the home of the repository."""
