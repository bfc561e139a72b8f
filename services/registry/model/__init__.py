"""The rules of the register; nothing here touches a database, a network or a clock."""
