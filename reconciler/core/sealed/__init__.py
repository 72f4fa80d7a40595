"""Files that are held against reality: plans, receipts, snapshots, and the way back."""
