"""Every statement scheduling asks its database, one function each."""
