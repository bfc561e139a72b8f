"""What pages of residents need besides the services: cards that are read, and their own words."""
