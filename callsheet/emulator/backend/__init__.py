"""What stands behind the API: the queue of work, prices, webhooks, repositories."""
