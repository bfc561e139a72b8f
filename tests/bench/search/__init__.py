"""What row `search` runs."""
