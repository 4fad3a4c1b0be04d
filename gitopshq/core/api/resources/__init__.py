"""What the kernel itself offers over the API: tokens, notifications, the trail."""
