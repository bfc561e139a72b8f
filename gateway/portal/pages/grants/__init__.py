"""Pages of grant orders: what providers are asked, say, and are paid."""
