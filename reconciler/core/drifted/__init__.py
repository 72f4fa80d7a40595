"""What has drifted, since when and by whom, and how a spec would say it."""
