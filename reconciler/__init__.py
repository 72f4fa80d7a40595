"""acs-reconciler: desired state for Azure Communication Services and their managed identities."""

__version__ = "0.1.0"
