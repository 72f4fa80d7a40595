"""The door to DNS: looks records up at the servers of their zone, and at resolvers."""
