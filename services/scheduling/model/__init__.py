"""The rules of times and places; nothing here touches a database, a network or a clock."""
