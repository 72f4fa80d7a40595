"""Azure Resource Manager itself: resources, providers, Resource Graph, the activity log."""
