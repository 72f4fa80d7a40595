"""Files that are held against reality: plans, receipts, snapshots, signatures."""
