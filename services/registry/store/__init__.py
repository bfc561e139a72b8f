"""Every statement the registry asks its database, one function each."""
